import { HttpResponse } from "msw";
import { BadCondition, conditionOf } from "./connectwise-automate-conditions.ts";
import type { Visit } from "./fake.ts";
import type { Machine } from "./world.ts";
import type { AutomateWorld } from "./world-connectwise-automate.ts";

export const refuse = (status: number, Message: string) => HttpResponse.json({ Message }, { status });

/** At most this many on a page; who asks for more gets so many. */
const MOST = 1000;
const USUAL = 50;

/** A bare array: the rows that meet `condition`, in the order of `orderBy`, one page of them. */
export function list(visit: Visit, rows: readonly Record<string, unknown>[]) {
  const { query } = visit;
  const condition = query.get("condition");
  try {
    const wanted = condition ? conditionOf(condition, (path) => isField(rows, path)) : () => true;
    const size = Math.min(Number(query.get("pageSize") ?? USUAL), MOST);
    const page = Number(query.get("page") ?? 1);
    if (!(size >= 1) || !(page >= 1)) return refuse(400, "page and pageSize are at least 1");
    return HttpResponse.json(
      sorted(rows.filter(wanted), query.get("orderBy")).slice((page - 1) * size, page * size) as never,
    );
  } catch (error) {
    if (error instanceof BadCondition) return refuse(400, `Invalid condition: ${error.message}`);
    throw error;
  }
}

/** What has rows knows its fields; what has none takes any. */
function isField(rows: readonly Record<string, unknown>[], path: string): boolean {
  if (rows.length === 0) return true;
  return rows.some((row) => {
    let value: unknown = row;
    for (const name of path.split(".")) {
      if (typeof value !== "object" || value === null || !(name in value)) return false;
      value = (value as Record<string, unknown>)[name];
    }
    return true;
  });
}

function sorted(rows: readonly Record<string, unknown>[], orderBy: string | null) {
  if (!orderBy) return rows;
  const [field = "", direction = "asc"] = orderBy.split(" ");
  if (!isField(rows, field)) throw new BadCondition(`${field} is not a field`);
  const sign = direction.toLowerCase() === "desc" ? -1 : 1;
  return rows.toSorted(
    (a, b) => sign * String(a[field] ?? "").localeCompare(String(b[field] ?? ""), "en", { numeric: true }),
  );
}

export function onComputer(visit: Visit, state: AutomateWorld, act: (machine: Machine) => Response) {
  const machine = state.managed.find(({ id }) => String(id) === visit.path["computerId"]);
  return machine ? act(machine) : refuse(404, `Computer ${visit.path["computerId"]} not found`);
}
