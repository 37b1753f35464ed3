import { createHash } from "node:crypto";
import { SYSTEM_ORG } from "../database/audit-events.ts";
import { tokenHash } from "../database/ids.ts";
import { findPersonalOrg } from "../database/orgs.ts";
import { countUse, forgetUses } from "../database/rate-counters.ts";
import type { UserRow } from "../database/schema.ts";
import * as sessions from "../database/sessions.ts";
import { findByEmail, findWithPassword, setPassword, type User } from "../database/users.ts";
import type { IdentityContext } from "./context.ts";
import { checkNewPassword } from "./users.ts";

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
export async function checkPassword(
  context: IdentityContext,
  { email, password, address, requestId }: Attempt,
): Promise<User | Locked | undefined> {
  const { db, clock, passwords } = context;
  const account = accountKey(email);
  const locked = await tooMany(context, account, address);
  if (locked) return await denied(context, { rule: "rate", email, requestId }, locked);
  const row = await findByEmail(db, normal(email));
  const right = await passwords.verify(row?.disabled_at === null ? row.password : undefined, password);
  if (!row || !right) return await denied(context, { rule: "password", email, requestId }, undefined);
  await forgetUses(db, account);
  await context.audit.record({
    org: await auditOrg(context, row.id),
    type: "sign-in",
    actor: { id: row.id, type: "user" },
    status: "success",
    requestId,
  });
  return withoutPassword(row);

  async function tooMany({ db }: IdentityContext, account: string, address: string): Promise<Locked | undefined> {
    const byAddress = await countUse(db, `sign-in-address:${address}`, PER_ADDRESS, clock.now());
    const byAccount = byAddress.allowed ? await countUse(db, account, PER_ACCOUNT, clock.now()) : byAddress;
    return byAccount.allowed ? undefined : { locked: true, retryAfterSeconds: byAccount.retryAfterSeconds };
  }
}

/** Ends every other session. @returns "changed", or why not */
export async function changePassword(
  context: IdentityContext,
  { userId, current, next, keepToken }: { userId: string; current: string; next: string; keepToken?: string },
): Promise<"changed" | "wrong" | Locked> {
  checkNewPassword(next);
  const row = await findWithPassword(context.db, userId);
  const key = `password-change:${userId}`;
  const use = await countUse(context.db, key, PER_ACCOUNT, context.clock.now());
  if (!use.allowed) return { locked: true, retryAfterSeconds: use.retryAfterSeconds };
  const org = await auditOrg(context, userId);
  const actor = { id: userId, type: "user" } as const;
  if (!(await context.passwords.verify(row?.password, current))) {
    await context.audit.record({ org, type: "password.change", actor, status: "denied", rule: "password" });
    return "wrong";
  }
  const hash = await context.passwords.hash(next);
  await context.audit.atomically(async (trx, record) => {
    await setPassword(trx, userId, hash);
    await sessions.deleteSessionsOf(trx, userId, keepToken && tokenHash(keepToken));
    await forgetUses(trx, key);
    await record({ org, type: "password.change", actor, status: "success" });
  });
  return "changed";
}

const normal = (email: string) => email.normalize("NFKC").trim().toLowerCase();

/** Hashed, so that the counters are no list of who tried to sign in. */
const accountKey = (email: string) =>
  `sign-in-account:${createHash("sha256").update(normal(email)).digest("base64url")}`;

async function denied<Answer>(
  context: IdentityContext,
  { rule, email, requestId }: { rule: "rate" | "password"; email: string; requestId?: string },
  answer: Answer,
): Promise<Answer> {
  const row = await findByEmail(context.db, normal(email));
  await context.audit.record({
    org: row ? await auditOrg(context, row.id) : SYSTEM_ORG,
    type: "sign-in",
    actor: { id: row?.id ?? "unknown", type: "user" },
    status: "denied",
    rule,
    requestId,
  });
  return answer;
}

/** Events about a person belong to their own organisation. */
export async function auditOrg({ db }: Pick<IdentityContext, "db">, userId: string): Promise<string> {
  return (await findPersonalOrg(db, userId))?.id ?? SYSTEM_ORG;
}

const withoutPassword = ({ password: _, ...user }: UserRow): User => user;
