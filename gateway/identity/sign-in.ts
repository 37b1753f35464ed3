import { createHash } from "node:crypto";
import { SYSTEM_ORG } from "../database/audit-events.ts";
import { findPersonalOrg } from "../database/orgs.ts";
import { type Allowance, countUse, forgetUses } from "../database/rate-counters.ts";
import type { UserRow } from "../database/schema.ts";
import { findByEmail, type User } from "../database/users.ts";
import type { IdentityContext } from "./context.ts";
import { plainEmail } from "./users.ts";

/** Start values: enough for a person who tries the passwords they know, too few to guess with. */
export const PER_ACCOUNT = { max: 5, windowMs: 15 * 60_000 };
export const PER_ADDRESS = { max: 30, windowMs: 60_000 };

export interface Locked {
  locked: true;
  retryAfterSeconds: number;
}

export interface Attempt {
  email: string;
  password: string;
  /** Where the request comes from: `request.ip`. */
  address: string;
  requestId?: string;
}

/**
 * Who this is; undefined when the pair is wrong, without saying which half. Unknown accounts cost and lock the same.
 * `locked` is answered without looking at the password, so it tells nothing either.
 */
export async function checkPassword(context: IdentityContext, attempt: Attempt): Promise<User | Locked | undefined> {
  const { db, passwords } = context;
  const email = plainEmail(attempt.email);
  const use = await countAttempt(context, email, attempt.address);
  const row = await findByEmail(db, email);
  if (!use.allowed) {
    if (use.firstRefusal) await recordDenial(context, row, "rate", attempt.requestId);
    return { locked: true, retryAfterSeconds: use.retryAfterSeconds };
  }
  const right = await passwords.verify(row?.disabled_at === null ? row.password : undefined, attempt.password);
  if (!row || !right) {
    await recordDenial(context, row, "password", attempt.requestId);
    return undefined;
  }
  await forgetUses(db, accountKey(email));
  await recordSignIn(context, row, attempt.requestId);
  const { password: _, ...user } = row;
  return user;
}

async function countAttempt({ db, clock }: IdentityContext, email: string, address: string): Promise<Allowance> {
  const now = clock.now();
  const byAddress = await countUse(db, `sign-in-address:${address}`, PER_ADDRESS, now);
  return byAddress.allowed ? await countUse(db, accountKey(email), PER_ACCOUNT, now) : byAddress;
}

/** Hashed, so that the counters are no list of who tried to sign in. */
const accountKey = (email: string) => `sign-in-account:${createHash("sha256").update(email).digest("base64url")}`;

async function recordSignIn(context: IdentityContext, { id }: UserRow, requestId?: string) {
  const org = await auditOrg(context, id);
  await context.audit.record({ org, type: "sign-in", actor: { id, type: "user" }, status: "success", requestId });
}

async function recordDenial(
  context: IdentityContext,
  row: UserRow | undefined,
  rule: "rate" | "password",
  requestId?: string,
) {
  await context.audit.record({
    org: row ? await auditOrg(context, row.id) : SYSTEM_ORG,
    type: "sign-in",
    actor: { id: row?.id ?? "unknown", type: "user" },
    status: "denied",
    rule,
    requestId,
  });
}

/** Events about a person belong to their own organisation. */
export async function auditOrg({ db }: Pick<IdentityContext, "db">, userId: string): Promise<string> {
  return (await findPersonalOrg(db, userId))?.id ?? SYSTEM_ORG;
}
