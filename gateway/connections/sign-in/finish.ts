import { z } from "zod";
import { Secret, type SignedIn, type SignIn, ToolError, type Vendor } from "../../../runtime/index.ts";
import { boundTo } from "../../database/boxes.ts";
import { type Connection, findConnection, findShared } from "../../database/connections.ts";
import { tokenHash } from "../../database/ids.ts";
import { roleOf } from "../../database/members.ts";
import { takeVendorSignIn, type VendorSignIn } from "../../database/vendor-sign-ins.ts";
import type { House } from "../client.ts";
import { saveConnection } from "../connections.ts";
import { countCheck, verifyKeys } from "../verify.ts";
import { SignInEnded, tokensForCode } from "./oauth-client.ts";
import type { VendorTokens } from "./vendor-tokens.ts";

/** What a vendor sent the browser back with. */
export interface Returned {
  readonly state?: string;
  readonly code?: string;
  readonly error?: string;
  /** Who answers (RFC 9207), where the vendor says so. */
  readonly iss?: string;
}

interface Whose {
  readonly user: string;
  readonly session: string;
}

export type Finished =
  | { readonly ok: true; readonly connection: Connection; readonly isNew: boolean; readonly returnTo: string }
  | {
      readonly ok: false;
      readonly reason: "unknown" | "denied" | "refused" | "failed" | "replaced";
      /** In words of ours. */
      readonly text: string;
      /** A path of ours where the person can try again. */
      readonly again: string;
    };

/**
 * Finishes a sign-in that this browser began: code for tokens, tokens tried with one small call, and only then stored.
 * Whatever happens, the state is used up.
 */
export async function finishSignIn(
  house: House,
  vendor: Vendor,
  { user, session }: Whose,
  returned: Returned,
): Promise<Finished> {
  const { slug, title } = vendor;
  const now = house.clock.now();
  const pending =
    returned.state === undefined
      ? undefined
      : await takeVendorSignIn(house.db, {
          state: tokenHash(returned.state),
          session: tokenHash(session),
          vendor: slug,
          now,
        });
  if (pending?.user_id !== user) return overOrElsewhere(slug, title);
  // The organisation is the one it was begun for, whichever the browser is in by now.
  const { org_id: org } = pending;
  if (!(await roleOf(house.db, { org, user }))) return overOrElsewhere(slug, title);
  const failed = (reason: "denied" | "refused" | "failed" | "replaced", text: string): Finished => ({
    ok: false,
    reason,
    text,
    again: reason === "replaced" ? "/settings/vendors" : againOf(pending),
  });

  const { values, verifier } = await unsealed(house, pending);
  const parsed = vendor.credentials.parse(values);
  const signIn = parsed.ok ? vendor.signIn?.(parsed.value) : undefined;
  if (!parsed.ok || !signIn) return failed("failed", `The set-up of ${title} changed meanwhile. Nothing was stored.`);
  if (returned.iss !== undefined && !isFrom(returned.iss, signIn))
    return failed("refused", `Somebody other than ${title} answered. Nothing was stored.`);
  if (returned.error === "access_denied") {
    countCheck(house, vendor, "connect", "denied");
    return failed("denied", `${title} says that access was not allowed. Nothing was stored.`);
  }
  if (returned.code === undefined)
    return failed(
      "refused",
      `${title} did not finish the sign-in: check the client ID and the redirect address there. Nothing was stored.`,
    );

  const shared = pending.shared === 1;
  const replaces = await replacedBy(house, pending);
  if (pending.connection_id && !replaces) return failed("replaced", GONE);

  try {
    const { guard } = house.lanes.visit({ org_id: org, vendor: slug }, vendor.limits);
    const { code } = returned;
    const target = { vendor: title, url: signIn.tokenUrl };
    const tokens = await guard.run(target, () => tokensForCode(house, { vendor, signIn }, { code, verifier }));
    const outcome = await verifyKeys(house, {
      vendor,
      org,
      credentials: parsed.value,
      signedIn: justSignedIn(tokens),
    });
    if (!outcome.ok) return failed("failed", `You are signed in, but ${outcome.text} Nothing was stored.`);
    const credentials = parsed.value as object; // every vendor's credentials are an object of its fields
    const { label } = pending;
    const whose = { org, user, shared };
    const connection = await saveConnection(house, { ...whose, vendor: slug, credentials, tokens, label, replaces });
    return { ok: true, connection, isNew: !replaces, returnTo: pending.return_to };
  } catch (error) {
    if (error instanceof ToolError && error.code === "VENDOR_CONFLICT") return failed("replaced", GONE);
    if (error instanceof SignInEnded) {
      countCheck(house, vendor, "connect", "refused");
      return failed(
        "refused",
        `${title} did not accept the sign-in: check the client ID there, then try again. Nothing was stored.`,
      );
    }
    if (!(error instanceof ToolError)) throw error;
    countCheck(house, vendor, "connect", "unreachable");
    return failed(
      "failed",
      `${title} could not be asked for the sign-in. Try again in some minutes. Nothing was stored.`,
    );
  }
}

const GONE = "This connection was replaced or revoked meanwhile. Nothing was stored.";

async function replacedBy({ db }: House, { connection_id: id, org_id: org, user_id: user, shared }: VendorSignIn) {
  if (!id) return undefined;
  return shared ? await findShared(db, { org, id }) : await findConnection(db, { org, user, id });
}

const overOrElsewhere = (slug: string, title: string): Finished => ({
  ok: false,
  reason: "unknown",
  text: `This sign-in at ${title} is over, or it was begun in another browser. Nothing was stored.`,
  again: `/connect/${slug}`,
});

/** The form that the person came from. */
function againOf({ return_to, vendor, connection_id }: VendorSignIn): string {
  if (return_to.startsWith("/interaction/")) return return_to;
  return `/connect/${vendor}${connection_id ? `?replace=${connection_id}` : ""}`;
}

const Sealed = z.object({ values: z.record(z.string(), z.string()), verifier: z.string() });

async function unsealed({ vault }: House, { box, state_hash, user_id }: VendorSignIn) {
  return Sealed.parse(JSON.parse(await vault.box.open(box, boundTo.vendorSignIn(state_hash, user_id))));
}

/** Vendors name themselves by an address of theirs; a stranger's answer must not be taken for theirs. */
function isFrom(issuer: string, { authorizeUrl, tokenUrl }: SignIn): boolean {
  const origin = URL.parse(issuer)?.origin;
  return origin === new URL(authorizeUrl).origin || origin === new URL(tokenUrl).origin;
}

/** For the first small call, before anything is stored. */
const justSignedIn = ({ accessToken }: VendorTokens): SignedIn => ({
  token: async () => new Secret(accessToken),
  refuse: async () => {},
});
