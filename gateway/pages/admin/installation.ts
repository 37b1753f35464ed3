import { hostname } from "node:os";
import type { FastifyInstance } from "fastify";
import type { Setting } from "../../config/settings.ts";
import type { Check } from "../../health/checks.ts";
import type { Report } from "../../health/report.ts";
import { PageProblem } from "../page-problem.ts";
import type { State } from "../views.ts";
import { count } from "../words.ts";
import { adminOf, adminPage } from "./frame.ts";
import { type Moment, moment } from "./moment.ts";

const HERE = "/admin/installation";

declare module "../views.ts" {
  interface Views {
    "admin-installation": {
      state: State;
      /** Host and port, because the next request may reach another one. */
      replica: string;
      process: readonly { label: string; value: string }[];
      checks: readonly { name: string; state: State; says: string }[];
      upstreams: readonly { title: string; state: State; requests: string; lastSuccess?: Moment }[];
      chosen: readonly SettingLine[];
      /** What nobody chose. */
      defaults: readonly SettingLine[];
    };
  }
}

/** `/admin/installation`: how this replica fares and how it is set up. What is shown is what `/ready` and `/config` say. */
export default async function installation(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => {
    const { runsInstallation } = await adminOf(app, request, "policy");
    if (!runsInstallation) throw new PageProblem(403, "This is not yours to look after", GUESTS);
    const report = await app.health.report();
    const { settings } = app.config;
    const data = {
      state: STATES[report.status],
      replica: `${hostname()}:${app.config.port}`,
      process: processOf(report),
      checks: report.checks.map(({ name, state, says }) => ({ name: CHECKS[name] ?? name, state: stateOf(state), says })),
      upstreams: report.upstreams.map((one) => upstream(app, one)),
      chosen: settings.filter(({ from }) => from !== "default").map(settingLine),
      defaults: settings.filter(({ from }) => from === "default").map(settingLine),
    };
    return adminPage(reply, "admin-installation", data, { title: "Installation", here: HERE });
  });
} // biome-ignore format: one thought

const GUESTS =
  "This page is for owners and admins of the organisation that was here first and runs the installation. If that is you, switch to it at the top of the page.";

const STATES: Readonly<Record<Report["status"], State>> = {
  ok: { kind: "good", text: "Serving" },
  failing: { kind: "bad", text: "Not serving" },
  draining: { kind: "warn", text: "Ending" },
};

const CHECKS: Readonly<Record<string, string>> = {
  database: "Database",
  migrations: "Migrations",
  keys: "Master key",
  cache: "Other replicas",
  tools: "Tools",
  clock: "Clock",
};

interface SettingLine {
  readonly name: string;
  readonly about: string;
  readonly value: string;
  readonly isFile: boolean;
}

const settingLine = ({ name, about, value, from }: Setting): SettingLine => ({
  name,
  about: about.replaceAll("`", ""),
  value: value.replaceAll("`", ""),
  isFile: from === "file",
});

const stateOf = (state: Check["state"]): State =>
  ({ ok: { kind: "good", text: "OK" }, degraded: { kind: "warn", text: "With less" }, failing: { kind: "bad", text: "Failing" } } as const)[state]; // biome-ignore format: one thought

const processOf = ({ process }: Report) => [
  { label: "Version", value: process.version },
  { label: "Running for", value: duration(process.uptimeSeconds) },
  { label: "Memory", value: `${Math.round(process.rssBytes / 1e6)} MB` },
  { label: "Node.js", value: process.node },
];

function duration(seconds: number): string {
  if (seconds < 120) return count(seconds, "second");
  if (seconds < 7200) return count(Math.round(seconds / 60), "minute");
  return seconds < 172_800 ? count(Math.round(seconds / 3600), "hour") : count(Math.round(seconds / 86_400), "day");
}

function upstream({ vendors }: FastifyInstance, { vendor, requests, failed, breakersOpen, lastSuccessAt }: Report["upstreams"][number]) {
  const state: State =
    breakersOpen > 0
      ? { kind: "bad", text: "Held back" }
      : requests === 0
        ? { kind: "", text: "Not asked" }
        : failed * 5 > requests
          ? { kind: "warn", text: "Failing" }
          : { kind: "good", text: "Answering" };
  return {
    title: vendors.get(vendor)?.title ?? vendor,
    state,
    requests: `${count(requests, "request")}, ${failed} failed`,
    lastSuccess: lastSuccessAt === null ? undefined : moment(Date.parse(lastSuccessAt)),
  };
} // biome-ignore format: one thought
