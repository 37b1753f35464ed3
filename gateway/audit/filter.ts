import { z } from "zod";
import type { AuditFilter, AuditPlace } from "../database/audit-search.ts";

const text = z
  .string()
  .trim()
  .max(600)
  .transform((value) => value || undefined)
  .optional();

/** A day, a moment, or epoch milliseconds. */
const moment = z
  .string()
  .trim()
  .transform((value, context) => {
    if (value === "") return undefined;
    const at = /^\d{11,14}$/.test(value) ? Number(value) : Date.parse(value);
    if (!Number.isNaN(at)) return at;
    context.addIssue({ code: "custom", message: "must be a day such as 2026-01-31, or a moment in ISO 8601" });
    return z.NEVER;
  })
  .optional();

const STATUSES = ["success", "error", "timeout", "denied", "pending_approval", "started"] as const;

const Query = z.object({
  from: moment,
  to: moment,
  type: text,
  status: z
    .enum([...STATUSES, ""], `must be one of ${STATUSES.join(", ")}`)
    .transform((value) => value || undefined)
    .optional(),
  actor: text,
  client: text,
  vendor: text,
  tool: text,
  tier: text,
  customer: text,
  rule: text,
  call: text,
  request: text,
});

export const FILTER_NAMES = Object.keys(Query.shape) as (keyof AuditFilter)[];

export type ReadFilter =
  | { ok: true; filter: AuditFilter }
  | { ok: false; problems: readonly { field: string; message: string }[] };

/** What a form or a program asks for; empty fields ask for nothing. */
export function readFilter(query: unknown): ReadFilter {
  const parsed = Query.safeParse(query);
  if (parsed.success) return { ok: true, filter: parsed.data };
  const problems = parsed.error.issues.map(({ path, message }) => ({ field: path.join("."), message }));
  return { ok: false, problems };
}

/** A place in a list as part of an address. */
export const placeText = ({ at, seq }: AuditPlace): string => `${at}-${seq}`;

export function readPlace(value: unknown): AuditPlace | undefined {
  const [, at, seq] = /^(\d{1,15})-(\d{1,15})$/.exec(String(value)) ?? [];
  return at && seq ? { at: Number(at), seq: Number(seq) } : undefined;
}
