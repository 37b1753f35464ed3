import { tokenHash } from "../database/ids.ts";
import { countUse, forgetUses } from "../database/rate-counters.ts";
import { deleteSessionsOf } from "../database/sessions.ts";
import { findWithPassword, setPassword } from "../database/users.ts";
import type { IdentityContext } from "./context.ts";
import { auditOrg, type Locked, PER_ACCOUNT } from "./sign-in.ts";
import { checkNewPassword } from "./users.ts";

export interface PasswordChange {
  userId: string;
  /** Not looked at for who has none yet: the caller has made sure otherwise who they are. */
  current: string;
  next: string;
  /** The session that asks, which stays. */
  keepToken?: string;
  requestId?: string;
}

/** Ends every other session. @throws IdentityError when the new password will not do */
export async function changePassword(
  context: IdentityContext,
  { userId, current, next, keepToken, requestId }: PasswordChange,
): Promise<"changed" | "wrong" | Locked> {
  const row = await findWithPassword(context.db, userId);
  checkNewPassword(next, row?.email ?? "");
  const key = `password-change:${userId}`;
  const use = await countUse(context.db, key, PER_ACCOUNT, context.clock.now());
  if (!use.allowed) return { locked: true, retryAfterSeconds: use.retryAfterSeconds };
  const event = {
    org: await auditOrg(context, userId),
    type: "password.change",
    actor: { id: userId, type: "user" },
    requestId,
  } as const;
  const isFirst = row?.password === "";
  if (!isFirst && !(await context.passwords.verify(row?.password, current))) {
    await context.audit.record({ ...event, status: "denied", rule: "password" });
    return "wrong";
  }
  const hash = await context.passwords.hash(next);
  await context.audit.atomically(async (trx, record) => {
    await setPassword(trx, userId, hash);
    await deleteSessionsOf(trx, userId, keepToken && tokenHash(keepToken));
    await forgetUses(trx, key);
    await record({ ...event, status: "success" });
  });
  return "changed";
}
