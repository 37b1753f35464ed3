import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { anchorKeys } from "../../gateway/audit/anchor-keys.ts";
import { exportStream } from "../../gateway/audit/export.ts";
import { wordsOf } from "../../gateway/audit/fault-words.ts";
import { verifyChain } from "../../gateway/audit/verify.ts";
import { eachEvent } from "../../gateway/database/audit-search.ts";
import { accessOf, keyAges, trailOf } from "../../gateway/database/evidence.ts";
import type { AuditEventRow } from "../../gateway/database/schema.ts";
import { openGateway } from "./open.ts";
import { processingRecord } from "./processing-record.ts";

/** A folder for an auditor: one file for each question, and a list of their checksums. */
export async function evidence({ org, out }: { org?: string; out?: string }): Promise<number> {
  if (!org || !out) {
    console.error("Evidence is of one organisation and goes into a folder: --org <id> --out <folder>");
    return 2;
  }
  const { db, keys } = await openGateway();
  try {
    const access = await accessOf(db, org);
    if (access.members.length === 0) {
      console.error(`There is no organisation ${org}.`);
      return 2;
    }
    mkdirSync(out, { recursive: true, mode: 0o700 });
    const write = (name: string, value: unknown) => {
      const text = typeof value === "string" ? value : `${JSON.stringify(value, readable, 2)}\n`;
      writeFileSync(join(out, name), text, { mode: 0o600 });
    };
    write("access.json", access);
    const changes = exportStream(only(eachEvent(db, org, {}), isChange), "jsonl");
    await pipeline(changes, createWriteStream(join(out, "changes.jsonl"), { mode: 0o600 }));
    const trail = await trailOf(db, org);
    write("retention.json", trail);
    write("keys.json", {
      credentials: await keyAges(db, org),
      vault: keys.vault.map(({ kid }) => kid),
      signing: keys.signing.map(({ kid }) => kid),
      audit: Object.keys(anchorKeys(keys.audit).public),
      anchors: anchorKeys(keys.audit).public,
    });
    const verdict = await verifyChain(db, org, keys.audit);
    write("verify.json", { ...verdict, words: wordsOf(verdict) });
    const vendors = [...new Set(access.connections.map(({ vendor }) => vendor))].sort();
    write("records-of-processing.md", processingRecord({ org, vendors, keptDays: trail.kept_days }));
    write("manifest.json", { organisation: org, made_at: new Date().toISOString(), sha256: checksums(out) });
    console.log(`${out}: ${readdirSync(out).length} files; the trail is ${wordsOf(verdict)}`);
    return verdict.ok ? 0 : 1;
  } finally {
    await db.destroy();
  }
}

/** What changed who may do what, and how the trail itself is kept. */
const CHANGES =
  /^(policy|member|org|ownership|invitation|identity|service|token|connection|grant|consent|webhook|account|password|customer|sso|standing)\.|^(alert\.threshold|audit\.(retention|retain|export))$/;

const isChange = ({ type }: AuditEventRow) => CHANGES.test(type);

async function* only(pages: AsyncIterable<readonly AuditEventRow[]>, wanted: (row: AuditEventRow) => boolean) {
  for await (const rows of pages) yield rows.filter(wanted);
}

/** Times are for people here. */
const readable = (name: string, value: unknown) =>
  typeof value === "number" && /(_at|^at|oldest|newest|last_anchor)$/.test(name)
    ? new Date(value).toISOString()
    : value;

const checksums = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name !== "manifest.json")
      .sort()
      .map((name) => [
        name,
        createHash("sha256")
          .update(readFileSync(join(folder, name)))
          .digest("hex"),
      ]),
  );
