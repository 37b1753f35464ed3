import { newToken, tokenHash } from "../../database/ids.ts";
import { countUse, forgetUses } from "../../database/rate-counters.ts";
import * as factors from "../../database/second-factors.ts";
import type { IdentityContext } from "../context.ts";
import type { Method } from "../sessions.ts";
import { auditOrg, type Locked, PER_ACCOUNT } from "../sign-in.ts";
import { findUser } from "../users.ts";
import { spendRecoveryCode } from "./recovery-codes.ts";
import { checkTotp } from "./totp.ts";

export { hasSecondFactor } from "../../database/second-factors.ts";

/** Somebody who gave a first proof of who they are, and has not given the second. */
export interface FirstStep {
  readonly userId: string;
  readonly methods: readonly Method[];
  readonly authenticatedAt: number;
  /** The session to renew, where they are signed in already. */
  readonly session?: string | undefined;
  readonly interaction?: string | undefined;
  readonly next: string;
}

export const PENDING_MS = 5 * 60_000;

/** @returns a token for the cookie, which leads to one session */
export async function beginSecondStep({ db, clock }: IdentityContext, step: FirstStep): Promise<string> {
  const token = newToken();
  const now = clock.now();
  const row = {
    token_hash: tokenHash(token),
    user_id: step.userId,
    methods: step.methods.join(" "),
    authenticated_at: step.authenticatedAt,
    session_hash: step.session ? tokenHash(step.session) : null,
    interaction: step.interaction ?? null,
    return_to: step.next,
    expires_at: now + PENDING_MS,
  };
  await factors.addPendingSignIn(db, row, now);
  return token;
}

export interface Pending extends Omit<FirstStep, "session"> {
  readonly sessionHash: string | null;
}

export async function pendingSignIn({ db, clock }: IdentityContext, token: string): Promise<Pending | undefined> {
  const row = await factors.findPendingSignIn(db, tokenHash(token), clock.now());
  return row && pendingOf(row);
}

/** Once; undefined for one that is over, and for a person who was switched off meanwhile. */
export async function takePending({ db, clock }: IdentityContext, token: string): Promise<Pending | undefined> {
  const row = await factors.takePendingSignIn(db, tokenHash(token), clock.now());
  const user = row && (await findUser(db, row.user_id));
  return user?.disabled_at === null ? pendingOf(row!) : undefined;
}

const pendingOf = (row: factors.PendingSignIn): Pending => ({
  userId: row.user_id,
  methods: row.methods.split(" ") as Method[], // written above alone
  authenticatedAt: row.authenticated_at,
  sessionHash: row.session_hash,
  interaction: row.interaction ?? undefined,
  next: row.return_to,
});

/** Which factor a typed code is of, used up by that; undefined for a wrong one. Five wrong ones end it for a while. */
export async function checkCode(
  context: IdentityContext,
  { userId, code, requestId }: { userId: string; code: string; requestId?: string },
): Promise<"totp" | "recovery" | Locked | undefined> {
  const { db, clock } = context;
  const key = `second-factor:${userId}`;
  const use = await countUse(db, key, PER_ACCOUNT, clock.now());
  if (!use.allowed) {
    if (use.firstRefusal) await recordDenied(context, { userId, rule: "rate", requestId });
    return { locked: true, retryAfterSeconds: use.retryAfterSeconds };
  }
  const method = await methodOf(context, userId, code);
  if (method) await forgetUses(db, key);
  else await recordDenied(context, { userId, rule: "second-factor", requestId });
  return method;
}

async function methodOf(context: IdentityContext, userId: string, code: string) {
  if (await checkTotp(context, { userId, code })) return "totp" as const;
  return (await spendRecoveryCode(context.db, userId, code)) ? ("recovery" as const) : undefined;
}

export async function recordDenied(
  context: IdentityContext,
  { userId, rule, requestId }: { userId: string; rule: string; requestId?: string | undefined },
): Promise<void> {
  const org = await auditOrg(context, userId);
  const actor = { id: userId, type: "user" } as const;
  await context.audit.record({ org, type: "sign-in", actor, status: "denied", rule, requestId });
}
