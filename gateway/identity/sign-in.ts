import { createHash } from "node:crypto";
import { SYSTEM_ORG } from "../database/audit-events.ts";
import { findPersonalOrg } from "../database/orgs.ts";
import { type Allowance, countUse, forgetUses, networkOf } from "../database/rate-counters.ts";
import type { UserRow } from "../database/schema.ts";
import { findByEmail, type User } from "../database/users.ts";
import type { IdentityContext } from "./context.ts";
import type { Method } from "./sessions.ts";
import { plainEmail } from "./users.ts";

/** Start values: enough for a person who tries the passwords they know, too few to guess with. */
export const PER_ACCOUNT = { max: 5, windowMs: 15 * 60_000 };
/** Counted over all addresses. Higher, so that somebody who guesses from one does not keep the owner out. */
const PER_ACCOUNT_IN_ALL = { max: 30, windowMs: 15 * 60_000 };
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
  const keys = keysOf(email, networkOf(attempt.address));
  const use = await countAttempt(context, keys);
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
  for (const key of [keys.here, keys.everywhere]) await forgetUses(db, key);
  const { password: _, ...user } = row;
  return user;
}

/** What one count refuses uses up nothing of the next, which more people share. */
async function countAttempt({ db, clock }: IdentityContext, keys: ReturnType<typeof keysOf>): Promise<Allowance> {
  const now = clock.now();
  const byAddress = await countUse(db, keys.address, PER_ADDRESS, now);
  if (!byAddress.allowed) return byAddress;
  const here = await countUse(db, keys.here, PER_ACCOUNT, now);
  return here.allowed ? await countUse(db, keys.everywhere, PER_ACCOUNT_IN_ALL, now) : here;
}

/** The account is hashed, so that the counters are no list of who tried to sign in. */
function keysOf(email: string, network: string) {
  const account = createHash("sha256").update(email).digest("base64url");
  return {
    address: `sign-in-address:${network}`,
    here: `sign-in-account:${account}:${network}`,
    everywhere: `sign-in-account:${account}`,
  };
}

export interface SignInDone {
  userId: string;
  methods: readonly Method[];
  /** Somebody who was signed in showed again who they are. */
  again?: boolean;
  requestId?: string;
}

/** Written before there is a session, so that none is without its event. */
export async function recordSignIn(context: IdentityContext, { userId, methods, again, requestId }: SignInDone) {
  const org = await auditOrg(context, userId);
  const detail = { method: methods.join(" "), ...(again && { again }) };
  const actor = { id: userId, type: "user" } as const;
  await context.audit.record({ org, type: "sign-in", actor, status: "success", requestId, detail });
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
