import type { FastifyInstance } from "fastify";
import manifest from "../../package.json" with { type: "json" };
import { type Check, checksFor, remembered } from "./checks.ts";

export type Status = "ok" | "failing" | "draining";

export interface Report {
  readonly status: Status;
  readonly process: {
    readonly version: string;
    readonly node: string;
    readonly uptimeSeconds: number;
    readonly rssBytes: number;
  };
  readonly checks: readonly Check[];
  readonly upstreams: readonly UpstreamReport[];
}

export interface UpstreamReport {
  readonly vendor: string;
  readonly lastSuccessAt: string | null;
  /** Of this process in the last five minutes. */
  readonly requests: number;
  readonly failed: number;
  /** Circuit breakers that hold requests back now. */
  readonly breakersOpen: number;
}

/** Whoever may know nothing more reads this alone. */
export interface Health {
  status(): Promise<Status>;
  report(): Promise<Report>;
}

/** Probes come from everywhere and without a token: however many there are, the database is asked once a second. */
const GOOD_MS = 1000;

export function createHealth(app: FastifyInstance): Health {
  const check = checksFor(app);
  const checks = remembered(check, () => GOOD_MS);
  const statusOf = (all: readonly Check[]): Status =>
    app.drain.begun ? "draining" : all.some(({ state }) => state === "failing") ? "failing" : "ok";
  return {
    status: async () => statusOf(await checks()),
    async report() {
      const all = await checks();
      return {
        status: statusOf(all),
        process: {
          version: manifest.version,
          node: process.version,
          uptimeSeconds: Math.round(process.uptime()),
          rssBytes: process.memoryUsage.rss(),
        },
        checks: all,
        upstreams: upstreamsOf(app),
      };
    },
  };
}

function upstreamsOf({ vendors, upstreams, lanes }: FastifyInstance): UpstreamReport[] {
  const open = [...lanes.guards.open()];
  return [...vendors.keys()].map((vendor) => {
    const { lastSuccessAt, requests, failed } = upstreams.of(vendor);
    return {
      vendor,
      lastSuccessAt: lastSuccessAt === undefined ? null : new Date(lastSuccessAt).toISOString(),
      requests,
      failed,
      breakersOpen: open.filter((each) => each === vendor).length,
    };
  });
}
