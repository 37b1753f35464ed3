import { Readable } from "node:stream";
import type { AuditFilter } from "../database/audit-search.ts";
import type { Allowance, Rate } from "../database/rate-counters.ts";
import type { AuditEventRow } from "../database/schema.ts";
import type { Audit, AuditEvent } from "./audit.ts";
import { ocsfOf } from "./ocsf.ts";
import { entityOf, jsonLine } from "./sinks.ts";

/** That a trail was taken out is part of it: who, in which form, by which filters; not what they were set to. */
export async function noteExport(
  { audit }: { audit: Pick<Audit, "record"> },
  {
    org,
    actor,
    format,
    filter,
    requestId,
  }: { org: string; actor: AuditEvent["actor"]; format: ExportFormat; filter: AuditFilter; requestId: string },
): Promise<void> {
  const filters = Object.keys(filter).filter((name) => filter[name as keyof AuditFilter] !== undefined);
  const event = { org, type: "audit.export", actor, requestId };
  await audit.record({ ...event, status: "success", detail: { format, filters } });
}

/** Each reads a whole trail, whichever way it is asked for. */
export const EXPORTS = { name: "exports", max: 6, windowMs: 60_000 };

type Counting = { limit(key: string, rate: Rate): Promise<Allowance> };

export const countExport = ({ limit }: Counting, org: string): Promise<Allowance> =>
  limit(`audit-export:${org}`, EXPORTS);

export const exportAgain = (seconds: number): string => `Export again in ${seconds} seconds.`;

export type ExportFormat = keyof typeof FORMATS;

/** How each format begins and how it writes an event. */
export const FORMATS = {
  jsonl: { type: "application/x-ndjson", extension: "jsonl", head: () => "", line: jsonLine },
  csv: { type: "text/csv; charset=utf-8", extension: "csv", head: csvHead, line: csvLine },
  ocsf: {
    type: "application/x-ndjson",
    extension: "ocsf.jsonl",
    head: () => "",
    line: (row: AuditEventRow) => `${JSON.stringify(ocsfOf(row))}\n`,
  },
} as const;

/** Written as it is read: whoever takes it slowly slows the reading, and nothing piles up. */
export function exportStream(pages: AsyncIterable<readonly AuditEventRow[]>, format: ExportFormat): Readable {
  const { head, line } = FORMATS[format];
  return Readable.from(
    (async function* () {
      yield head();
      for await (const rows of pages) yield rows.map(line).join("");
    })(),
    { objectMode: false },
  );
}

/** Columns of the table; lists and objects as JSON. */
const COLUMNS = [
  ...["timestamp", "tenant", "seq", "event_type", "status", "response_status", "rule", "user", "user_type", "client"],
  ...["grant", "audience", "scopes", "policy_version", "connection", "mcp_server", "tool_name", "tier", "customer"],
  ...["approval", "parameters", "args_hash", "result_hash", "duration_ms", "request_id", "call_id", "detail", "mac"],
] as const;

function csvHead(): string {
  return `${COLUMNS.join(",")}\r\n`;
}

/** As RFC 4180 says. */
function csvLine(row: AuditEventRow): string {
  const event: Record<string, unknown> = entityOf(row);
  return `${COLUMNS.map((name) => csvCell(event[name])).join(",")}\r\n`;
}

/** One value of a table that a spreadsheet may open. */
export function csvCell(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  // A spreadsheet takes such a beginning for a formula; the apostrophe says that it is text.
  const safe = typeof value !== "number" && /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
