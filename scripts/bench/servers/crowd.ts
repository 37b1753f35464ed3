import { setTimeout } from "node:timers/promises";
import { sql } from "kysely";
import { newId } from "../../../gateway/database/ids.ts";
import type { Memory } from "../memory.ts";
import { call } from "../targets.ts";
import { addPerson, openHouse } from "./house.ts";

/** Many people in one process: ten to an organisation, each with a connection and a token. Does what it is told, one thing at a time. */
const PEOPLE = Number(process.env["PEOPLE"]);
const TEN = 10;
/** Sweeps come every minute or more often. */
const SWEPT_MS = 65_000;
const LATER_MS = 2 * 3_600_000;

let later = 0;
const { app } = await openHouse({}, { now: () => Date.now() + later });
await sql`pragma synchronous = off`.execute(app.db); // this is about memory, not about the disk
const tokens: string[] = [];
for (let org = ""; tokens.length < PEOPLE; ) {
  if (tokens.length % TEN === 0) org = newId("org");
  tokens.push((await addPerson(app, "datto-rmm", { org })).authorization);
}

const work: Record<string, () => Promise<unknown>> = {
  async memory(): Promise<Memory> {
    for (let round = 0; round < 3; round++) {
      globalThis.gc!();
      await setTimeout(500);
    }
    const { rss, heapUsed } = process.memoryUsage();
    return { rss_mb: Math.round(rss / 2 ** 20), heap_mb: Math.round((heapUsed / 2 ** 20) * 10) / 10 };
  },
  async call() {
    for (let from = 0; from < tokens.length; from += TEN) await Promise.all(tokens.slice(from, from + TEN).map(once));
  },
  async leave() {
    later += LATER_MS;
    await setTimeout(SWEPT_MS);
  },
};

async function once(authorization: string) {
  const { headers, body } = call("", "datto_get_device", { authorization });
  const answer = await app.inject({
    method: "POST",
    url: "/v1/datto-rmm",
    headers: { ...headers, host: app.config.publicUrl.slice("http://".length) },
    payload: body!,
  });
  if (answer.statusCode !== 200 || answer.body.includes('"isError":true')) throw new Error(answer.body.slice(0, 200));
}

process.on("message", async (asked: { work: string }) => process.send!((await work[asked.work]!()) ?? {}));
process.send!({ url: app.config.publicUrl });
