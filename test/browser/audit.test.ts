import { mkdirSync } from "node:fs";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEvent } from "../../gateway/audit/audit.ts";
import { problemsOn } from "./axe.ts";
import { findChromium, launch } from "./chromium.ts";
import { type House, openHouse } from "./house.ts";
import { setUp, signIn, submit } from "./walk.ts";

const executable = findChromium();
const PICTURES = "out/pages";
const WIDTHS = { phone: { width: 375, height: 760 }, desktop: { width: 1180, height: 800 } };

describe.runIf(executable)("audit and alerts in a real browser", { timeout: 120_000 }, () => {
  let browser: Browser;
  let house: House;
  let org: string;

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    browser = await launch(executable!);
    house = await openHouse();
    await setUp(await open(), house);
    const { app } = house;
    const { org_id, user_id } = await app.db.selectFrom("memberships").selectAll().executeTakeFirstOrThrow();
    org = org_id;
    const call = (more: Partial<AuditEvent>): Promise<void> =>
      app.audit.record({
        org,
        type: "tool.call",
        actor: { id: user_id, type: "user" },
        client: "https://assistant.example/oauth/client.json",
        grant: "grt_4fK1",
        audience: `${house.origin}/v1/monitor`,
        scopes: ["monitor:read", "monitor:write"],
        policyVersion: 4,
        vendor: "monitor",
        tool: "monitor_list_devices",
        tier: "read",
        rule: "allowed",
        status: "success",
        durationMs: 182,
        callId: "call_9x",
        requestId: "req_1",
        argsHash: "hmac-sha256-Zk3v0cQ8rV9p",
        ...more,
      });
    for (let n = 0; n < 60; n++) await call({ callId: `call_${n}` });
    for (let n = 0; n < 11; n++)
      await call({ status: "denied", rule: "writes-off", tool: "monitor_resolve_alert", tier: "write" });
    await call({ status: "denied", rule: "other-tenant" });
    await call({
      type: "connection.error",
      status: "error",
      rule: "VENDOR_AUTH",
      connection: "con_7Hq2",
      tool: undefined,
    });
    await app.auditTrail.run();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
  });

  const open = async (options: BrowserContextOptions = {}) => (await browser.newContext(options)).newPage();
  const signedIn = async (options: BrowserContextOptions = {}) => {
    const page = await open(options);
    await page.goto(`${house.origin}/login`);
    await signIn(page);
    return page;
  };

  it("lead an auditor from a filter to one event, its proof and a file, without JavaScript (AUD-06, AUD-10, AUD-11, UI-07)", async () => {
    const page = await signedIn({ javaScriptEnabled: false, viewport: WIDTHS.phone });
    await page.goto(`${house.origin}/admin/audit`);
    await page.getByLabel("Outcome").selectOption("denied");
    await submit(page, "Show");
    expect(await page.locator("tbody tr").count()).toBe(12);
    await page
      .locator("tbody tr")
      .nth(1)
      .getByRole("link", { name: /^Event/ })
      .click();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("monitor_resolve_alert");
    expect(await page.textContent("main")).toContain(
      "The rule “writes-off” refused it, under version 4 of the policy.",
    );
    await page.getByRole("link", { name: "Everything about this call" }).click();
    await submit(page, "Verify the trail");
    expect(await page.getByRole("status").textContent()).toMatch(/intact, \d+ events/);
    const download = page.waitForEvent("download");
    await submit(page, "CSV");
    expect((await download).suggestedFilename()).toBe("audit.csv");
  });

  it("let somebody look after an alert and set up where it is told (AUD-09, UI-07)", async () => {
    const page = await signedIn({ javaScriptEnabled: false, viewport: WIDTHS.desktop });
    await page.goto(`${house.origin}/admin/alerts`);
    const first = page.locator(".rows > li").filter({ hasText: "A dead connection" });
    await first.getByRole("button", { name: /^Acknowledge/ }).click();
    expect(await page.getByRole("status").textContent()).toContain("you look after it");
    await submit(page, "Save", { Address: "https://siem.example/hook" });
    expect(await page.textContent("code")).toMatch(/^whsec_/);
    await page.getByRole("link", { name: "I have kept it" }).click();
    await submit(page, "Send a test message");
    expect(await page.getByRole("status").textContent()).toContain("did not arrive");
  });

  it.each(["light", "dark"] as const)("are accessible and fit every width, %s (axe)", async (colorScheme) => {
    const overs: unknown[] = [];
    for (const [name, viewport] of Object.entries(WIDTHS)) {
      const page = await signedIn({ colorScheme, viewport, bypassCSP: true });
      for (const path of ["audit", "audit?status=denied&tier=write", "audit/62", "alerts", "alerts?show=closed"]) {
        await page.goto(`${house.origin}/admin/${path}`);
        expect([path, await problemsOn(page)]).toEqual([path, []]);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        overs.push([path, name, over]);
        const file = `${PICTURES}/admin-${path.replace(/\W+/g, "-")}-${name}-${colorScheme}.png`;
        await page.screenshot({ path: file, fullPage: true });
      }
      await page.context().close();
    }
    expect(overs.filter((one) => (one as unknown[])[2] !== 0)).toEqual([]);
  });
});
