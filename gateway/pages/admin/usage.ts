import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { csvCell } from "../../audit/export.ts";
import { type Field, field } from "../fields.ts";
import { type Chart, dayChart } from "./chart.ts";
import { adminOf, adminPage } from "./frame.ts";
import pilot from "./pilot.ts";
import { GROUPS, type Group, PERIODS, type UsageFigures, type UsageLine, usageFigures } from "./usage-figures.ts";

const HERE = "/admin/usage";

declare module "../views.ts" {
  interface Views {
    "admin-usage": {
      fields: readonly Field[];
      figures: readonly { label: string; value: string; more?: string }[];
      chart: Chart;
      complete: boolean;
      by: string;
      timed: boolean;
      lines: readonly {
        name: string;
        id?: string;
        calls: string;
        share: number;
        failed: string;
        timeouts: string;
        denied: string;
        cached: string;
        median: string;
        p95: string;
      }[];
      more: boolean;
      csv: string;
    };
  }
}

const Asked = z.object({
  days: z.coerce.number().refine((days) => (PERIODS as readonly number[]).includes(days)).catch(30),
  by: z.enum(GROUPS).catch("tool"),
  vendor: z.string().max(100).optional().transform((slug) => slug || undefined).catch(undefined),
}); // biome-ignore format: one thought

/** `/admin/usage`: who used what how often, how it ended and how long it took. */
export default async function usage(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => {
    const { org } = await adminOf(app, request, "usage");
    const asked = Asked.parse(request.query);
    const found = await usageFigures(app, org.id, asked);
    const most = Math.max(1, ...found.lines.map(({ calls }) => calls));
    const data = {
      fields: fieldsFor(app, asked),
      figures: figuresOf(found),
      chart: dayChart("calls", `Calls per day, ${asked.days} days`, found.days),
      complete: found.complete,
      by: BY_WORDS[asked.by],
      timed: asked.by === "tool" || asked.by === "vendor",
      lines: found.lines.map((line) => shown(line, most, asked.by)),
      more: found.lines.length === 500,
      csv: `${HERE}.csv?${new URLSearchParams({ days: `${asked.days}`, by: asked.by, ...(asked.vendor && { vendor: asked.vendor }) })}`,
    };
    return adminPage(reply, "admin-usage", data, { title: "Usage", here: HERE });
  }); // biome-ignore format: one thought

  await app.register(pilot);

  app.get(`${HERE}.csv`, async (request, reply) => {
    const { org } = await adminOf(app, request, "usage");
    const asked = Asked.parse(request.query);
    const { lines } = await usageFigures(app, org.id, asked);
    const rows = lines.map(({ name, id, calls, success, error, timeout, denied, cached, median, p95 }) => [
      ...[id, name, calls, success, error, timeout, denied, cached, median, p95],
    ]);
    const text = [CSV_HEAD, ...rows].map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");
    return reply
      .type("text/csv; charset=utf-8")
      .header("content-disposition", `attachment; filename="usage-${asked.by}-${asked.days}-days.csv"`)
      .send(text);
  });
}

const CSV_HEAD = ["id", "name", "calls", "success", "error", "timeout", "denied", "cached", "median_ms", "p95_ms"];

const BY_WORDS: Readonly<Record<Group, string>> = {
  tool: "Tool",
  vendor: "Vendor",
  person: "Person or program",
  customer: "Customer",
  client: "Assistant",
};

function fieldsFor(app: FastifyInstance, { days, by, vendor }: z.output<typeof Asked>): Field[] {
  const choice = (value: string, label: string, now: string) => ({ value, label, selected: value === now });
  return [
    field({ name: "days", label: "Period", options: PERIODS.map((one) => choice(`${one}`, `${one} days`, `${days}`)) }),
    field({ name: "by", label: "By", options: GROUPS.map((one) => choice(one, BY_WORDS[one], by)) }),
    field({
      name: "vendor",
      label: "Vendor",
      required: false,
      options: [
        choice("", "All vendors", vendor ?? ""),
        ...[...app.vendors.values()].map(({ slug, title }) => choice(slug, title, vendor ?? "")),
      ],
    }),
  ];
}

function figuresOf({ total }: UsageFigures) {
  const part = (count: number) => (total.calls === 0 ? undefined : `${((100 * count) / total.calls).toFixed(1)} %`);
  return [
    { label: "Calls", value: number(total.calls) },
    { label: "Failed", value: number(total.error), more: part(total.error) },
    { label: "Timed out", value: number(total.timeout), more: part(total.timeout) },
    { label: "Refused by rule", value: number(total.denied), more: part(total.denied) },
    { label: "Median time", value: time(total.median), more: total.p95 && `95 % within ${time(total.p95)}` },
  ].map((one) => ({ ...one, more: one.more || undefined }));
}

const number = (value: number) => value.toLocaleString("en");

const time = (ms: number | undefined) =>
  ms === undefined ? "–" : ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;

const shown = (line: UsageLine, most: number, by: Group) => ({
  name: line.name,
  id: by === "client" && line.id !== line.name ? line.id : undefined,
  calls: number(line.calls),
  share: Math.round((100 * line.calls) / most),
  failed: number(line.error),
  timeouts: number(line.timeout),
  denied: number(line.denied),
  cached: number(line.cached),
  median: time(line.median),
  p95: time(line.p95),
});
