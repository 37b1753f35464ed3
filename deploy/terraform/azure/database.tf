resource "random_password" "database" {
  length  = 40
  special = false
}

# Reachable from the subnet of the apps alone. The administrator of a Flexible Server is no superuser, so row-level
# security holds for it too.
resource "azurerm_postgresql_flexible_server" "this" {
  name                          = "${var.name}-db"
  resource_group_name           = azurerm_resource_group.this.name
  location                      = azurerm_resource_group.this.location
  version                       = "17"
  sku_name                      = var.database_sku
  storage_mb                    = 65536
  auto_grow_enabled             = true
  backup_retention_days         = var.backup_days
  delegated_subnet_id           = azurerm_subnet.database.id
  private_dns_zone_id           = azurerm_private_dns_zone.database.id
  public_network_access_enabled = false
  administrator_login           = "vendorsmith"
  administrator_password        = random_password.database.result
  zone                          = "1"

  high_availability {
    mode                      = "ZoneRedundant"
    standby_availability_zone = "2"
  }

  depends_on = [azurerm_private_dns_zone_virtual_network_link.database]

  lifecycle {
    prevent_destroy = true
  }
}

resource "azurerm_postgresql_flexible_server_database" "this" {
  name      = "vendorsmith"
  server_id = azurerm_postgresql_flexible_server.this.id

  lifecycle {
    prevent_destroy = true
  }
}
