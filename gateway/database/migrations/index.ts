import type { Migration } from "kysely/migration";
import { start } from "./0001-start.ts";
import { allVendors } from "./0002-all-vendors.ts";
import { vendorSignIn } from "./0003-vendor-sign-in.ts";
import { extendedTools } from "./0004-extended-tools.ts";
import { policies } from "./0005-policies.ts";
import { organisations } from "./0006-organisations.ts";
import { signIn } from "./0007-sign-in.ts";
import { programs } from "./0008-programs.ts";
import { customers } from "./0009-customers.ts";
import { approvals } from "./0010-approvals.ts";
import { auditTrail } from "./0011-audit-trail.ts";
import { usage } from "./0012-usage.ts";
import { rowSecurity } from "./0013-row-security.ts";
import { regions } from "./0014-regions.ts";
import { shared } from "./0015-shared.ts";
import { resultGenerations } from "./0016-result-generations.ts";
import { keyRotation } from "./0017-key-rotation.ts";
import { renewalFailures } from "./0019-renewal-failures.ts";
import { slimmerAuditIndexes } from "./0020-slimmer-audit-indexes.ts";
import { keyChecks } from "./0023-key-checks.ts";

/** What the two databases name differently, or one of them lacks. */
export interface Types {
  readonly bytes: "blob" | "bytea";
  /** Whether rows can be kept apart by policies: PostgreSQL. */
  readonly rowSecurity: boolean;
}

/** In the order they ran; a published one is never changed, a later one corrects it. */
export const migrations = (types: Types): Record<string, Migration> => ({
  "0001-start": start(types),
  "0002-all-vendors": allVendors,
  "0003-vendor-sign-in": vendorSignIn,
  "0004-extended-tools": extendedTools,
  "0005-policies": policies,
  "0006-organisations": organisations,
  "0007-sign-in": signIn(types),
  "0008-programs": programs,
  "0009-customers": customers,
  "0010-approvals": approvals,
  "0011-audit-trail": auditTrail(types),
  "0012-usage": usage,
  "0013-row-security": rowSecurity(types),
  "0014-regions": regions,
  "0015-shared": shared(types),
  "0016-result-generations": resultGenerations(types),
  "0017-key-rotation": keyRotation,
  "0019-renewal-failures": renewalFailures,
  "0020-slimmer-audit-indexes": slimmerAuditIndexes,
  "0023-key-checks": keyChecks,
});

export const migrationNames = (): string[] => Object.keys(migrations({ bytes: "blob", rowSecurity: false }));
