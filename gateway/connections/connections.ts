import { revealCredentials, ToolError, type Vendor } from "../../runtime/index.ts";
import {
  addConnection,
  type Connection,
  endConnection,
  findConnection,
  isShared,
  noteOnConnection,
  type Owner,
  replaceConnection,
  setConnectionUsers,
} from "../database/connections.ts";
import { credentialState } from "../database/credentials.ts";
import { forgetDeleted } from "../database/erasure.ts";
import { newId } from "../database/ids.ts";
import type { Db } from "../database/index.ts";
import { lockOrg, roleOf } from "../database/members.ts";
import { mayLookAfter } from "../policy/roles.ts";
import { type ClientRequest, clientFor, credentialOf, type House, vendorOf } from "./client.ts";
import { type VendorTokens, withTokens } from "./sign-in/vendor-tokens.ts";
import { countCheck, outcomeOf, type VerifyOutcome } from "./verify.ts";

export {
  activeConnection,
  type Connection,
  findConnection,
  findShared,
  isShared,
  listConnections,
  sealedConnection,
} from "../database/connections.ts";
export { clientFor } from "./client.ts";

export interface NewConnection extends Owner {
  /** It will be the organisation's; `user` is who makes it, and alone may use it until somebody says who else. */
  readonly shared?: boolean;
  readonly vendor: string;
  /** As the vendor's own `parse` returned them. */
  readonly credentials: object;
  /** Where a person signed in at the vendor: what came of it. */
  readonly tokens?: VendorTokens;
  /** What the person calls this account; the place they chose, or the vendor's name, when left out. */
  readonly label?: string;
  /** The connection whose keys these replace. */
  readonly replaces?: Connection;
}

/** Stores tested keys: the connection and its sealed credential appear together or not at all. */
export async function saveConnection(house: House, wanted: NewConnection): Promise<Connection> {
  const { vault, clock, lanes, audit } = house;
  const vendor = vendorOf(house, wanted.vendor);
  const now = clock.now();
  const plain = revealCredentials(wanted.credentials);
  const shown = {
    label: labelOf(vendor, wanted, plain),
    fields: JSON.stringify(openFields(vendor, plain)),
    signed_in: wanted.tokens ? 1 : 0,
  };

  await vault.prepare(wanted.org, ownerOf(wanted));
  const connection = await audit.atomically(async (trx, record) => {
    await refuseOutsiders(trx, wanted);
    const id = wanted.replaces?.id ?? newId("con");
    const owner = ownerOf(wanted);
    if (wanted.replaces) {
      const replaced = await replaceConnection(trx, wanted.replaces, { ...shown, last_ok_at: now, updated_at: now });
      if (!replaced) throw new ToolError("VENDOR_CONFLICT", "These keys were replaced or revoked meanwhile.");
    } else {
      await addConnection(trx, { ...blank(wanted, now), ...shown, id });
      const maker = { kind: "person", who: wanted.user } as const;
      if (wanted.shared) await setConnectionUsers(trx, { id, org_id: wanted.org }, [maker]);
    }
    const stored = (await findConnection(trx, { id, org: wanted.org, user: owner }))!;
    // Tokens are renewed under versions of their own; nothing that is under way with the old ones may fit the new.
    const before = await credentialState(trx, { connection_id: id, org_id: stored.org_id, owner_id: stored.owner_id });
    const version = Math.max(stored.version, (before?.version ?? 0) + 1);
    const options = { trx, expiresAt: wanted.tokens?.expiresAt };
    await vault.put({ ...credentialOf(stored), version }, withTokens(plain, wanted.tokens), options);
    const type = wanted.replaces ? "connection.replace" : "connection.create";
    const shared = isShared(stored) && { shared: true };
    await record({ ...eventOf(stored, wanted.user), type, status: "success", detail: { version, ...shared } });
    return stored;
  });
  lanes.drop(connection.id);
  return connection;
}

const ownerOf = ({ org, user, shared, replaces }: NewConnection) => replaces?.owner_id ?? (shared ? org : user);

/** Somebody may have been removed, or lost the right, while the vendor was asked: nothing of theirs may appear afterwards. */
async function refuseOutsiders(trx: Db, wanted: NewConnection) {
  const { org, user } = wanted;
  const role = (await lockOrg(trx, org)) ? await roleOf(trx, { org, user }) : undefined;
  const may = role && (ownerOf(wanted) === user || mayLookAfter(role, "connections"));
  if (!may) throw new ToolError("VENDOR_CONFLICT", "This is not yours to connect any more.");
}

/** Opens the stored keys and makes the vendor's one cheap call with them. */
export async function testConnection(
  house: House,
  connection: Connection,
  { actor, requestId }: Pick<ClientRequest, "actor" | "requestId">,
): Promise<VerifyOutcome> {
  const vendor = vendorOf(house, connection.vendor);
  const signal = AbortSignal.timeout(TEST_MS);
  const outcome = await outcomeOf(vendor, async () =>
    vendor.verify((await clientFor(house, connection, { actor, requestId, kind: "verify", signal })) as object),
  );
  countCheck(house, vendor, "check", outcome.ok ? "ok" : outcome.reason);
  await noteOutcome(house, connection, outcome.ok ? undefined : outcome, { used: false });
  return outcome;
}

const TEST_MS = 20_000;

/** Deletes the sealed keys. What is left is a line in the history. */
export async function revokeConnection(
  house: House,
  connection: Connection,
  { actor }: { actor: string },
): Promise<void> {
  const { db, clock, lanes, audit } = house;
  await audit.atomically(async (trx, record) => {
    await endConnection(trx, connection, clock.now());
    await record({ ...eventOf(connection, actor), type: "connection.revoke", status: "success" });
  });
  lanes.drop(connection.id);
  await forgetDeleted(db);
}

/** Between two notes that say the same; a busy connection is not written with every call. */
const NOTE_EVERY_MS = 60_000;

/**
 * After each call: when the connection was used, whether it works, and what was wrong last.
 * Refused keys put it in error; the next success takes it out again.
 */
export async function noteOutcome(
  { db, clock, audit }: Pick<House, "db" | "clock" | "audit">,
  connection: Connection,
  failure?: { readonly code: string },
  { used = true }: { used?: boolean } = {},
): Promise<void> {
  const now = clock.now();
  const problem = failure && ABOUT_THE_CONNECTION.has(failure.code) ? failure.code : undefined;
  const status = problem === "VENDOR_AUTH" ? "error" : failure ? connection.status : "active";
  const same = status === connection.status && (failure ? !problem : connection.last_error === null);
  if (used && same && (connection.last_used_at ?? 0) > now - NOTE_EVERY_MS) return;
  const noted = await noteOnConnection(db, connection, {
    status,
    ...(used && { last_used_at: now }),
    ...(!failure && { last_ok_at: now, last_error: null }),
    ...(problem && { last_error: problem, last_error_at: now }),
  });
  if (!noted || status === connection.status) return;
  const actor = { id: "connections", type: "system" as const };
  const event = { ...eventOf(connection, actor.id), actor, ...(problem && { rule: problem }) };
  await audit.record({ ...event, type: `connection.${status}`, status: status === "error" ? "error" : "success" });
}

/** Other failures, such as wrong arguments, say nothing about the keys or the way to the vendor. */
const ABOUT_THE_CONNECTION: ReadonlySet<string> = new Set([
  "VENDOR_AUTH",
  "VENDOR_FORBIDDEN",
  "VENDOR_RATE_LIMITED",
  "VENDOR_UNAVAILABLE",
  "VENDOR_UNEXPECTED",
  "TIMEOUT",
]);

const blank = (wanted: NewConnection, now: number): Omit<Connection, "id" | "label" | "fields" | "signed_in"> => ({
  org_id: wanted.org,
  owner_id: ownerOf(wanted),
  vendor: wanted.vendor,
  status: "active",
  version: 1,
  last_used_at: null,
  last_ok_at: now,
  last_error: null,
  last_error_at: null,
  created_at: now,
  updated_at: now,
});

/** What may be shown again: everything the vendor does not call secret. */
function openFields({ credentials }: Vendor, plain: Readonly<Record<string, string>>): Record<string, string> {
  const open = credentials.fields.filter(({ name, secret }) => !secret && plain[name] !== undefined);
  return Object.fromEntries(open.map(({ name }) => [name, plain[name]!]));
}

export const plainLabel = (text: string): string => text.replace(/\p{C}/gu, "").trim().slice(0, 60);

function labelOf(vendor: Vendor, { label, replaces }: NewConnection, plain: Readonly<Record<string, string>>): string {
  const given = plainLabel(label ?? "") || replaces?.label;
  const places = vendor.credentials.fields.flatMap(
    ({ name, kind, enum: choices }) =>
      choices?.find(({ value }) => value === plain[name])?.label ?? (kind === "host" ? (plain[name] ?? []) : []),
  );
  return given || places.join(", ") || vendor.title;
}

/** @param actor who did it: of a shared connection that is not its owner */
const eventOf = ({ org_id, id, vendor }: Connection, actor: string) => ({
  org: org_id,
  actor: { id: actor, type: "user" as const },
  connection: id,
  vendor,
});
