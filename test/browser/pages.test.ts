import { mkdirSync } from "node:fs";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "../../gateway/identity/users.ts";
import { problemsOn } from "./axe.ts";
import { findChromium, launch } from "./chromium.ts";
import { type House, OWNER, openHouse } from "./house.ts";
import { KEYS, setUp, signIn, submit, toConsent } from "./walk.ts";

const executable = findChromium();
const PICTURES = "out/pages";
const PHONE = { width: 375, height: 760 };
const DESKTOP = { width: 1180, height: 800 };

describe.runIf(executable)("pages in a real browser", { timeout: 120_000 }, () => {
  let browser: Browser;
  let house: House;

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    browser = await launch(executable!);
    house = await openHouse();
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
  const heading = (page: Page) => page.getByRole("heading", { level: 1 }).textContent();

  it("lead from set-up to an app's access and back out, without JavaScript, on a phone (UI-01, UI-02, UI-03, UI-05)", async () => {
    const page = await open({ javaScriptEnabled: false, viewport: PHONE });
    await setUp(page, house);
    expect(await page.textContent(".notice")).toContain("Welcome, Ann Owner");
    await submit(page, "Sign out");

    const authorization = await house.authorizeUrl("monitor");
    await page.goto(authorization.url);
    expect(await heading(page)).toBe("Sign in");
    await signIn(page, { ...OWNER, password: "not the password" });
    expect(await page.getByRole("alert").textContent()).toContain("do not match");
    await signIn(page);

    expect(await heading(page)).toBe("Connect Acme Monitor");
    await submit(page, "Test and connect", { "API key": KEYS.apiKey, "API secret key": KEYS.wrong });
    expect(await page.getByRole("alert").textContent()).toContain("does not accept these keys");
    expect(await page.getByLabel("API key", { exact: true }).inputValue()).toBe(KEYS.apiKey);
    expect(await page.getByLabel("API secret key").inputValue()).toBe("");
    expect(await page.content()).not.toContain(KEYS.wrong);
    await submit(page, "Test and connect", { "API secret key": KEYS.right });

    expect(await heading(page)).toBe("Allow “Robo Assistant” to use Acme Monitor?");
    await page.getByRole("checkbox").uncheck();
    await submit(page, "Allow");
    const back = new URL(page.url());
    expect(back.href).toContain(house.client.redirect);
    expect(back.searchParams.get("iss")).toBe(house.origin);
    const tokens = await (await authorization.token(back.searchParams.get("code")!)).json();
    expect(tokens).toMatchObject({ token_type: "Bearer", scope: "monitor:read" });
    const call = () =>
      fetch(`${house.origin}/v1/monitor/tools/list`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    expect((await call()).status).toBe(200);

    await page.goto(`${house.origin}/settings`);
    expect(await page.textContent("main")).toContain("“Robo Assistant”");
    await page.getByRole("link", { name: "Manage vendors" }).click();
    await submit(page, "Test Europe");
    expect(await page.textContent(".notice")).toContain("accepts the keys");
    await page.getByRole("link", { name: "Revoke Europe" }).click();
    expect(await heading(page)).toBe("Revoke “Europe”?");
    await submit(page, "Delete keys and end access");
    expect(await page.textContent(".notice")).toContain("the keys for Acme Monitor are deleted");

    await page.goto(`${house.origin}/settings`);
    await submit(page, "Revoke Robo Assistant for Acme Monitor");
    expect(await page.textContent(".notice")).toContain("access has ended");
    expect((await call()).status).toBe(401);
  });

  it("let another person sign in for an app that somebody used before in this browser", async () => {
    const ben = { name: "Ben", email: "ben@example.com", password: "another correct horse" };
    await createUser(house.app, ben);
    const page = await signedIn();
    await connectAgain(page);
    await toConsent(page, house);
    await submit(page, "Not ann@example.com? Sign in with another account");
    expect(await heading(page)).toBe("Sign in");
    await signIn(page, ben);
    expect(await heading(page)).toBe("Connect Acme Monitor");
    await submit(page, "Cancel and go back to the app");
    expect(new URL(page.url()).searchParams.get("error")).toBe("access_denied");
    await page.goto(`${house.origin}/settings`);
    expect(await page.textContent("header")).toContain(ben.email);
  });

  async function connectAgain(page: Page) {
    await page.goto(`${house.origin}/connect/monitor`);
    await submit(page, "Test and connect", { "API key": KEYS.apiKey, "API secret key": KEYS.right });
  }

  /** Whatever wants a fresh sign-in asks for one. */
  const growOld = () => house.app.db.updateTable("sessions").set({ authenticated_at: 0 }).execute();
  const fail = (how: { status: "active" | "error"; last_error: string | null; signed_in: 0 | 1 }) =>
    house.app.db.updateTable("connections").set(how).execute();

  /** Every page, each as somebody gets there. */
  const stops: [name: string, go: (page: Page) => Promise<unknown>][] = [
    ["home", (page) => page.goto(`${house.origin}/`)],
    ["settings", (page) => page.goto(`${house.origin}/settings`)],
    ["vendors", (page) => page.goto(`${house.origin}/settings/vendors`)],
    ["clients", (page) => page.goto(`${house.origin}/settings/clients`).then(() => openAll(page))],
    ["account", (page) => page.goto(`${house.origin}/settings/account`)],
    ["delete", (page) => page.goto(`${house.origin}/settings/account/delete`)],
    ["connect", (page) => page.goto(`${house.origin}/connect/monitor`)],
    [
      "connect-refused",
      async (page) => {
        await page.goto(`${house.origin}/connect/monitor`);
        await submit(page, "Test and connect", { "API key": KEYS.apiKey, "API secret key": KEYS.wrong });
      },
    ],
    [
      "revoke",
      async (page) => {
        await page.goto(`${house.origin}/settings/vendors`);
        await page
          .getByRole("link", { name: /^Revoke/ })
          .first()
          .click();
      },
    ],
    ["consent", (page) => toConsent(page, house)],
    [
      "notice",
      async (page) => {
        await page.goto(`${house.origin}/settings/vendors`);
        await page.getByRole("button", { name: /^Test/ }).first().click();
      },
    ],
    [
      "again-kept",
      async (page) => {
        await growOld();
        await page.goto(`${house.origin}/admin/data`);
        await submit(page, "Download everything");
      },
    ],
    [
      "go-on",
      async (page) => {
        await growOld();
        await page.goto(`${house.origin}/admin/data`);
        await submit(page, "Download everything");
        await submit(page, "Confirm", { Password: OWNER.password });
      },
    ],
    [
      "settings-failing",
      async (page) => {
        await fail({ status: "error", last_error: "RENEWAL_FAILED", signed_in: 1 });
        await page.goto(`${house.origin}/settings`);
        await fail({ status: "active", last_error: null, signed_in: 0 });
      },
    ],
    [
      "vendors-failing",
      async (page) => {
        await fail({ status: "error", last_error: "VENDOR_AUTH", signed_in: 0 });
        await page.goto(`${house.origin}/settings/vendors`);
        await fail({ status: "active", last_error: null, signed_in: 0 });
      },
    ],
    ["not-found", (page) => page.goto(`${house.origin}/nothing-here`)],
    ["refused-request", (page) => page.goto(`${house.origin}/oauth/authorize?client_id=unknown`)],
    ["over", (page) => page.goto(`${house.origin}/setup/used`)],
  ];
  const guestStops: typeof stops = [
    ["home-guest", (page) => page.goto(`${house.origin}/`)],
    ["login", (page) => page.goto(`${house.origin}/login`)],
    ["app-login", async (page) => page.goto((await house.authorizeUrl("papers")).url)],
    [
      "app-login-wrong",
      async (page) => {
        await page.goto((await house.authorizeUrl("papers")).url);
        await signIn(page, { ...OWNER, password: "not the password" });
      },
    ],
    ["gone", (page) => page.goto(`${house.origin}/interaction/unknown`)],
  ];

  it.each(["light", "dark"] as const)("are accessible and fit every width, %s (axe, 375 px)", async (colorScheme) => {
    const context = { colorScheme, bypassCSP: true, viewport: DESKTOP };
    const person = await signedIn(context);
    for (const [name, go] of stops) await inspect(person, name, go);
    const guest = await open(context);
    for (const [name, go] of guestStops) await inspect(guest, name, go);

    async function inspect(page: Page, name: string, go: (page: Page) => Promise<unknown>) {
      await go(page);
      for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
        await page.setViewportSize(viewport);
        await page.screenshot({ path: `${PICTURES}/${name}-${size}-${colorScheme}.png`, fullPage: true });
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        expect([name, size, width]).toEqual([name, size, viewport.width]);
        if (size === "phone" && colorScheme === "dark") continue; // the same colours and the same elements
        expect({ name, size, problems: await problemsOn(page) }).toEqual({ name, size, problems: [] });
      }
      await page.setViewportSize(DESKTOP);
    }
  });

  it("break none of their own rules: nothing foreign, nothing blocked, no script (UI-09)", async () => {
    const page = await signedIn();
    const complaints: string[] = [];
    page.on("console", (message) => {
      const text = message.text();
      if (/Content Security Policy|Refused|violates/i.test(text)) complaints.push(`${page.url()} ${text}`);
    });
    page.on("request", (request) => {
      const { origin } = new URL(request.url());
      if (origin !== house.origin) complaints.push(`asked ${request.url()}`);
    });
    page.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText;
      // Going on to the next page before the icon arrived is no fault of a page.
      if (reason !== "net::ERR_ABORTED") complaints.push(`${reason} ${request.url()}`);
    });
    for (const [, go] of stops) await go(page);
    await page.context().clearCookies();
    for (const [, go] of guestStops) await go(page);
    expect(complaints).toEqual([]);
  });

  it("can be used with the keyboard alone, and show where one is", async () => {
    const page = await open();
    await page.goto(`${house.origin}/login`);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("field-email");
    await page.keyboard.type(OWNER.email);
    await page.keyboard.press("Tab");
    await page.keyboard.type(OWNER.password);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/settings");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
    expect(outline).toBe("solid");
  });
});

const openAll = (page: Page) =>
  page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
