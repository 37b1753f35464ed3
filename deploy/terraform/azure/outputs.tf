output "address" {
  description = "Where Azure serves the gateway; the name that people type is a CNAME of it."
  value       = azurerm_container_app.gateway.ingress[0].fqdn
}

output "domain_verification" {
  description = "The text of the TXT record asuid.<public_host> that Azure wants before it binds a certificate."
  value       = azurerm_container_app.gateway.custom_domain_verification_id
  sensitive   = true
}

output "key_vault" {
  description = "Where the keys are written."
  value       = azurerm_key_vault.this.name
}
