import { createHash } from "node:crypto";
import type { SignIn, Vendor } from "../../../runtime/index.ts";
import { boundTo } from "../../database/boxes.ts";
import { type Connection, isShared } from "../../database/connections.ts";
import { newToken, tokenHash } from "../../database/ids.ts";
import { addVendorSignIn } from "../../database/vendor-sign-ins.ts";
import type { House } from "../client.ts";
import { authorizeAddress } from "./oauth-client.ts";

/** Somebody leaves for a vendor's sign-in page. */
export interface Leaving {
  readonly vendor: Vendor;
  readonly signIn: SignIn;
  /** What was typed, as text. */
  readonly values: Readonly<Record<string, string>>;
  readonly org: string;
  readonly user: string;
  /** The bearer value of the browser session, which alone may finish. */
  readonly session: string;
  readonly label?: string;
  readonly replaces?: Connection;
  /** It will be the organisation's. */
  readonly shared?: boolean;
  /** A path of ours, for when it worked. */
  readonly returnTo: string;
}

/** As long as an authorize request of an app waits for its person. */
const LIFETIME_MS = 15 * 60_000;

/**
 * The address at the vendor to send this browser to. The state in it is random, counts once, and only in the browser session and
 * for the person that began; what was typed waits sealed until then.
 */
export async function beginSignIn(house: House, leaving: Leaving): Promise<string> {
  const { db, vault, clock } = house;
  const { vendor, signIn, org, user, session, label = "", replaces, returnTo } = leaving;
  const [state, verifier] = [newToken(), newToken()];
  const stateHash = tokenHash(state);
  const now = clock.now();
  await addVendorSignIn(
    db,
    {
      state_hash: stateHash,
      session_hash: tokenHash(session),
      org_id: org,
      user_id: user,
      vendor: vendor.slug,
      connection_id: replaces?.id ?? null,
      shared: leaving.shared || (replaces && isShared(replaces)) ? 1 : 0,
      label,
      return_to: returnTo,
      box: await vault.box.seal(
        JSON.stringify({ values: leaving.values, verifier }),
        boundTo.vendorSignIn(stateHash, user),
      ),
      expires_at: now + LIFETIME_MS,
    },
    now,
  );
  return authorizeAddress(house, { vendor, signIn }, { state, challenge: challengeOf(verifier) });
}

/** RFC 7636, S256. */
const challengeOf = (verifier: string) => createHash("sha256").update(verifier).digest("base64url");
