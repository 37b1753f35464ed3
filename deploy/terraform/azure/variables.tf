variable "subscription_id" {
  description = "The subscription that pays for all of this."
  type        = string
}

variable "name" {
  description = "Begins the name of every resource."
  type        = string
  default     = "vendorsmith"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,15}$", var.name))
    error_message = "Three to sixteen small letters, digits and hyphens, a letter first."
  }
}

variable "location" {
  description = "The region. Credentials and the record stay in it."
  type        = string
  default     = "westeurope"
}

variable "image" {
  description = "The image with its version, such as ghcr.io/example/vendorsmith:0.1.0."
  type        = string

  validation {
    condition     = can(regex("(:[0-9]+\\.[0-9]+\\.[0-9]+|@sha256:[0-9a-f]{64})$", var.image))
    error_message = "An exact version or a digest, never a tag that moves."
  }
}

variable "public_host" {
  description = "The name that people type. Its certificate is bound after the first apply, see docs/deployment.md."
  type        = string
}

variable "operators" {
  description = "Object ids of the people or groups that may write secrets into the key vault."
  type        = set(string)
}

variable "min_replicas" {
  description = "At least so many replicas, so that one may go."
  type        = number
  default     = 2
}

variable "max_replicas" {
  description = "At most so many replicas. Each holds up to its own pool of database connections."
  type        = number
  default     = 6
}

variable "database_sku" {
  description = "Size of PostgreSQL Flexible Server."
  type        = string
  default     = "GP_Standard_D2ds_v5"
}

variable "backup_days" {
  description = "How long PostgreSQL keeps its backups."
  type        = number
  default     = 14
}
