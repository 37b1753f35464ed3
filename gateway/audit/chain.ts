import { createHash, createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { canonicalJson } from "../../runtime/index.ts";
import type { AuditEventRow } from "../database/schema.ts";

/** An event in its place, before it is linked to the one in front. */
export type UnlinkedEvent = Omit<AuditEventRow, "prev_mac" | "mac">;

/** What one audit master key makes: a chain key and a hash key per organisation. */
export interface AuditKeys {
  /** Names the master key without telling anything about it. */
  readonly id: string;
  mac(event: UnlinkedEvent, previousMac: string): string;
  hash(org: string, value: unknown): string;
}

export function auditKeys(master: Buffer): AuditKeys {
  const derived = new Map<string, KeyObject>();
  return {
    id: createHash("sha256").update(derive("id", "").export()).digest("base64url").slice(0, 12),
    mac: (event, previousMac) =>
      createHmac("sha256", derive("chain", event.org_id))
        .update(previousMac)
        .update("\n")
        .update(canonicalJson(event))
        .digest("base64url"),
    hash: (org, value) =>
      `hmac-sha256-${createHmac("sha256", derive("hash", org)).update(canonicalJson(value)).digest("base64url")}`,
  };

  function derive(use: "id" | "chain" | "hash", org: string): KeyObject {
    const info = `audit/v1/${use}/${org}`;
    const known = derived.get(info);
    if (known) return known;
    if (derived.size >= MOST_DERIVED) derived.clear();
    // An HMAC with a key object costs a sixth of one with the bytes.
    const key = createSecretKey(Buffer.from(hkdfSync("sha256", master, "", info, 32)));
    derived.set(info, key);
    return key;
  }
}

/** Keys of this many organisations are kept at hand; deriving one costs some microseconds. */
const MOST_DERIVED = 10_000;
