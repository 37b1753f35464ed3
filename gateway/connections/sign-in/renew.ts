import { setTimeout as pause } from "node:timers/promises";
import { ToolError, type Vendor } from "../../../runtime/index.ts";
import type { Connection } from "../../database/connections.ts";
import { noteOnConnection } from "../../database/connections.ts";
import * as credentials from "../../database/credentials.ts";
import type { Purpose } from "../../vault/vault.ts";
import { credentialOf, type House, vendorOf } from "../client.ts";
import { signInAgain } from "./again.ts";
import { nextTokens, SignInEnded } from "./oauth-client.ts";
import { tokensIn, type VendorTokens, withTokens } from "./vendor-tokens.ts";

/** Who asks, for the audit log. */
export type Renewing = Pick<Purpose, "actor" | "actorType" | "callId" | "tool" | "client" | "grant" | "requestId">;

/** Longer than a vendor is waited for; whoever dies meanwhile holds others up for no longer. */
export const LEASE_MS = 30_000;
const LOOK_EVERY_MS = 200;
const MAX_WAIT_MS = 20_000;

/** What is stored now. */
export interface Stored {
  readonly tokens: VendorTokens;
  readonly version: number;
}

/** Renewals of this process under way, by connection; and for a while those that the vendor refused. */
export type Renewals = Map<string, Renewal>;

interface Renewal {
  readonly from: number;
  readonly flight: Promise<Stored>;
  /** Set when it was refused: until then the same tokens are not tried again. */
  refusedUntil?: number;
}

/** A loop of calls must not become a loop of sign-ins: vendors lock those out. */
const REFUSED_FOR_MS = 60_000;

/**
 * Other tokens than those of version `from`: renewed now, or by somebody else meanwhile. One renewal at a time per connection,
 * over all processes, because a refresh token may work only once; what it gave is stored before anybody uses it.
 * @throws ToolError VENDOR_AUTH when the person has to sign in again
 */
export function renewTokens(
  house: House,
  connection: Connection,
  from: number,
  asked: Renewing,
  /** The caller holds the lease of this version. */
  { leased = false }: { leased?: boolean } = {},
): Promise<Stored> {
  const { renewals, clock } = house;
  const known = renewals.get(connection.id);
  const isUnderWay = known && known.refusedUntil === undefined;
  const isRefused = known?.from === from && clock.now() < (known.refusedUntil ?? 0);
  if (known && (isUnderWay || isRefused)) return known.flight;
  const renewal: Renewal = { from, flight: renewed(house, connection, from, asked, leased) };
  renewals.set(connection.id, renewal);
  renewal.flight.then(forget, (error: unknown) => {
    if (error instanceof ToolError && error.code === "VENDOR_AUTH") renewal.refusedUntil = clock.now() + REFUSED_FOR_MS;
    else forget();
    if (!(error instanceof ToolError && error.code === "VENDOR_AUTH"))
      house.metrics.tokenRenewals.inc({ vendor: connection.vendor, outcome: "failed" });
  });
  return renewal.flight;

  function forget() {
    if (renewals.get(connection.id) === renewal) renewals.delete(connection.id);
  }
}

async function renewed(
  house: House,
  connection: Connection,
  from: number,
  asked: Renewing,
  leased: boolean,
): Promise<Stored> {
  const { db, clock, vault } = house;
  const key = { connection_id: connection.id, org_id: connection.org_id, owner_id: connection.owner_id };
  for (let waited = 0; waited < MAX_WAIT_MS; waited += LOOK_EVERY_MS) {
    const now = clock.now();
    const state = await credentials.credentialState(db, key);
    if (!state) throw new ToolError("NOT_CONNECTED", "This connection was revoked meanwhile.");
    if (state.version !== from) {
      const { secret, version } = await vault.openVersion(credentialOf(connection), { ...asked, kind: "refresh" });
      const tokens = tokensIn(secret);
      if (tokens) return { tokens, version };
      throw new ToolError("NOT_CONNECTED", "The keys of this connection were replaced meanwhile.");
    }
    const lease = { ...key, version: from };
    const isOurs = leased && waited === 0;
    if (isOurs || (await credentials.leaseCredential(db, lease, { now, until: now + LEASE_MS }))) {
      try {
        const stored = await renew(house, connection, asked);
        if (stored) return stored;
      } catch (error) {
        await credentials.releaseCredential(db, lease);
        throw error;
      }
    } else await pause(LOOK_EVERY_MS);
  }
  throw new ToolError("VENDOR_UNAVAILABLE", "The sign-in at the vendor is being renewed and that takes long.");
}

/** With the lease held. Undefined when other keys were stored meanwhile: theirs are the ones to use. */
async function renew(house: House, connection: Connection, asked: Renewing): Promise<Stored | undefined> {
  const where = credentialOf(connection);
  const vendor = vendorOf(house, connection.vendor);
  const { secret, version } = await house.vault.openVersion(where, { ...asked, kind: "refresh" });
  const parsed = vendor.credentials.parse(secret);
  const signIn = parsed.ok ? vendor.signIn?.(parsed.value) : undefined;
  const refreshToken = tokensIn(secret)?.refreshToken;
  if (!signIn || !refreshToken) throw await ended(house, connection, vendor, asked);
  try {
    const { guard } = house.lanes.of(connection, vendor.limits);
    const target = { vendor: vendor.title, url: signIn.tokenUrl };
    const tokens = await guard.run(target, () => nextTokens(house, { vendor, signIn }, refreshToken));
    const stored = await storing(() =>
      house.vault.rotate({ ...where, version }, withTokens(secret, tokens), { expiresAt: tokens.expiresAt }),
    );
    if (!stored) return undefined;
    await record(house, connection, asked, { status: "success", detail: { version: version + 1 } });
    return { tokens, version: version + 1 };
  } catch (error) {
    if (!(error instanceof SignInEnded)) throw error;
    // Whoever held the lease before may have been slow rather than dead, and used these tokens after all.
    const { org: org_id, owner: owner_id, connection: connection_id } = where;
    const now = await credentials.credentialState(house.db, { connection_id, org_id, owner_id });
    if (now?.version !== version) return undefined;
    throw await ended(house, connection, vendor, asked);
  }
}

const TRIES_TO_STORE = 4;

/** The vendor may have ended the old tokens by now, so a database that is busy for a moment is asked again. */
async function storing<Result>(store: () => Promise<Result>): Promise<Result> {
  for (let tried = 1; ; tried++) {
    try {
      return await store();
    } catch (error) {
      if (tried === TRIES_TO_STORE) throw error;
      await pause(100 * 2 ** tried);
    }
  }
}

/** Nobody said no, and yet it could not be renewed for days: somebody has to know. Shown in settings, and an alert. */
export async function giveUp(house: House, connection: Connection, failures: number): Promise<void> {
  const now = house.clock.now();
  const noted = { status: "error", last_error: "RENEWAL_FAILED", last_error_at: now } as const;
  if (!(await noteOnConnection(house.db, connection, noted))) return;
  const asked = { actor: "refresher", actorType: "system" } as const;
  await record(house, connection, asked, { status: "error", rule: "gave-up", detail: { failures } });
}

/** Shown in settings, and said to whoever called. */
async function ended(house: House, connection: Connection, vendor: Vendor, asked: Renewing): Promise<ToolError> {
  const now = house.clock.now();
  await noteOnConnection(house.db, connection, { status: "error", last_error: "VENDOR_AUTH", last_error_at: now });
  await record(house, connection, asked, { status: "error", rule: "sign-in-ended" });
  return signInAgain(house, connection, vendor);
}

const record = (
  { audit }: House,
  { org_id, id, vendor }: Connection,
  { actor, actorType = "user", ...asked }: Renewing,
  what: { status: "success" | "error"; rule?: string; detail?: Record<string, unknown> },
) =>
  audit.record({
    org: org_id,
    type: "connection.renew",
    actor: { id: actor, type: actorType },
    connection: id,
    vendor,
    ...asked,
    ...what,
  });
