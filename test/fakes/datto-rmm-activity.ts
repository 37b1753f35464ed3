import { HttpResponse } from "msw";
import { error } from "./datto-rmm-answers.ts";
import type { Visit } from "./fake.ts";
import type { DattoWorld } from "./world-datto-rmm.ts";

/** Newest first or last; only the last 15 minutes unless `from` says otherwise; goes on after a date and an id. */
export function activityLog(visit: Visit, state: DattoWorld) {
  const { query } = visit;
  const time = (name: string, otherwise: number) => (query.has(name) ? Date.parse(query.get(name)!) : otherwise) / 1000;
  const [from, until] = [time("from", state.world.now - 15 * 60_000), time("until", state.world.now)];
  if (Number.isNaN(from) || Number.isNaN(until))
    return error(visit, 400, "from and until must look like 2026-11-20T10:15:30Z");
  const among = (name: string, value: unknown) =>
    !query.has(name) ||
    query
      .getAll(name)
      .flatMap((text) => text.split(","))
      .includes(String(value).toLowerCase());
  const found = state.activities
    .filter(({ date }) => date >= from && date <= until)
    .filter(
      (each) => among("entities", each.entity) && among("categories", each.category) && among("actions", each.action),
    )
    .filter((each) => among("siteIds", each.site.id) && among("userIds", each.user.id))
    .filter(
      (each) =>
        !query.has("searchQuery") ||
        JSON.stringify(each)
          .toLowerCase()
          .includes(
            query
              .get("searchQuery")!
              .toLowerCase()
              .replace(/^.*:\s*"?|"$/g, ""),
          ),
    )
    .sort((a, b) => (query.get("order") === "asc" ? a.date - b.date : b.date - a.date));
  const size = Math.min(Number(query.get("size") ?? 100), 500);
  const after = query.getAll("searchAfter").at(-1)?.split(",").at(-1);
  const start = after ? found.findIndex(({ id }) => id === after) + 1 : 0;
  const activities = found.slice(start, start + size);
  const last = activities.at(-1);
  let nextPageUrl: string | null = null;
  if (last && start + size < found.length) {
    const next = new URL(visit.url);
    next.searchParams.delete("searchAfter");
    next.searchParams.append("searchAfter", String(Math.round(last.date * 1000)));
    next.searchParams.append("searchAfter", last.id);
    next.searchParams.set("page", "next");
    nextPageUrl = next.href;
  }
  return HttpResponse.json({
    pageDetails: { count: activities.length, totalCount: found.length, prevPageUrl: null, nextPageUrl },
    activities,
  });
}
