import { Secret, TOTP } from "otpauth";
import { boundTo } from "../../database/boxes.ts";
import type { Db } from "../../database/index.ts";
import * as factors from "../../database/second-factors.ts";
import type { IdentityContext } from "../context.ts";
import { auditOrg } from "../sign-in.ts";
import { newRecoveryCodes } from "./recovery-codes.ts";

const PERIOD_MS = 30_000;
/** A code of the step before or after counts as well: clocks differ, and people type slowly. */
const DRIFT = 1;

interface Whose {
  readonly userId: string;
  readonly requestId?: string;
}

/** A new secret, which asks for nothing until its first right code. Undefined where an app is set up already. */
export async function beginTotp({ db, vault, clock }: IdentityContext, userId: string): Promise<string | undefined> {
  const secret = new Secret({ size: 20 }).base32;
  const box = await vault.box.seal(secret, boundTo.totp(userId));
  const row = { user_id: userId, box, confirmed_at: null, last_step: 0, created_at: clock.now() };
  return (await factors.putTotp(db, row)) ? secret : undefined;
}

/** The secret whose first code is waited for. */
export async function unconfirmedTotp({ db, vault }: IdentityContext, userId: string): Promise<string | undefined> {
  const row = await factors.findTotp(db, userId);
  return row?.confirmed_at === null ? await vault.box.open(row.box, boundTo.totp(userId)) : undefined;
}

/** For an authenticator app, as a link and in its QR code. */
export const totpUri = (secret: string, { issuer, label }: { issuer: string; label: string }): string =>
  totpOf(secret, { issuer, label }).toString();

/** @returns the recovery codes, if these are the first; undefined for a wrong code */
export async function confirmTotp(context: IdentityContext, { userId, requestId, code }: Whose & { code: string }) {
  if (!(await checkTotp(context, { userId, code, confirmed: false }))) return undefined;
  const now = context.clock.now();
  const org = await auditOrg(context, userId);
  return await context.audit.atomically(async (trx, record) => {
    const isFirst = !(await factors.hasSecondFactor(trx, userId));
    await factors.confirmTotp(trx, userId, now);
    const actor = { id: userId, type: "user" } as const;
    await record({ org, type: "factor.add", actor, status: "success", requestId, detail: { factor: "totp" } });
    return { codes: isFirst ? await newRecoveryCodes(trx, userId, now) : [] };
  });
}

/** Right, and not used before. */
export async function checkTotp(
  { db, vault, clock }: IdentityContext,
  { userId, code, confirmed = true }: { userId: string; code: string; confirmed?: boolean },
): Promise<boolean> {
  const row = await factors.findTotp(db, userId);
  if (!row || (row.confirmed_at !== null) !== confirmed) return false;
  const now = clock.now();
  const totp = totpOf(await vault.box.open(row.box, boundTo.totp(userId)));
  const drift = totp.validate({ token: code.replace(/\s/g, ""), timestamp: now, window: DRIFT });
  return drift !== null && (await factors.useTotpStep(db, userId, Math.floor(now / PERIOD_MS) + drift));
}

export async function removeTotp(context: IdentityContext, { userId, requestId }: Whose): Promise<void> {
  const org = await auditOrg(context, userId);
  await context.audit.atomically(async (trx, record) => {
    if (!(await factors.deleteTotp(trx, userId))) return;
    await forgetCodesOfNone(trx, userId);
    const actor = { id: userId, type: "user" } as const;
    await record({ org, type: "factor.remove", actor, status: "success", requestId, detail: { factor: "totp" } });
  });
}

/** Recovery codes stand in for a factor: without one they would open nothing and mislead. */
export async function forgetCodesOfNone(trx: Db, userId: string): Promise<void> {
  if (!(await factors.hasSecondFactor(trx, userId))) await factors.replaceRecoveryCodes(trx, userId, [], 0);
}

const totpOf = (secret: string, names: { issuer?: string; label?: string } = {}) =>
  new TOTP({ ...names, secret: Secret.fromBase32(secret), algorithm: "SHA1", digits: 6, period: PERIOD_MS / 1000 });
