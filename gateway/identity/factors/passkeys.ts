import { z } from "zod";
import { tokenHash } from "../../database/ids.ts";
import * as passkeys from "../../database/passkeys.ts";
import { hasSecondFactor } from "../../database/second-factors.ts";
import type { IdentityContext } from "../context.ts";
import { auditOrg } from "../sign-in.ts";
import { findUser } from "../users.ts";
import { newRecoveryCodes } from "./recovery-codes.ts";
import { forgetCodesOfNone } from "./totp.ts";

export { listPasskeys } from "../../database/passkeys.ts";

/** Loaded with the first passkey: it is the largest library of the gateway, and most processes never see one. */
const webauthn = () => import("@simplewebauthn/server");

/** Whom passkeys are made for: our own address. */
export interface RelyingParty {
  readonly name: string;
  /** Scheme, host and port. */
  readonly origin: string;
}

interface Asking {
  /** The cookie of the browser that may answer. */
  readonly browser: string;
  /** Whose passkey it has to be; anybody's where nobody is known yet. */
  readonly userId?: string | undefined;
}

const CHALLENGE_MS = 5 * 60_000;
const TIMEOUT_MS = 2 * 60_000;

/** What the browser makes a passkey from, as JSON. */
export async function askForNewPasskey(
  context: IdentityContext,
  party: RelyingParty,
  { user, browser }: { user: { id: string; email: string; name: string }; browser: string },
) {
  const known = await passkeys.listPasskeys(context.db, user.id);
  const options = await (await webauthn()).generateRegistrationOptions({
    rpName: party.name,
    rpID: hostOf(party),
    userID: new TextEncoder().encode(user.id) as Uint8Array<ArrayBuffer>,
    userName: user.email,
    userDisplayName: user.name,
    timeout: TIMEOUT_MS,
    excludeCredentials: known.map(described),
    authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
  });
  await remember(context, options.challenge, { browser, userId: user.id });
  return options;
}

/**
 * What the browser asks a passkey to sign, as JSON.
 * @param alone whether nothing else says who this is: then the device has to be unlocked for it
 */
export async function askForPasskey(
  context: IdentityContext,
  party: RelyingParty,
  { alone, ...asking }: Asking & { alone: boolean },
) {
  const { userId } = asking;
  const own = userId ? await passkeys.listPasskeys(context.db, userId) : [];
  const options = await (await webauthn()).generateAuthenticationOptions({
    rpID: hostOf(party),
    timeout: TIMEOUT_MS,
    allowCredentials: own.map(described),
    userVerification: alone ? "required" : "preferred",
  });
  await remember(context, options.challenge, asking);
  return options;
}

const hostOf = ({ origin }: RelyingParty) => new URL(origin).hostname;

const described = ({ id, transports }: passkeys.Passkey) => ({ id, transports: transports.split(" ").filter(Boolean) });

async function remember({ db, clock }: IdentityContext, challenge: string, { browser, userId }: Asking) {
  const now = clock.now();
  const hashes = { challenge_hash: tokenHash(challenge), browser_hash: tokenHash(browser) };
  await passkeys.addChallenge(db, { ...hashes, user_id: userId ?? null, expires_at: now + CHALLENGE_MS }, now);
}

/** @returns whether this browser was asked that, for this person; the answer is used up */
const wasAsked =
  ({ db, clock }: IdentityContext, { browser, userId }: Asking) =>
  async (challenge: string) => {
    const hashes = { challenge: tokenHash(challenge), browser: tokenHash(browser) };
    const asked = await passkeys.takeChallenge(db, { ...hashes, now: clock.now() });
    return asked !== undefined && asked.user_id === (userId ?? null);
  };

const encoded = z.string().max(16_384);
const Answer = z.object({ id: encoded, rawId: encoded, type: z.literal("public-key") });
const Created = Answer.extend({
  response: z.object({
    clientDataJSON: encoded,
    attestationObject: encoded,
    transports: z.array(z.string().regex(/^[a-z-]{1,20}$/)).max(10).optional().catch(undefined), // biome-ignore format: one thought
  }),
});
const Signed = Answer.extend({
  response: z.object({ clientDataJSON: encoded, authenticatorData: encoded, signature: encoded, userHandle: encoded.nullish() }), // biome-ignore format: one thought
});

/** @returns the recovery codes, if these are the first; undefined when the answer does not fit */
export async function addPasskey(
  context: IdentityContext,
  party: RelyingParty,
  given: { userId: string; browser: string; name: string; credential: string; requestId?: string },
): Promise<{ codes: string[] } | undefined> {
  const { userId, requestId } = given;
  const made = await registered(context, party, given);
  if (!made) return undefined;
  const now = context.clock.now();
  const name = given.name.replace(/\p{C}/gu, "").trim().slice(0, 60) || "Passkey";
  const row = { ...made, user_id: userId, name, created_at: now, last_used_at: null };
  const org = await auditOrg(context, userId);
  return await context.audit.atomically(async (trx, record) => {
    const isFirst = !(await hasSecondFactor(trx, userId));
    if (!(await passkeys.addPasskey(trx, row))) return undefined;
    const actor = { id: userId, type: "user" } as const;
    await record({ org, type: "factor.add", actor, status: "success", requestId, detail: { factor: "passkey" } });
    return { codes: isFirst ? await newRecoveryCodes(trx, userId, now) : [] };
  });
}

async function registered(
  context: IdentityContext,
  party: RelyingParty,
  { credential, ...asking }: Asking & { credential: string },
) {
  const answer = Created.safeParse(jsonOf(credential));
  if (!answer.success) return undefined;
  const verified = await (await webauthn())
    .verifyRegistrationResponse({
      response: { ...answer.data, clientExtensionResults: {} } as never, // the library's names for transports are a closed list
      expectedChallenge: wasAsked(context, asking),
      expectedOrigin: party.origin,
      expectedRPID: hostOf(party),
      requireUserVerification: false,
    })
    .catch(() => undefined);
  if (!verified?.verified) return undefined;
  const { id, publicKey, counter } = verified.registrationInfo.credential;
  return { id, public_key: publicKey, counter, transports: (answer.data.response.transports ?? []).join(" ") };
}

/** @returns whose passkey signed; undefined when the answer does not fit, or nobody may sign in with it */
export async function checkPasskey(
  context: IdentityContext,
  party: RelyingParty,
  { credential, alone, ...asking }: Asking & { credential: string; alone: boolean },
): Promise<string | undefined> {
  const answer = Signed.safeParse(jsonOf(credential));
  const known = answer.success ? await passkeys.findPasskey(context.db, answer.data.id) : undefined;
  if (!known || (asking.userId !== undefined && known.user_id !== asking.userId)) return undefined;
  const verified = await (await webauthn())
    .verifyAuthenticationResponse({
      response: { ...answer.data, clientExtensionResults: {} } as never, // checked above
      expectedChallenge: wasAsked(context, asking),
      expectedOrigin: party.origin,
      expectedRPID: hostOf(party),
      requireUserVerification: alone,
      credential: { id: known.id, publicKey: new Uint8Array(known.public_key), counter: known.counter },
    })
    .catch(() => undefined);
  if (!verified?.verified) return undefined;
  const { newCounter } = verified.authenticationInfo;
  if (!(await passkeys.notePasskeyUse(context.db, known, newCounter, context.clock.now()))) return undefined;
  const user = await findUser(context.db, known.user_id);
  return user?.disabled_at === null ? user.id : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function removePasskey(
  context: IdentityContext,
  { userId, id, requestId }: { userId: string; id: string; requestId?: string },
): Promise<void> {
  const org = await auditOrg(context, userId);
  await context.audit.atomically(async (trx, record) => {
    if (!(await passkeys.deletePasskey(trx, userId, id))) return;
    await forgetCodesOfNone(trx, userId);
    const actor = { id: userId, type: "user" } as const;
    await record({ org, type: "factor.remove", actor, status: "success", requestId, detail: { factor: "passkey" } });
  });
}
