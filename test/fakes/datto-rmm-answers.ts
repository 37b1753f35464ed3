import { HttpResponse } from "msw";
import type { Fake, Visit } from "./fake.ts";
import type { Machine, World } from "./world.ts";
import type { DattoWorld, Job } from "./world-datto-rmm.ts";

export const error = ({ template }: Visit, status: number, text: string) =>
  HttpResponse.json({ timestamp: Date.now(), status, error: text, path: template }, { status });

export const like = (value: string, part: string | null) =>
  part === null || value.toLowerCase().includes(part.toLowerCase().replaceAll("%", ""));

export function matches(machine: Machine, query: URLSearchParams) {
  // A filter overrides every other criterion; the one with id 1 stands for "offline servers".
  if (query.has("filterId")) return query.get("filterId") === "1" ? machine.kind === "server" && !machine.online : true;
  const type = `${machine.kind} ${machine.kind === "workstation" ? "desktop" : ""}`;
  return (
    like(machine.hostname, query.get("hostname")) &&
    like(machine.site.name, query.get("siteName")) &&
    like(machine.os, query.get("operatingSystem")) &&
    like(type, query.get("deviceType"))
  );
}

export function page(visit: Visit, fake: Fake, name: string, all: readonly unknown[], { count = true } = {}) {
  const asked = Number(visit.query.get("max") ?? 250);
  if (asked > 250 || asked < 1) return error(visit, 400, "max must be between 1 and 250");
  const size = Math.min(asked, fake.trouble.pageSize ?? 250);
  const number = Number(visit.query.get("page") ?? 0);
  const items = all.slice(number * size, (number + 1) * size);
  const at = (other: number) => {
    const url = new URL(visit.url);
    url.searchParams.set("page", String(other));
    return url.href;
  };
  const more = (number + 1) * size < all.length;
  return HttpResponse.json({
    pageDetails: {
      count: items.length,
      ...(count && { totalCount: all.length }),
      prevPageUrl: number > 0 ? at(number - 1) : null,
      nextPageUrl: more ? at(number + 1) : null,
    },
    [name]: items,
  });
}

type Source = { deviceUid: string; siteUid: string };

export function alerts(
  visit: Visit,
  state: DattoWorld,
  fake: Fake,
  resolved: boolean,
  where: (source: Source) => boolean,
) {
  const muted = visit.query.get("muted");
  const found = state.alerts.filter(
    (alert) =>
      alert.resolved === resolved && where(alert.alertSourceInfo) && (muted === null || String(alert.muted) === muted),
  );
  return page(visit, fake, "alerts", found, { count: resolved });
}

export const withStatus = (visit: Visit, patches: Record<string, unknown>[]) =>
  patches.filter(
    ({ installStatus }) => !visit.query.has("installStatus") || installStatus === visit.query.get("installStatus"),
  );

export function atSite(visit: Visit, state: DattoWorld, act: (site: World["sites"][number]) => Response) {
  const site = state.world.sites.find(({ uid }) => uid === visit.path["siteUid"]);
  return site ? act(site) : error(visit, 404, "Not Found");
}

export function onDevice(visit: Visit, state: DattoWorld, act: (machine: Machine) => Response) {
  const machine = state.world.machines.find(({ uid }) => uid === visit.path["deviceUid"]);
  return machine ? act(machine) : error(visit, 404, "Not Found");
}

export function atJob(visit: Visit, state: DattoWorld, act: (job: Job) => Response) {
  const job = state.jobs.get(visit.path["jobUid"]!);
  const other = visit.path["deviceUid"];
  return job && (!other || other === job.machine.uid) ? act(job) : error(visit, 404, "Not Found");
}
