import { setTimeout as sleep } from "node:timers/promises";
import { verifyAll } from "../../gateway/audit/verify.ts";
import { changePolicy } from "../../gateway/identity/policies.ts";
import { idsOf } from "../../test/e2e/cases.ts";
import { faketime } from "./clocks.ts";
import { install } from "./installation.ts";
import { openLedger } from "./ledger.ts";
import { authorized, renew } from "./load/changes.ts";
import { assistant, codeOf } from "./load/loop.ts";
import { approve, signedIn, waitingAt } from "./load/writes.ts";
import { toolCall } from "./recovery.ts";
import type { Scenario } from "./scenario.ts";
import { asked, seed, unasked } from "./seed.ts";
import { signInAtHalo } from "./sign-in.ts";

const AHEAD_SECONDS = 300;
const CALLS_PER_MINUTE = 12;
/** Sign-ins that end, for each round. */
const DUE = 10;

/** Two replicas whose clocks differ, as where one does not keep time: they share tokens, approvals, limits and renewals all the same. */
export const skewedClocks: Scenario = {
  about: `two replicas, the clock of the second ${AHEAD_SECONDS / 60} minutes ahead (libfaketime)`,
  limitMs: () => 300_000,
  async run(ground, { rounds }, progress) {
    const due = rounds * DUE;
    const library = faketime();
    if (!library) throw new Error("There is no libfaketime; Debian has it in the package faketime.");
    const ahead = ["env", `LD_PRELOAD=${library}`, `FAKETIME=+${AHEAD_SECONDS}s`, "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1", process.execPath] as const; // biome-ignore format: one thought
    const env = { CALLS_PER_MINUTE: String(CALLS_PER_MINUTE) };
    const { url, vendors, inside, replicas } = await install(ground, { replicas: 2, commands: [[process.execPath], ahead], env }); // biome-ignore format: one thought
    const [right, early] = replicas.map(({ port }) => `http://localhost:${port}`) as [string, string];
    const app = await inside();
    const ann = await seed(app, { name: "ann", vendors: ["itglue"], policy: asked });
    const ben = await seed(app, { name: "ben", vendors: ["itglue"] });
    const cay = await seed(app, { name: "cay", vendors: ["itglue"], policy: unasked });
    const ledger = openLedger();
    const { problems } = ledger;
    const expect = (what: string, isSo: boolean) => {
      progress(`${isSo ? "as it should be" : "WRONG"}: ${what}`);
      if (!isSo) problems.push(what);
    };
    const stop = AbortSignal.timeout(280_000);
    const part = (at: string) => ({ url: at, ledger, stop, pauseMs: 0 });
    const read = async (at: string, token: string, path = "/mcp") => {
      const answer = await fetch(`${at}${path}`, toolCall(token, "itglue_get_organization", { id: "4001" }));
      return { status: answer.status, text: await answer.text() };
    };
    const isGood = async (at: string, token: string) =>
      (await read(at, token, "/v1/itglue")).text.includes('"structuredContent"');
    const { id } = idsOf(vendors.fakes).record("configurations", "CONT-SEA-DC01");
    const save = (mark: string) => ({ id, name: "CONT-SEA-DC01", notes: mark });

    const granted = await authorized(part(url), ben);
    for (const [name, from, to] of [
      ["right", right, early],
      ["early", early, right],
    ] as const) {
      // biome-ignore format: one thought
      await renew(part(from), granted);
      expect(`a token from the ${name} one works at both`, (await isGood(from, granted.accessToken)) && (await isGood(to, granted.accessToken))); // biome-ignore format: one thought
      expect(`a browser is signed in at both (${name})`, (await signedIn(from, ann).get("/settings")).url.pathname === "/settings"); // biome-ignore format: one thought
      const [asks, repeats] = [assistant(part(from), ann.token), assistant(part(to), ann.token)];
      const mark = ledger.write("approved");
      const page = waitingAt(await asks.call("itglue_save_configuration", save(mark)))!;
      await approve(signedIn(url, ann), page);
      const made = await repeats.call("itglue_save_configuration", save(mark));
      expect(`a yes that was asked for at the ${name} one and used at the other counts (${codeOf(made)})`, !made.isError && !waitingAt(made)); // biome-ignore format: one thought
      await asks.call("itglue_save_configuration", save(mark));
      expect("and counts once", vendors.arrivals(mark) === 1);
      await asks.close();
      await repeats.close();
    }

    for (const [name, from, to] of [
      ["right", right, early],
      ["early", early, right],
    ] as const) {
      // biome-ignore format: one thought
      const person = await seed(app, { name: `spender-${name}`, vendors: ["itglue"] });
      for (let n = 0; n < CALLS_PER_MINUTE; n++) await read(from, person.token);
      const { text } = await read(to, person.token);
      const wait = Number(/Retry after (\d+) s/.exec(text)?.[1] ?? Number.NaN);
      expect(`calls spent at the ${name} one are spent at the other, which says to wait ${wait} s`, wait <= 120);
    }

    const writer = { right: assistant(part(right), cay.token), early: assistant(part(early), cay.token) };
    const first = await writer.early.call("itglue_save_configuration", save(ledger.write("unasked")));
    expect(`changes are allowed at first (${codeOf(first)})`, !first.isError);
    await changePolicy(app, { org: cay.org, actor: cay.user, type: "policy.seed", change: (document) => ({ ...document, switches: { write: false, destroy: false, reveal: false } }) }); // biome-ignore format: one thought
    for (const [name, own] of Object.entries(writer)) {
      const after = await own.call("itglue_save_configuration", save(ledger.write("unasked")));
      expect(`the next call after the switch is refused at the ${name} one (${codeOf(after)})`, after.isError === true);
      await own.close();
    }

    const give = await signInAtHalo(vendors);
    for (let n = 0; n < due; n++)
      await seed(app, { name: `due-${n}`, vendors: ["halopsa"], signedIn: { halopsa: give() } });
    vendors.renewalMs = 3000;
    const before = vendors.renewals.length;
    await app.db.updateTable("credentials").set({ created_at: 0, expires_at: Date.now() + 30_000 }).where("expires_at", "is not", null).execute(); // biome-ignore format: one thought
    const renewed = async () => Number((await app.db.selectFrom("credentials").select(({ fn }) => fn.countAll().as("count")).where("version", ">", 1).executeTakeFirstOrThrow()).count); // biome-ignore format: one thought
    for (let waited = 0; waited < 90_000 && (await renewed()) < due; waited += 500) await sleep(500);
    const states = await app.db.selectFrom("connections").select("status").where("vendor", "=", "halopsa").execute();
    const requests = vendors.renewals.length - before;
    expect(`${due} sign-ins that end were each renewed, with ${requests} requests`, (await renewed()) === due && requests === due); // biome-ignore format: one thought
    expect("and all of them still work", states.every(({ status }) => status === "active")); // biome-ignore format: one thought

    const verdicts = await verifyAll(app.db, app.keys.audit);
    expect("the audit chains are whole", verdicts.every(({ ok }) => ok)); // biome-ignore format: one thought
    await app.close();
    return { figures: { renewals: { due, requests } }, problems };
  },
};
