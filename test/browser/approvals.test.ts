import { mkdirSync } from "node:fs";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSession } from "../../gateway/identity/sessions.ts";
import { memberOf } from "../gateway/approvals/members.ts";
import { askingRoom, RENAME } from "../gateway/approvals/room.ts";
import { freePort } from "../setup/free-port.ts";
import { problemsOn } from "./axe.ts";
import { findChromium, launch } from "./chromium.ts";

const executable = findChromium();
const PICTURES = "out/pages";
const WIPE = { name: "acme_wipe_thing", arguments: { id: "srv-03" } };
const LONG = { id: "t7", name: `Reception printer, ${"second floor, ".repeat(30)}left`, mail: true };

describe.runIf(executable)("approvals in a real browser", { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    browser = await launch(executable!);
  });
  afterAll(() => browser?.close());

  async function house() {
    const port = await freePort();
    const env = { PORT: String(port), PUBLIC_URL: `http://localhost:${port}` };
    const room = await askingRoom({ env, port });
    const { app, ann } = room;
    const open = async (options: BrowserContextOptions = {}): Promise<Page> => {
      const context = await browser.newContext(options);
      const { token } = await createSession(app.db, { userId: ann.user, now: app.clock.now(), org: ann.org });
      await context.addCookies([
        { name: "session", value: token, url: app.config.publicUrl, httpOnly: true, sameSite: "Lax" },
      ]);
      return await context.newPage();
    };
    return { ...room, open };
  }

  it("let a call of a client wait, be approved on a phone without JavaScript, and run (UI-06, APR-03)", async () => {
    const { ask, call, renamed, open, app } = await house();
    const { url } = await ask();
    const page = await open({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    await page.goto(`${app.config.publicUrl}/settings`);
    await page.getByRole("link", { name: "Approvals 1 waiting" }).click();
    await page.getByRole("link", { name: "Rename a thing" }).click();
    expect(page.url()).toBe(url);
    await page.getByLabel("Note").fill("Go ahead");
    await page.getByRole("button", { name: "Approve once" }).click();
    expect(await page.getByRole("status").textContent()).toContain("Your yes is recorded.");
    expect(await page.textContent("main")).toContain("Tell the assistant to repeat the call");
    await call();
    expect(renamed()).toEqual(["t1"]);
    await page.reload();
    expect(await page.textContent("main")).toContain("The call was made once: it succeeded.");
  });

  it("have no serious accessibility findings, wide and narrow, light and dark; pictures are kept (UI-06)", async () => {
    const { app, ann, ask, answer, call, open } = await house();
    await memberOf(app, ann.org, "approver", "amy@example.com");
    const done = await ask();
    await answer(done.approval_id);
    await call();
    const denied = await ask({ ...RENAME, arguments: { id: "t2", name: "Other" } });
    await answer(denied.approval_id, "deny", { note: "Not this week" });
    const long = await ask({ ...RENAME, arguments: LONG });
    const other = await ask(WIPE);
    const pages = {
      "approvals-inbox": "/approvals",
      "approvals-request": `/approvals/${long.approval_id}`,
      "approvals-other": `/approvals/${other.approval_id}`,
      "approvals-done": `/approvals/${done.approval_id}`,
      "approvals-denied": `/approvals/${denied.approval_id}`,
      "approvals-standing": "/approvals/standing",
    };
    for (const colorScheme of ["light", "dark"] as const)
      for (const width of [390, 1280]) {
        const page = await open({ colorScheme, viewport: { width, height: 900 } });
        for (const [name, path] of Object.entries(pages)) {
          await page.goto(app.config.publicUrl + path);
          expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), name).toBe(true);
          await page.screenshot({ path: `${PICTURES}/${name}-${width}-${colorScheme}.png`, fullPage: true });
          expect(await problemsOn(page), `${name} ${width} ${colorScheme}`).toEqual([]);
        }
        await page.context().close();
      }
  });
});
