data "azurerm_client_config" "current" {}

resource "azurerm_key_vault" "this" {
  name                       = "${var.name}-kv"
  location                   = azurerm_resource_group.this.location
  resource_group_name        = azurerm_resource_group.this.name
  tenant_id                  = data.azurerm_client_config.current.tenant_id
  sku_name                   = "standard"
  rbac_authorization_enabled = true
  purge_protection_enabled   = true
  soft_delete_retention_days = 90

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_user_assigned_identity" "gateway" {
  name                = "${var.name}-gateway"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
}

resource "azurerm_role_assignment" "gateway_reads" {
  scope                = azurerm_key_vault.this.id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.gateway.principal_id
}

resource "azurerm_role_assignment" "operators_write" {
  for_each = var.operators

  scope                = azurerm_key_vault.this.id
  role_definition_name = "Key Vault Secrets Officer"
  principal_id         = each.value
}

resource "azurerm_key_vault_secret" "database_url" {
  name         = "database-url"
  key_vault_id = azurerm_key_vault.this.id
  content_type = "text/plain"

  value = join("", [
    "postgres://${azurerm_postgresql_flexible_server.this.administrator_login}:${random_password.database.result}",
    "@${azurerm_postgresql_flexible_server.this.fqdn}:5432",
    "/${azurerm_postgresql_flexible_server_database.this.name}?sslmode=verify-full",
  ])

  depends_on = [azurerm_role_assignment.operators_write]
}

# Keys are made by people on their own machine and written here by them, so that they stand in no state file:
# docs/deployment.md has the commands. The app names them and starts once they are there.
locals {
  keys = {
    VAULT_KEYS   = "vault-keys"
    AUDIT_KEY    = "audit-key"
    COOKIE_KEYS  = "cookie-keys"
    SIGNING_KEYS = "signing-keys"
  }
}
