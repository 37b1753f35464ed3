import type { Audit } from "../audit/audit.ts";
import type { Db } from "../database/index.ts";
import type { Regions } from "../policy/regions.ts";
import type { Vault } from "../vault/vault.ts";
import type { Passwords } from "./passwords.ts";

/** What identity needs of the gateway; the Fastify instance has all of it. */
export interface IdentityContext {
  readonly db: Db;
  readonly clock: { now(): number };
  readonly audit: Audit;
  readonly vault: Vault;
  readonly passwords: Passwords;
  readonly config: { readonly regions: Regions };
}
