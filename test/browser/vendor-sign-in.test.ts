import { mkdirSync } from "node:fs";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DESK, type DeskServer, desk, serveDesk } from "../gateway/desk-server.ts";
import { findingsOn } from "./axe.ts";
import { findChromium, launch } from "./chromium.ts";
import { type House, openHouse } from "./house.ts";
import { setUp, signIn, submit } from "./walk.ts";

const executable = findChromium();
const PICTURES = "out/pages";
const PHONE = { width: 375, height: 760 };
const DESKTOP = { width: 1180, height: 800 };

const FIELDS = {
  "Desk address": `https://${DESK.host}/home`,
  "Tenant (optional)": DESK.tenant,
  "Client ID": DESK.clientId,
};

describe.runIf(executable)("signing in at a vendor, in a real browser (VEN-14, OAU-19)", { timeout: 120_000 }, () => {
  let browser: Browser;
  let house: House;
  let server: DeskServer;

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    browser = await launch(executable!);
    server = await serveDesk();
    house = await openHouse({ DEV_VENDOR_ORIGINS: JSON.stringify({ desk: server.origin }) }, [desk]);
    const page = await open();
    await setUp(page, house);
    await page.context().close();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
    await server?.close();
  });

  const open = async (options: BrowserContextOptions = {}) => (await browser.newContext(options)).newPage();
  const heading = (page: Page) => page.getByRole("heading", { level: 1 }).textContent();
  const signedIn = async (options: BrowserContextOptions = {}) => {
    const page = await open(options);
    await page.goto(`${house.origin}/login`);
    await signIn(page);
    return page;
  };
  const picture = (page: Page, name: string) => page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });

  it("leads from an app's request to the vendor and back to the app, without JavaScript, on a phone", async () => {
    const page = await open({ javaScriptEnabled: false, viewport: PHONE });
    const authorization = await house.authorizeUrl("desk", { scope: "desk:read" });
    await page.goto(authorization.url);
    await signIn(page);
    expect(await heading(page)).toBe("Connect Acme Desk");
    await submit(page, "Continue to Acme Desk", FIELDS);
    expect(await heading(page)).toBe("Sign in to Acme Desk");
    expect(page.url()).toContain(`${server.origin}/auth/authorize?tenant=acme`);
    await page.getByRole("link", { name: "Allow" }).click();
    expect(await heading(page)).toBe("Allow “Robo Assistant” to use Acme Desk?");
    await submit(page, "Allow");
    const code = new URL(page.url()).searchParams.get("code")!;
    expect((await (await authorization.token(code)).json()).scope).toBe("desk:read");
  });

  it("works from settings, and is mended there with one click", async () => {
    const page = await signedIn({ viewport: DESKTOP });
    await page.goto(`${house.origin}/connect/desk`);
    await picture(page, "connect-sign-in");
    await submit(page, "Continue to Acme Desk", { ...FIELDS, "Name of this connection (optional)": "Second desk" });
    await page.getByRole("link", { name: "Allow" }).click();
    expect(new URL(page.url()).pathname).toBe("/settings/vendors");
    expect(await page.textContent(".notice")).toContain("“Second desk” is connected");
    await picture(page, "vendors-signed-in");

    server.endAll();
    await submit(page, "Test Second desk");
    expect(await page.textContent(".notice")).toContain("Acme Desk ended the sign-in of “Second desk”. Sign in again.");
    expect(await page.textContent("main")).toContain("Sign-in ended");
    await picture(page, "vendors-sign-in-ended");
    await submit(page, "Sign in again for Second desk");
    expect(await heading(page)).toBe("Sign in to Acme Desk");
    await page.getByRole("link", { name: "Allow" }).click();
    expect(await page.textContent(".notice")).toContain("“Second desk” is connected");
    expect(await page.getByRole("listitem").filter({ hasText: "Second desk" }).textContent()).toContain("Working");
  });

  it("says what went wrong when the person says no at the vendor, and leads back to the form", async () => {
    const page = await signedIn({ viewport: PHONE });
    await page.goto(`${house.origin}/connect/desk`);
    await submit(page, "Continue to Acme Desk", FIELDS);
    const state = new URL(page.url()).searchParams.get("state");
    await page.goto(`${house.origin}/connect/callback/desk?error=access_denied&state=${state}`);
    expect(await heading(page)).toBe("Acme Desk is not connected");
    await picture(page, "sign-in-denied");
    await page.getByRole("link", { name: "Try again" }).click();
    expect(await heading(page)).toBe("Connect Acme Desk");
  });

  it.each(["light", "dark"] as const)(
    "has pages that a screen reader can use and that fit (%s)",
    async (colorScheme) => {
      for (const viewport of [PHONE, DESKTOP]) {
        const page = await signedIn({ viewport, colorScheme });
        for (const path of ["/connect/desk", "/settings/vendors"]) {
          await page.goto(house.origin + path);
          const isWide = await page.evaluate(
            () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
          );
          expect(isWide, `${path} at ${viewport.width}`).toBe(false);
          expect(await findingsOn(page)).toEqual([]);
        }
        await page.context().close();
      }
    },
  );
});
