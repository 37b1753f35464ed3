import type { FastifyInstance } from "fastify";
import { changesSomething } from "../policy/decide.ts";
import type { Call, Outcome } from "./call.ts";
import { connectionOf } from "./connection.ts";
import { isUnclear } from "./outcome.ts";

/** How a call meets the answers of before. */
export interface KeptAnswers {
  /** Runs a read, or answers it from before where its operations allow that. The caller may make it: that is decided. */
  read(call: Call, input: unknown, run: () => Promise<Outcome>): Promise<Outcome>;
  /** Runs a change, after which no answer from before it is used. */
  change(call: Call, run: () => Promise<Outcome>): Promise<Outcome>;
}

export function keptAnswers(app: FastifyInstance): KeptAnswers {
  const { results, config, vendors } = app;
  /** Others have nothing that could be kept. */
  const keeping = new Set(
    [...vendors.values()].filter(({ tools }) => tools.some(({ cache }) => cache)).map(({ slug }) => slug),
  );

  return {
    async read(call, input, run) {
      const ttlMs = ttlOf(call, config.cacheSeconds) * 1000;
      if (ttlMs === 0) return await run();
      const { caller, entry } = call;
      const { slug: vendor } = entry.owner;
      const connection = await connectionOf(app, call, vendor);
      // Keys that the vendor refuses lead nowhere, not to what they opened before.
      if (connection?.status !== "active") return await run();
      const question = {
        org: caller.orgId,
        vendor,
        connection: { id: connection.id, version: connection.version },
        policyVersion: caller.policy.version,
        toolHash: entry.facts.hash,
        release: results.release,
        input,
      };
      const found = await results.answer(question, ttlMs, async () => {
        const outcome = await run();
        return { outcome, ...(outcome.connectionId === connection.id && { keep: toKeep(outcome) }) };
      });
      return "asked" in found ? found.asked : answered(found.kept, connection.id, app.clock.now());
    },

    async change(call, run) {
      const changed = call.entry.facts.parts.filter(({ access }) => changesSomething(access));
      const touched = new Set(changed.map(({ vendor }) => vendor).filter((vendor) => keeping.has(vendor)));
      if (touched.size === 0) return await run();
      const place = { org: call.caller.orgId, vendors: [...touched].sort() };
      return await results.generations.around(place, run, (outcome) => outcome.ok || !isUnclear(call, outcome.error));
    },
  };
}

/** In seconds; 0 for what is asked each time. Who is limited to some customers never meets an answer that is not. */
export function ttlOf({ caller, entry }: Call, most: number): number {
  const { tool, across } = entry;
  if (!tool.cache || tool.access !== "read" || across || caller.limited) return 0;
  return tool.cache === true ? most : Math.min(tool.cache, most);
}

/** Only what is whole and had nothing to hide. */
function toKeep(outcome: Outcome): string | undefined {
  if (!outcome.ok || outcome.waiting || outcome.limitedTo || outcome.unanswered) return undefined;
  const isWhole = outcome.value["partial"] === undefined;
  return isWhole && Object.keys(outcome.removed ?? {}).length === 0 ? outcome.json : undefined;
}

const answered = ({ json, at }: { json: string; at: number }, connectionId: string, now: number): Outcome => ({
  ok: true,
  value: JSON.parse(json),
  json,
  bytes: Buffer.byteLength(json),
  removed: {},
  status: "success",
  rule: "allowed",
  connectionId,
  cached: { ageSeconds: Math.max(0, Math.floor((now - at) / 1000)) },
});
