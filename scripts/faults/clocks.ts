import { existsSync, globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { verifyAll } from "../../gateway/audit/verify.ts";
import { idsOf } from "../../test/e2e/cases.ts";
import { install } from "./installation.ts";
import { openLedger } from "./ledger.ts";
import { authorized, renew } from "./load/changes.ts";
import { assistant, codeOf } from "./load/loop.ts";
import { approve, signedIn, waitingAt } from "./load/writes.ts";
import { toolCall } from "./recovery.ts";
import type { Scenario } from "./scenario.ts";
import { asked, seed } from "./seed.ts";

const LIBRARY = "libfaketimeMT.so.1";
const CALLS_PER_MINUTE = 12;

/** The clock of a running gateway jumps an hour ahead, and then back; libfaketime bends it, timers stay as they are. */
export const clocks: Scenario = {
  about: "the clock of a running gateway jumps an hour ahead and an hour back (libfaketime)",
  limitMs: () => 300_000,
  async run(ground, _options, progress) {
    const library = faketime();
    if (!library) throw new Error("There is no libfaketime; Debian has it in the package faketime.");
    const file = join(ground.folder, "clock");
    const setClock = (offset: string) => writeFileSync(file, `${offset}\n`, { mode: 0o644 });
    setClock("+0");
    const command = ["env", `LD_PRELOAD=${library}`, `FAKETIME_TIMESTAMP_FILE=${file}`, "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1", process.execPath] as const; // biome-ignore format: one thought
    const env = { CALLS_PER_MINUTE: String(CALLS_PER_MINUTE) };
    const { url, vendors, inside } = await install(ground, { storage: "sqlite", commands: [command], env });
    const app = await inside();
    const person = await seed(app, { name: "ann", vendors: ["itglue"], policy: asked });
    const caller = await seed(app, { name: "ben", vendors: ["itglue"] });
    await app.close();
    const ledger = openLedger();
    const { problems } = ledger;
    const expect = (what: string, isSo: boolean) => {
      progress(`${isSo ? "as it should be" : "WRONG"}: ${what}`);
      if (!isSo) problems.push(what);
    };

    const part = { url, ledger, stop: AbortSignal.timeout(280_000), pauseMs: 0 };
    const own = assistant(part, person.token);
    const browser = signedIn(url, person);
    const granted = await authorized(part, caller);
    const { id } = idsOf(vendors.fakes).record("configurations", "CONT-SEA-DC01");
    const save = (mark: string) => ({ id, name: "CONT-SEA-DC01", notes: mark });
    const read = async (token: string) => {
      const answer = await fetch(`${url}/v1/itglue`, toolCall(token, "itglue_get_organization", { id: "4001" }));
      return { status: answer.status, text: await answer.text() };
    };
    const isGood = async (token: string) => /"structuredContent"/.test((await read(token)).text);
    const pageIsOpen = async () => {
      const page = await browser.get("/settings");
      return page.status === 200 && page.url.pathname === "/settings";
    };
    /** How long whoever has used up their calls is told to wait. */
    const waitSeconds = async () => {
      for (let n = 0; n <= CALLS_PER_MINUTE; n++) {
        const { text } = await read(granted.accessToken);
        if (text.includes("RATE_LIMITED")) return Number(/Retry after (\d+) s/.exec(text)?.[1] ?? Number.NaN);
      }
      return 0;
    };

    const early = ledger.write("approved");
    const first = waitingAt(await own.call("itglue_save_configuration", save(early)))!;
    const unused = ledger.write("approved");
    const second = waitingAt(await own.call("itglue_save_configuration", save(unused)))!;
    await approve(browser, second);
    expect("a token and a browser work before", (await isGood(granted.accessToken)) && (await pageIsOpen()));

    setClock("+1h");
    await sleep(500);
    const old = await read(granted.accessToken);
    expect("an hour ahead: an access token of ten minutes is refused", old.status === 401);
    await renew(part, granted);
    expect("an hour ahead: the refresh token gives new ones", await isGood(granted.accessToken));
    expect("an hour ahead: a browser is still signed in", await pageIsOpen());
    expect("an hour ahead: a request for approval has expired", !(await browser.get(first)).html.includes('value="approve"')); // biome-ignore format: one thought
    const again = await own.call("itglue_save_configuration", save(unused));
    expect("an hour ahead: a yes that nobody used has expired, and the call asks anew", waitingAt(again) !== undefined && waitingAt(again) !== second); // biome-ignore format: one thought
    expect("an hour ahead: a limit says at most a minute", (await waitSeconds()) <= 60);
    const late = ledger.write("approved");
    const third = waitingAt(await own.call("itglue_save_configuration", save(late)))!;
    await approve(browser, third);

    setClock("+0");
    await sleep(500);
    expect("back: a token that was given in the future works", (await read(granted.accessToken)).status === 200);
    expect("back: a browser is still signed in", await pageIsOpen());
    const wait = await waitSeconds();
    expect(`back: a limit does not last an hour (it says ${wait} s)`, wait <= 120);
    const made = await own.call("itglue_save_configuration", save(late));
    expect(`back: a yes of the future counts (${codeOf(made)})`, !made.isError && waitingAt(made) === undefined);
    await own.call("itglue_save_configuration", save(late));
    expect("back: and counts once", vendors.arrivals(late) === 1);
    expect("nothing was made without a yes", vendors.arrivals(early) === 0 && vendors.arrivals(unused) === 0);
    await renew(part, granted);
    expect("back: tokens can be renewed", (await read(granted.accessToken)).status === 200);
    await own.close();

    const after = await inside();
    const verdicts = await verifyAll(after.db, after.keys.audit);
    const rows = await after.db.selectFrom("audit_events").select(["org_id", "seq", "at"]).orderBy("org_id").orderBy("seq").execute(); // biome-ignore format: one thought
    await after.close();
    expect(
      "the audit chains are whole, in the order in which things happened",
      verdicts.every(({ ok }) => ok),
    );
    const backwards = rows.filter((row, n) => rows[n - 1]?.org_id === row.org_id && rows[n - 1]!.at > row.at).length;
    return { figures: { audit: { events: rows.length, steps_back_in_time: backwards } }, problems };
  },
};

export const faketime = (): string | undefined =>
  globSync(`/usr/lib/*/faketime/${LIBRARY}`).find((path) => existsSync(path));
