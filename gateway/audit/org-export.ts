import { Readable } from "node:stream";
import { readEvents } from "../database/audit-events.ts";
import type { Db } from "../database/index.ts";
import { type ExportOf, exportedRows } from "../database/org-export.ts";
import { entityOf } from "./sinks.ts";

const EVENTS_AT_ONCE = 1000;

/** Everything that is kept of an organisation, or of a person there, as JSON lines: written as it is read. */
export const exportLines = (db: Db, whose: ExportOf): Readable =>
  Readable.from(lines(db, whose), { objectMode: false });

async function* lines(db: Db, whose: ExportOf): AsyncGenerator<string> {
  for await (const rows of exportedRows(db, whose)) yield rows.map(line).join("");
  for (let after = 0; ; ) {
    const rows = await readEvents(db, whose.org, after, EVENTS_AT_ONCE);
    const own = rows.filter(({ actor_id }) => whose.user === undefined || actor_id === whose.user);
    yield own.map((row) => line({ kind: "event", ...entityOf(row) })).join("");
    if (rows.length < EVENTS_AT_ONCE) return;
    after = rows.at(-1)!.seq;
  }
}

const line = (row: object) => `${JSON.stringify(row)}\n`;
