import { randomBytes } from "node:crypto";
import type { Audit, AuditEvent } from "../audit/audit.ts";
import * as credentials from "../database/credentials.ts";
import type { Db } from "../database/index.ts";
import { homeOf } from "../database/regions.ts";
import * as userKeys from "../database/user-keys.ts";
import { elsewhere, type Regions } from "../policy/regions.ts";
import { open, seal } from "./box.ts";
import { VaultError } from "./errors.ts";
import { type KeyHealth, keyHealth } from "./health.ts";
import { type KeyCache, keyCache } from "./key-cache.ts";
import type { KeyProvider } from "./keys.ts";
import { type Place, rowBound, userKeyBound } from "./row-bound.ts";
import { type SecretBox, secretBox } from "./secret-box.ts";

/** Which credential: one row, of one connection of one owner. */
export type CredentialRef = Omit<Place, "version">;

/** Why a credential is opened, for the audit log. */
export interface Purpose {
  actor: string;
  actorType?: "user" | "service" | "system";
  kind: "call" | "verify" | "refresh";
  callId?: string;
  tool?: string;
  client?: string;
  grant?: string;
  requestId?: string;
}

/** The version a credential is stored under, counted up by the connection with each replacement. */
export type Versioned = Place;

interface PutOptions {
  /** The transaction that stores the connection as well. */
  readonly trx?: Db;
  /** When the vendor token in the secret ends. */
  readonly expiresAt?: number;
}

export interface Vault {
  /** Stores or replaces. */
  put(where: Versioned, secret: Record<string, unknown>, options?: PutOptions): Promise<void>;
  /** Stores the next version over `where.version`; false when that is no longer what is stored. */
  rotate(where: Versioned, secret: Record<string, unknown>, options?: Omit<PutOptions, "trx">): Promise<boolean>;
  /**
   * The plain credential; drop it right after use. The audit row is written before anything is opened.
   * @throws VaultError, and whatever kept the audit row from being written
   */
  open(where: CredentialRef, purpose: Purpose): Promise<Record<string, unknown>>;
  /**
   * The same, and which version it is.
   * @param read what is stored there, by whoever read it a moment ago; null where that was nothing
   */
  openVersion(
    where: CredentialRef,
    purpose: Purpose,
    read?: credentials.Sealed | null,
  ): Promise<{ secret: Record<string, unknown>; version: number }>;
  /** Small secrets of the gateway itself, such as those of registered clients, under the master key. */
  readonly box: SecretBox;
  /** Destroys the owner's key: what it sealed never opens again, nor does a copy that holds the credentials alone. */
  destroyOwner(org: string, owner: string, trx?: Db): Promise<void>;
  /** Unwraps the owner's key, if it has one, so that a transaction need not wait for a key service. */
  prepare(org: string, owner: string): Promise<void>;
  /** Whether the master keys can be used; asked at most every 30 s. */
  health(): Promise<KeyHealth>;
  /** Forgets every unwrapped key. */
  close(): void;
}

/** Master key → user key → data key → credential; see box.ts for the bytes and keys.ts for the master keys. */
export function createVault({
  db,
  keys,
  audit,
  clock,
  cache = keyCache(),
  regions = { own: undefined, addresses: {} },
}: {
  db: Db;
  keys: KeyProvider;
  audit: Audit;
  clock: { now(): number };
  /** Of user keys whose master key is elsewhere. */
  cache?: KeyCache;
  /** Where it stands: it opens and stores nothing of an organisation at home elsewhere. */
  regions?: Regions;
}): Vault {
  const vault: Vault = {
    async put(where, secret, { trx, expiresAt } = {}) {
      const abroad = elsewhere(await homeOf(trx ?? db, where.org), regions);
      if (abroad) throw new VaultError("OTHER_REGION", abroad);
      const store = async (within: Db) =>
        await credentials.putCredential(within, await sealed(where, secret, within, expiresAt));
      if (trx) return await store(trx);
      await vault.prepare(where.org, where.owner);
      await db.transaction().execute(store);
    },

    async rotate(where, secret, { expiresAt } = {}) {
      const next = { ...where, version: where.version + 1 };
      await vault.prepare(where.org, where.owner);
      return await db
        .transaction()
        .execute(async (trx) =>
          credentials.rotateCredential(trx, await sealed(next, secret, trx, expiresAt), where.version),
        );
    },

    open: async (where, purpose) => (await vault.openVersion(where, purpose)).secret,

    async openVersion(where, purpose, read) {
      const row = read === undefined ? await credentials.findSealed(db, where) : (read ?? undefined);
      const key = row && userKeyIn(row, where);
      const abroad = elsewhere(row?.home, regions);
      const missing = !row ? "NOTHING_STORED" : abroad ? "OTHER_REGION" : !key ? "NO_USER_KEY" : undefined;
      const event = eventOf(where, purpose, { version: row?.version, kid: key?.kid });
      await audit.record(missing ? refused(event, missing) : event);
      if (!row) throw new VaultError("NOTHING_STORED", "No credential is stored for this connection.");
      if (abroad) throw new VaultError("OTHER_REGION", abroad);
      if (!key) throw new VaultError("NO_USER_KEY", "The key of this credential's owner was destroyed.");
      try {
        return { secret: await unseal(row, key, where), version: row.version };
      } catch (error) {
        await audit.record(refused(event, error instanceof VaultError ? error.code : "UNKNOWN"));
        throw error;
      }
    },

    box: secretBox(keys),

    async destroyOwner(org, owner, trx = db) {
      await userKeys.deleteUserKey(trx, org, owner);
      cache.drop(org, owner);
    },

    async prepare(org, owner) {
      const row = keys.names.some((name) => keys.isRemote(name)) && (await userKeys.findUserKey(db, { org, owner }));
      if (row) (await unwrapUserKey(row)).fill(0);
    },

    health: keyHealth({ db, keys, clock }),

    close: () => cache.clear(),
  };
  return vault;

  async function sealed(
    where: Versioned,
    secret: Record<string, unknown>,
    trx: Db,
    expiresAt: number | undefined,
  ): Promise<credentials.Credential> {
    const userKey = await userKeyFor(where, trx);
    const dataKey = randomBytes(32);
    const plain = Buffer.from(JSON.stringify(secret));
    try {
      return {
        connection_id: where.connection,
        org_id: where.org,
        owner_id: where.owner,
        vendor: where.vendor,
        version: where.version,
        wrapped_key: seal(userKey, dataKey, rowBound("dek/v1", where)),
        box: seal(dataKey, plain, rowBound("secret/v1", where)),
        created_at: clock.now(),
        expires_at: expiresAt ?? null,
        leased_until: null,
      };
    } finally {
      userKey.fill(0);
      dataKey.fill(0);
      plain.fill(0);
    }
  }

  /** The owner's key, made at first use. The caller zeroes it. */
  async function userKeyFor({ org, owner }: CredentialRef, trx: Db): Promise<Buffer> {
    const existing = await userKeys.holdUserKey(trx, { org, owner });
    if (existing) return await unwrapUserKey(existing);
    const fresh = randomBytes(32);
    const version = clock.now();
    const { kid, blob } = await keys.wrap(fresh, userKeyBound({ org_id: org, owner_id: owner, version }));
    const row = { org_id: org, owner_id: owner, version, kid, wrapped: blob, created_at: clock.now() };
    if (await userKeys.addUserKey(trx, row)) return fresh;
    fresh.fill(0); // Another request made it first.
    return await unwrapUserKey((await userKeys.holdUserKey(trx, { org, owner }))!);
  }

  /** The caller zeroes it. */
  function unwrapUserKey(row: SealingKey): Promise<Buffer> {
    const unwrap = () => keys.unwrap(row.kid, row.wrapped, userKeyBound(row));
    return keys.isRemote(row.kid) ? cache.get(row, unwrap) : unwrap();
  }

  async function unseal(row: credentials.Sealed, key: SealingKey, where: CredentialRef) {
    const userKey = await unwrapUserKey(key);
    try {
      return unsealRow(userKey, row, where);
    } finally {
      userKey.fill(0);
    }
  }
}

type SealingKey = Omit<userKeys.UserKey, "created_at">;

const userKeyIn = (
  { key_version, kid, wrapped }: credentials.Sealed,
  { org, owner }: CredentialRef,
): SealingKey | undefined =>
  wrapped === null ? undefined : { org_id: org, owner_id: owner, version: key_version!, kid: kid!, wrapped };

/** What a box is bound to comes from the question, never from the row that answers it. */
function unsealRow(
  userKey: Buffer,
  row: Pick<credentials.Sealed, "version" | "wrapped_key" | "box">,
  where: CredentialRef,
): Record<string, unknown> {
  const asked = { ...where, version: row.version };
  const dataKey = open(userKey, row.wrapped_key, rowBound("dek/v1", asked));
  try {
    const plain = open(dataKey, row.box, rowBound("secret/v1", asked));
    try {
      return JSON.parse(plain.toString());
    } finally {
      plain.fill(0);
    }
  } finally {
    dataKey.fill(0);
  }
}

/** Recorded before the box is opened; should it not open, a refusal follows. */
const eventOf = (
  { org, owner, vendor, connection }: CredentialRef,
  { actor, actorType = "user", kind, ...purpose }: Purpose,
  sealed: { version?: number; kid?: string },
): AuditEvent => ({
  org,
  type: "credential.open",
  actor: { id: actor, type: actorType },
  connection,
  vendor,
  status: "success",
  ...purpose,
  detail: { purpose: kind, owner, ...sealed },
});

const refused = (event: AuditEvent, rule: string): AuditEvent => ({ ...event, status: "error", rule });
