import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, createBrowser } from "../../../test/e2e/browser.ts";
import type { ToolAnswer } from "../../../test/e2e/clients.ts";
import type { Told } from "../ledger.ts";
import type { Seeded } from "../seed.ts";
import { assistant, codeOf, type Part, steadily } from "./loop.ts";

/** The record that is changed over and over; each change carries its mark. */
export interface Target {
  readonly tool: string;
  args(mark: string): Record<string, unknown>;
}

export const signedIn = (url: string, { session }: Seeded): Browser => {
  const browser = createBrowser(url);
  browser.cookies.set("session", session);
  return browser;
};

/** Changes that nobody is asked about. An answer that does not come is not asked for again: that would be another change. */
export async function unaskedWrites(part: Part, person: Seeded, target: Target): Promise<void> {
  const own = assistant(part, person.token);
  await steadily(part, async () => {
    const written = begin(part, "unasked");
    written.told = toldBy(await own.call(target.tool, target.args(written.mark)));
    written.end();
  });
  await own.close();
}

/** The call asks, a person says yes on the page, the call is repeated; a lost answer is asked for once more. */
export async function approvedWrites(part: Part, person: Seeded, target: Target): Promise<void> {
  const own = assistant(part, person.token);
  const browser = signedIn(part.url, person);
  await steadily(part, async () => {
    const written = begin(part, "approved");
    const call = () => own.call(target.tool, target.args(written.mark));
    const path = await untilAnswered(part, async () => waitingAt(await call()));
    if (path === undefined) return written.end();
    await untilAnswered(part, () => approve(browser, path));
    const first = await call().catch(() => undefined);
    written.told = first ? toldBy(first) : "open";
    // Whoever got no answer, or was told that nothing was done, may repeat it: the yes counts once.
    for (let tries = 0; (written.told === "open" || written.told === "not made") && tries < 100; tries++) {
      await sleep(200);
      const again = await call().catch(() => undefined);
      if (!again) continue;
      written.told = waitingAt(again) ? "unknown" : toldBy(again);
    }
    written.end();
  });
  await own.close();
}

/** Changes that a standing approval allows. */
export async function standingWrites(part: Part, person: Seeded, target: Target): Promise<void> {
  const own = assistant(part, person.token);
  await steadily(part, async () => {
    const written = begin(part, "standing");
    written.told = toldBy(await own.call(target.tool, target.args(written.mark)));
    written.end();
  });
  await own.close();
}

/** A person says yes to one change, and to 10,000 more that differ in their text alone. */
export async function allowBeforehand(part: Part, person: Seeded, target: Target): Promise<void> {
  const own = assistant(part, person.token);
  const browser = signedIn(part.url, person);
  const first = target.args(`before-${Date.now()}`);
  const path = waitingAt(await own.call(target.tool, first));
  if (!path) throw new Error("A call that should wait for a person did not.");
  await approve(browser, path);
  await own.call(target.tool, first);
  const page = await browser.get(path);
  const fixed = Object.keys(first).filter((name) => name !== "notes" && name !== "text");
  const made = await browser.submit(page, { fixed, hours: "8", uses: "10000" }, `${path}/standing`);
  if (made.url.pathname !== "/approvals/standing") throw new Error(`No standing approval: ${made.title}`);
  await own.close();
}

/** Puts a change down before it is sent, and what was told when it is over. */
function begin({ ledger }: Part, way: "approved" | "standing" | "unasked") {
  const mark = ledger.write(way);
  const written = {
    mark,
    told: "open" as Told,
    end() {
      ledger.writes.get(mark)!.told = written.told;
    },
  };
  return written;
}

/** Codes after which the gateway says that nothing was changed. */
const NOT_MADE = new Set(["AUDIT_UNAVAILABLE", "RATE_LIMITED", "WRITE_DENIED", "POLICY_DENIED", "NOT_CONNECTED", "INVALID_INPUT"]); // biome-ignore format: one thought

/** Of an outage of the database; where a change had left already, it does not say so. */
const saysUnchanged = ({ content }: ToolAnswer) =>
  /^DATABASE_UNAVAILABLE: .*Nothing was changed\./.test(content[0]?.text ?? "");

function toldBy(answer: ToolAnswer): Told {
  if (waitingAt(answer)) return "not made";
  if (!answer.isError) return "done";
  return NOT_MADE.has(codeOf(answer)) || saysUnchanged(answer) ? "not made" : "unknown";
}

/** The page on which a person decides, where the call waits. */
export function waitingAt({ structuredContent }: ToolAnswer): string | undefined {
  if (structuredContent?.["status"] !== "approval_required") return undefined;
  return new URL(String(structuredContent["url"])).pathname;
}

export async function approve(browser: Browser, path: string): Promise<true> {
  const page = await browser.get(path);
  if (page.status === 200 && !page.html.includes('value="approve"')) return true; // an answer that was lost had counted
  const forms = page.forms.map((form) => ({ ...form, fields: [...form.fields, { name: "answer", value: "", on: false }] })); // biome-ignore format: one thought
  const after = await browser.submit({ ...page, forms }, { answer: "approve", note: "" }, path);
  if (after.status !== 200) throw new Error(`Approving answered ${after.status}`);
  return true;
}

async function untilAnswered<Result>({ stop }: Part, ask: () => Promise<Result>): Promise<Result | undefined> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (stop.aborted) throw error;
      await sleep(100);
    }
  }
}
