import { createHash, createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { canonicalJson } from "../../runtime/index.ts";
import type { AuditEventRow } from "../database/schema.ts";

/** An event in its place, before it is linked to the one in front. The copies for searching are compared, not chained. */
export type UnlinkedEvent = Omit<AuditEventRow, "prev_mac" | "mac" | keyof Copies>;

export type Copies = Pick<AuditEventRow, "client" | "customer" | "rule" | "tier">;

/** What the audit master keys make: a chain key and a hash key per organisation. */
export interface AuditKeys {
  /** Names the key that signs without telling anything about it. */
  readonly id: string;
  /** Undefined when the key that the event names is not among these. */
  mac(event: UnlinkedEvent, previousMac: string): string | undefined;
  hash(org: string, value: unknown): string;
}

/** @param masters the first signs and hashes, all verify */
export function auditKeys(masters: readonly Buffer[]): AuditKeys {
  const all = masters.map(masterKey);
  const byId = new Map(all.map((key) => [key.id, key]));
  const first = all[0]!; // the configuration demands one
  return {
    id: first.id,
    mac(event, previousMac) {
      const key = byId.get(event.key_id)?.derive("chain", event.org_id);
      return (
        key &&
        createHmac("sha256", key)
          .update(`${previousMac}\n${textOf(event)}`)
          .digest("base64url")
      );
    },
    hash: (org, value) =>
      `hmac-sha256-${createHmac("sha256", first.derive("hash", org)).update(canonicalJson(value)).digest("base64url")}`,
  };
}

/** The canonical JSON of an event, written out: sorting the same names for every row took most of the time of verifying. */
export function textOf(event: UnlinkedEvent): string {
  const { actor_id, actor_type, at, call_id, detail, key_id, org_id, request_id, seq, status, tool, type, vendor } =
    event;
  const json = JSON.stringify;
  return `{"actor_id":${json(actor_id)},"actor_type":${json(actor_type)},"at":${json(at)},"call_id":${json(call_id)},"detail":${json(detail)},"key_id":${json(key_id)},"org_id":${json(org_id)},"request_id":${json(request_id)},"seq":${json(seq)},"status":${json(status)},"tool":${json(tool)},"type":${json(type)},"vendor":${json(vendor)}}`;
}

/** What can be searched of a detail besides its own columns. */
export function copiesOf({ client, customer, rule, tier }: Readonly<Record<string, unknown>>): Copies {
  return { client: textOrNull(client), customer: textOrNull(customer), rule: textOrNull(rule), tier: textOrNull(tier) };
}

const textOrNull = (value: unknown) => (typeof value === "string" ? value : null);

/** Names a master key, and derives keys from it. */
export function masterKey(master: Buffer) {
  const derived = new Map<string, KeyObject>();
  const id = createHash("sha256").update(derive("id", "").export()).digest("base64url").slice(0, 12);
  return { id, derive };

  function derive(use: "id" | "chain" | "hash" | "backup", org: string): KeyObject {
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
