import { BOX_COLUMNS, type BoxColumn, boxPage } from "../database/boxes.ts";
import {
  type Credential,
  credentialsOf,
  credentialsWithoutKey,
  orgsWithCredentials,
  versionsIn,
} from "../database/credentials.ts";
import type { Db } from "../database/index.ts";
import { recordedVersions } from "../database/recorded-versions.ts";
import * as userKeys from "../database/user-keys.ts";
import { open } from "./box.ts";
import { VaultError, type VaultErrorCode } from "./errors.ts";
import type { KeyProvider } from "./keys.ts";
import { rowBound, userKeyBound } from "./row-bound.ts";
import { secretBox } from "./secret-box.ts";

/** Something that could not be used, and why. Ids and codes only. */
export interface KeyFinding {
  readonly what: "user key" | "credential" | "box";
  readonly org: string | undefined;
  /** Whose user key, which connection, or table, column and row. */
  readonly id: string;
  /** OLDER_THAN_RECORDED: the audit log knows a later version, so somebody put an old row back. */
  readonly problem: VaultErrorCode | "OLDER_THAN_RECORDED";
}

export interface KeyVerification {
  readonly userKeys: number;
  readonly credentials: number;
  readonly boxes: number;
  /** Credentials whose version was compared. */
  readonly versions: number;
  readonly findings: readonly KeyFinding[];
}

interface VerifyKeysOptions {
  readonly sample?: number | undefined;
  readonly onProgress?: (done: number) => void;
  readonly pace?: (rows: number) => Promise<void>;
}

const PAGE = 200;

/**
 * Opens what is stored, keeps and shows nothing of it, and says what does not open. Compares the version of each
 * credential with the latest that the audit log knows.
 * @param sample so many user keys of each master key, and boxes of each column; all when left out
 * @param pace waits between two pages, told how many rows the last one had
 * @throws VaultError when a key service is away: then nothing is known
 */
export async function verifyKeys(
  { db, keys }: { db: Db; keys: KeyProvider },
  { sample = Number.POSITIVE_INFINITY, onProgress, pace = async () => {} }: VerifyKeysOptions = {},
): Promise<KeyVerification> {
  const findings: KeyFinding[] = [];
  const counts = { userKeys: 0, credentials: 0, boxes: 0, versions: 0 };
  const byKid = new Map<string, number>();
  for (let after: userKeys.OwnerPlace | undefined; ; ) {
    const page = await userKeys.userKeyPage(db, { after, limit: PAGE });
    if (page.length === 0) break;
    after = page.at(-1)!;
    for (const row of page) {
      const seen = byKid.get(row.kid) ?? 0;
      byKid.set(row.kid, seen + 1);
      if (seen >= sample) continue;
      counts.userKeys++;
      counts.credentials += await owner(row);
    }
    onProgress?.(counts.userKeys);
    await pace(page.length);
  }
  for (const { org_id, connection_id } of await credentialsWithoutKey(db))
    findings.push({ what: "credential", org: org_id, id: connection_id, problem: "NO_USER_KEY" });
  for (const column of BOX_COLUMNS) counts.boxes += await boxesOf(column);
  for (const org of await orgsWithCredentials(db)) await versions(org);
  return { ...counts, findings };

  async function owner(row: userKeys.UserKey): Promise<number> {
    const credentials = await credentialsOf(db, row);
    const lost = (problem: VaultErrorCode) => {
      findings.push({ what: "user key", org: row.org_id, id: row.owner_id, problem });
      for (const { connection_id } of credentials)
        findings.push({ what: "credential", org: row.org_id, id: connection_id, problem });
    };
    const key = await keys.unwrap(row.kid, row.wrapped, userKeyBound(row)).catch(codeOf);
    if (typeof key === "string") lost(key);
    else
      try {
        for (const credential of credentials) {
          const problem = problemOf(key, credential);
          if (problem) findings.push({ what: "credential", org: row.org_id, id: credential.connection_id, problem });
        }
      } finally {
        key.fill(0);
      }
    return credentials.length;
  }

  async function boxesOf(column: BoxColumn): Promise<number> {
    const box = secretBox(keys);
    let checked = 0;
    for (let after = ""; checked < sample; ) {
      const page = await boxPage(db, column, { after, limit: PAGE });
      if (page.length === 0) break;
      after = page.at(-1)!.id;
      for (const { id, text, row } of page.slice(0, sample - checked)) {
        const sealed = column.boxIn(text);
        if (!sealed) continue;
        checked++;
        const problem = await box.open(sealed, column.bound(row)).then(() => undefined, codeOf);
        const where = `${column.table}.${column.column} ${id}`;
        if (problem) findings.push({ what: "box", org: column.org(row), id: where, problem });
      }
    }
    return checked;
  }

  /** A row that was put back with its own old version opens; only the record knows that it is old. */
  async function versions(org: string) {
    const recorded = await recordedVersions(db, org, (events) => pace(events / 10));
    const stored = await versionsIn(db, org);
    counts.versions += stored.length;
    for (const { connection_id, version } of stored)
      if ((recorded.get(connection_id) ?? 0) > version)
        findings.push({ what: "credential", org, id: connection_id, problem: "OLDER_THAN_RECORDED" });
  }
}

/** A service that is away says nothing about the row. */
function codeOf(error: unknown): VaultErrorCode {
  if (error instanceof VaultError && !error.code.startsWith("KEYS_")) return error.code;
  throw error;
}

function problemOf(userKey: Buffer, row: Credential): VaultErrorCode | undefined {
  const { org_id: org, owner_id: owner, connection_id: connection, vendor, version } = row;
  const place = { org, owner, connection, vendor, version };
  let dataKey: Buffer | undefined;
  try {
    dataKey = open(userKey, row.wrapped_key, rowBound("dek/v1", place));
    open(dataKey, row.box, rowBound("secret/v1", place)).fill(0);
    return undefined;
  } catch (error) {
    return codeOf(error);
  } finally {
    dataKey?.fill(0);
  }
}
