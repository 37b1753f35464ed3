import type { FastifyInstance } from "fastify";
import { connectionStates } from "../../database/overview.ts";
import type { State } from "../views.ts";
import { count } from "../words.ts";
import type { UsageLine } from "./usage-figures.ts";

/** Each vendor that somebody has connected: whether its connections work, and how its calls end. */
export async function vendorHealth(app: FastifyInstance, org: string, usage: readonly UsageLine[]) {
  const states = await connectionStates(app.db, org);
  const byVendor = [...Map.groupBy(states, ({ vendor }) => vendor)];
  return byVendor.map(([slug, rows]) => {
    const sum = (fits: (row: (typeof rows)[number]) => boolean) =>
      rows.filter(fits).reduce((all, row) => all + row.count, 0);
    const refused = sum(({ status }) => status === "error");
    const failing = sum(({ status, failing }) => status === "active" && failing);
    const line = usage.find(({ id }) => id === slug);
    return {
      title: app.vendors.get(slug)?.title ?? slug,
      state: stateOf(refused, failing),
      detail: count(
        sum(() => true),
        "connection",
      ),
      calls: callWords(line),
    };
  });
}

function stateOf(refused: number, failing: number): State {
  if (refused > 0) return { kind: "bad", text: `${refused} refused` };
  if (failing > 0) return { kind: "warn", text: `${failing} failed last` };
  return { kind: "good", text: "Working" };
}

function callWords(line: UsageLine | undefined): string {
  if (!line || line.calls === 0) return "no calls in 30 days";
  const wrong = line.error + line.timeout;
  return `${count(line.calls, "call")} in 30 days, ${((100 * wrong) / line.calls).toFixed(1)}% failed`;
}
