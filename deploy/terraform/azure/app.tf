resource "azurerm_log_analytics_workspace" "this" {
  name                = var.name
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  sku                 = "PerGB2018"
  retention_in_days   = 30
}

resource "azurerm_container_app_environment" "this" {
  name                       = var.name
  location                   = azurerm_resource_group.this.location
  resource_group_name        = azurerm_resource_group.this.name
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id
  infrastructure_subnet_id   = azurerm_subnet.apps.id

  workload_profile {
    name                  = "Consumption"
    workload_profile_type = "Consumption"
  }
}

resource "azurerm_container_app" "gateway" {
  name                         = var.name
  resource_group_name          = azurerm_resource_group.this.name
  container_app_environment_id = azurerm_container_app_environment.this.id
  revision_mode                = "Single"
  workload_profile_name        = "Consumption"

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.gateway.id]
  }

  secret {
    name                = "database-url"
    identity            = azurerm_user_assigned_identity.gateway.id
    key_vault_secret_id = azurerm_key_vault_secret.database_url.versionless_id
  }

  dynamic "secret" {
    for_each = local.keys

    content {
      name                = secret.value
      identity            = azurerm_user_assigned_identity.gateway.id
      key_vault_secret_id = "${azurerm_key_vault.this.vault_uri}secrets/${secret.value}"
    }
  }

  # Azure ends TLS. Calls within a minute of each other may reach any replica.
  ingress {
    external_enabled           = true
    target_port                = 3100
    transport                  = "http"
    allow_insecure_connections = false

    traffic_weight {
      latest_revision = true
      percentage      = 100
    }
  }

  template {
    min_replicas                     = var.min_replicas
    max_replicas                     = var.max_replicas
    termination_grace_period_seconds = 40

    container {
      name   = "gateway"
      image  = var.image
      cpu    = 0.5
      memory = "1Gi"

      env {
        name  = "PUBLIC_URL"
        value = "https://${var.public_host}"
      }

      # Envoy of the environment, which has addresses of its subnet and of Azure's own range.
      env {
        name  = "TRUST_PROXY"
        value = "10.60.0.0/23,100.100.0.0/17"
      }

      env {
        name  = "AUDIT_LOG_FILE"
        value = "off"
      }

      env {
        name        = "DATABASE_URL"
        secret_name = "database-url"
      }

      dynamic "env" {
        for_each = local.keys

        content {
          name        = env.key
          secret_name = env.value
        }
      }

      startup_probe {
        transport               = "HTTP"
        port                    = 3100
        path                    = "/health"
        interval_seconds        = 2
        failure_count_threshold = 30
      }

      liveness_probe {
        transport        = "HTTP"
        port             = 3100
        path             = "/health"
        interval_seconds = 15
        timeout          = 5
      }

      readiness_probe {
        transport        = "HTTP"
        port             = 3100
        path             = "/ready"
        interval_seconds = 5
        timeout          = 5
      }
    }

    http_scale_rule {
      name                = "requests"
      concurrent_requests = "40"
    }
  }

  depends_on = [azurerm_role_assignment.gateway_reads]
}
