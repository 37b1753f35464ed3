import { mkdirSync } from "node:fs";
import { Secret, TOTP } from "otpauth";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "../../gateway/identity/users.ts";
import { serveUpstream, type Upstream } from "../gateway/upstream.ts";
import { freePort } from "../setup/free-port.ts";
import { findingsOn } from "./axe.ts";
import { findChromium, launch } from "./chromium.ts";
import { type House, openHouse } from "./house.ts";
import { KEYS, setUp, signIn, submit } from "./walk.ts";

const executable = findChromium();
const PICTURES = "out/pages";
const PHONE = { width: 375, height: 760 };
const DESKTOP = { width: 1180, height: 800 };

describe.runIf(executable)("signing in, in a real browser", { timeout: 120_000 }, () => {
  let browser: Browser;
  let house: House;
  let upstream: Upstream;
  const complaints: string[] = [];

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    browser = await launch(executable!);
    const port = await freePort();
    upstream = await serveUpstream({ callback: `http://localhost:${port}/login/callback` });
    upstream.asks = true;
    house = await openHouse(upstream.env, [], { port });
    const page = await open();
    await setUp(page, house);
    await page.context().close();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
    await upstream?.close();
  });

  const open = async (options: BrowserContextOptions = {}) => {
    const page = await (await browser.newContext(options)).newPage();
    page.on("console", (message) => {
      if (/Content Security Policy|Refused|violates/i.test(message.text())) complaints.push(message.text());
    });
    return page;
  };
  const heading = (page: Page) => page.getByRole("heading", { level: 1 }).textContent();
  const go = (page: Page, path: string) => page.goto(house.origin + path);
  const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).click();

  /** Somebody of their own for a test, signed in with a password. */
  async function somebody(name: string, options: BrowserContextOptions = {}) {
    const who = { name, email: `${name.toLowerCase()}@example.com`, password: "correct horse battery" };
    await createUser(house.app, who);
    const page = await open(options);
    await go(page, "/login");
    await signIn(page, who);
    return { page, who };
  }

  /** A device with a fingerprint reader that says yes; without one, whoever holds it has it. */
  async function authenticator(page: Page, { reader = true } = {}) {
    const device = await page.context().newCDPSession(page);
    await device.send("WebAuthn.enable");
    const { authenticatorId } = await device.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: reader,
        isUserVerified: reader,
        automaticPresenceSimulation: true,
      },
    });
    return {
      verify: (isUserVerified: boolean) => device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
      keys: async () => (await device.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    };
  }

  async function addPasskey(page: Page, name: string) {
    await go(page, "/settings/security");
    await press(page, "Add a passkey");
    await submit(page, "Create the passkey", { "Name (optional)": name });
    await page.waitForURL("**/settings/security/passkeys/finish");
  }

  async function signOut(page: Page) {
    await go(page, "/settings");
    await press(page, "Sign out");
  }

  it("adds a passkey, which signs in alone, once for each challenge, until it is removed (OAU-11)", async () => {
    const { page } = await somebody("Pat");
    const device = await authenticator(page);
    await addPasskey(page, "Work laptop");
    expect(await heading(page)).toBe("Keep these recovery codes");
    expect(await page.locator(".codes li").count()).toBe(10);
    await page.getByRole("link", { name: "I have kept them" }).click();
    expect(await page.textContent("main")).toContain("Work laptop");
    expect((await device.keys()).length).toBe(1);

    await signOut(page);
    await go(page, "/login?next=/settings/vendors");
    await press(page, "Sign in with a passkey");
    await page.waitForURL("**/settings/vendors");
    const methods = await house.app.db.selectFrom("sessions").select("methods").orderBy("created_at", "desc").execute();
    expect(methods[0]).toEqual({ methods: "passkey" });

    await go(page, "/login/again?next=/settings/security");
    await press(page, "Use a passkey");
    await page.waitForURL("**/settings/security");
    await press(page, "Remove Work laptop");
    expect(await page.textContent("main")).toContain("No passkey yet.");
    await signOut(page);
    await go(page, "/login");
    await press(page, "Sign in with a passkey");
    await page.waitForURL("**/login/passkey/finish");
    expect(await heading(page)).toBe("That passkey does not sign you in");
    await page.context().close();
  });

  it("lets a passkey sign in alone only when its device was unlocked for it", async () => {
    const { page } = await somebody("Uma");
    const device = await authenticator(page);
    await addPasskey(page, "Key");
    await signOut(page);
    await device.verify(false);
    await go(page, "/login");
    await press(page, "Sign in with a passkey");
    await page.getByText("Nothing was signed").waitFor();
    await page.context().close();
  });

  it("takes a security key without a lock as a second factor, and not alone, whatever the browser says", async () => {
    const { page, who } = await somebody("Kim");
    const device = await authenticator(page, { reader: false });
    await addPasskey(page, "Key");
    const [key] = await device.keys();
    await signOut(page);
    await go(page, "/login");
    await signIn(page, who);
    expect(await heading(page)).toBe("One more step");
    await press(page, "Use a passkey");
    await page.waitForURL("**/settings");
    await signOut(page);
    await page.addInitScript((id) => {
      const parse = PublicKeyCredential.parseRequestOptionsFromJSON.bind(PublicKeyCredential);
      PublicKeyCredential.parseRequestOptionsFromJSON = (asked) =>
        parse({ ...asked, userVerification: "discouraged", allowCredentials: [{ type: "public-key", id }] });
    }, Buffer.from(key!.credentialId, "base64").toString("base64url"));
    await go(page, "/login");
    await press(page, "Sign in with a passkey");
    await page.waitForURL("**/login/passkey/finish");
    expect(await heading(page)).toBe("That passkey does not sign you in");
    await page.context().close();
  });

  it("asks for the second factor within an app's request too, and goes on with it (OAU-22)", async () => {
    const { page, who } = await somebody("Sam");
    await authenticator(page);
    await addPasskey(page, "Phone");
    await signOut(page);
    await page.goto((await house.authorizeUrl("papers")).url);
    await signIn(page, who);
    expect(await heading(page)).toBe("One more step");
    await press(page, "Use a passkey");
    await page.waitForURL("**/interaction/**");
    expect(await heading(page)).toBe("Connect Paper Shelf");
    await page.context().close();
    const other = await open();
    await other.goto((await house.authorizeUrl("papers")).url);
    await signIn(other, who);
    await press(other, "Cancel and go back to the app");
    expect(new URL(other.url()).searchParams.get("error")).toBe("access_denied");
    await other.context().close();
  });

  it("signs in with a passkey within an app's request", async () => {
    const { page } = await somebody("Ida");
    await authenticator(page);
    await addPasskey(page, "Phone");
    await signOut(page);
    await page.goto((await house.authorizeUrl("papers")).url);
    await press(page, "Sign in with a passkey");
    await page.waitForURL("**/interaction/**");
    expect(await heading(page)).toBe("Connect Paper Shelf");
    await page.context().close();
  });

  it("works without JavaScript: passkey pages say so, and codes of an app do", async () => {
    const { page, who } = await somebody("Noa", { javaScriptEnabled: false, viewport: PHONE });
    await go(page, "/login");
    await go(page, "/settings/security");
    await press(page, "Add a passkey");
    expect(await page.textContent("main")).toContain("Passkeys need JavaScript");
    await page.getByRole("link", { name: "Back to security" }).click();
    await press(page, "Set up an authenticator app");
    const key = (await page.locator("code.address").textContent())!;
    const code = () => new TOTP({ secret: Secret.fromBase32(key.replaceAll(" ", "")) }).generate();
    await submit(page, "Confirm", { "Code that the app shows": code() });
    const [recovery] = await page.locator(".codes code").allTextContents();
    await signOut(page);
    await go(page, "/login");
    await signIn(page, who);
    await submit(page, "Continue", { "Code from your authenticator app": recovery! });
    expect(await page.textContent(".notice")).toContain("9 recovery codes left");
    await page.context().close();
  });

  it("leads through single sign-on from an app's request to its consent and back, and the app keeps its access (OAU-11, OAU-18, OAU-20, OAU-22)", async () => {
    const { page, who } = await somebody("Lea");
    upstream.account = { sub: "lea", email: who.email, email_verified: true, name: "Lea" };
    await go(page, "/settings/account");
    await press(page, "Link Example Inc");
    expect(await heading(page)).toBe("Example Inc");
    await press(page, "Continue");
    expect(await page.textContent(".notice")).toContain("From now on you can sign in with Example Inc.");
    await go(page, "/connect/monitor");
    await submit(page, "Test and connect", { "API key": KEYS.apiKey, "API secret key": KEYS.right });
    await page.context().close();

    const fresh = await open({ viewport: PHONE });
    const first = await house.authorizeUrl("monitor");
    await fresh.goto(first.url);
    await press(fresh, "Sign in with Example Inc");
    await press(fresh, "Continue");
    expect(await heading(fresh)).toBe("Allow “Robo Assistant” to use Acme Monitor?");
    expect(await fresh.textContent("main")).toContain(who.email);
    await submit(fresh, "Allow");
    const code = new URL(fresh.url()).searchParams.get("code")!;
    const tokens = await (await first.token(code)).json();
    expect(tokens).toMatchObject({ token_type: "Bearer", scope: "monitor:read monitor:write" });

    // Signed in by now: no page of the provider, and consent all the same.
    const again = await house.authorizeUrl("monitor", { name: "Other App" });
    await fresh.goto(again.url);
    expect(await heading(fresh)).toBe("Allow “Other App” to use Acme Monitor?");
    await submit(fresh, `Not ${who.email}? Sign in with another account`);
    expect(await heading(fresh)).toBe("Sign in");
    upstream.account = { sub: "stranger", email: "stranger@example.com", email_verified: true };
    const jar = fresh.context();
    await jar.clearCookies({ domain: "127.0.0.1" });
    await press(fresh, "Sign in with Example Inc");
    await press(fresh, "Continue");
    expect(await heading(fresh)).toBe("Nobody here knows this account");
    await fresh.getByRole("link", { name: "Back to signing in" }).click();
    expect(await heading(fresh)).toBe("Sign in");

    // The person is signed out everywhere; the app that was allowed goes on.
    await house.app.db.deleteFrom("sessions").execute();
    const call = () =>
      fetch(`${house.origin}/v1/monitor/tools/list`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    expect((await call()).status).toBe(200);
    await fresh.context().close();
  });

  it.each(["light", "dark"] as const)("has pages that everybody can use and that fit (%s)", async (colorScheme) => {
    const options = { colorScheme, bypassCSP: true, viewport: DESKTOP };
    const { page, who } = await somebody(colorScheme === "light" ? "Mia" : "Max", options);
    await authenticator(page);
    await go(page, "/settings/security");
    await inspect(page, "security-empty", colorScheme);
    await press(page, "Set up an authenticator app");
    await inspect(page, "totp", colorScheme);
    const key = (await page.locator("code.address").textContent())!.replaceAll(" ", "");
    await submit(page, "Confirm", { "Code that the app shows": "000000" });
    await inspect(page, "totp-wrong", colorScheme);
    const code = new TOTP({ secret: Secret.fromBase32(key) }).generate();
    await submit(page, "Confirm", { "Code that the app shows": code });
    await inspect(page, "recovery-codes", colorScheme);
    await go(page, "/settings/security");
    await press(page, "Add a passkey");
    await inspect(page, "passkey-new", colorScheme);
    await submit(page, "Create the passkey", { "Name (optional)": "Work laptop" });
    await page.waitForURL("**/settings/security");
    await inspect(page, "security", colorScheme);
    upstream.account = { sub: who.email, email: who.email, email_verified: true };
    await go(page, "/settings/account");
    await press(page, "Link Example Inc");
    await press(page, "Continue");
    await go(page, "/settings/account");
    await inspect(page, "account-linked", colorScheme);
    await go(page, "/login/again?next=/settings/account");
    await inspect(page, "again", colorScheme);
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Confirm", exact: true }).click();
    await inspect(page, "again-wrong", colorScheme);

    const guest = await open(options);
    await guest.addInitScript(() => {
      navigator.credentials.get = () => Promise.reject(new DOMException("no", "NotAllowedError"));
    });
    await go(guest, "/login");
    await inspect(guest, "login-ways", colorScheme);
    await signIn(guest, who);
    await inspect(guest, "second", colorScheme);
    await submit(guest, "Continue", { "Code from your authenticator app": "000000" });
    await inspect(guest, "second-wrong", colorScheme);
    await press(guest, "Use a passkey");
    await guest.getByText("Nothing was signed").waitFor();
    await inspect(guest, "passkey-problem", colorScheme);
    await guest.goto((await house.authorizeUrl("papers")).url);
    await inspect(guest, "app-login-ways", colorScheme);
    upstream.account = { sub: "nobody", email: "nobody@example.com", email_verified: true };
    await press(guest, "Sign in with Example Inc");
    await press(guest, "Continue");
    await inspect(guest, "sso-unknown", colorScheme);
    await guest.context().close();
    await page.context().close();
  });

  it("breaks none of its own rules: one script, from here, on the pages that need it (UI-09)", async () => {
    const answer = await fetch(`${house.origin}/login`);
    expect(answer.headers.get("content-security-policy")).not.toContain("script-src");
    const page = await fetch(`${house.origin}/login/passkey`, { method: "POST", headers: { origin: house.origin }, body: new URLSearchParams() }); // biome-ignore format: one thought
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
    expect(page.headers.get("content-security-policy")).not.toContain("unsafe");
    expect((await page.text()).match(/<script/g)).toHaveLength(1);
    expect(complaints).toEqual([]);
  });

  async function inspect(page: Page, name: string, colorScheme: string) {
    for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      await page.setViewportSize(viewport);
      await page.screenshot({ path: `${PICTURES}/${name}-${size}-${colorScheme}.png`, fullPage: true });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect([name, size, width]).toEqual([name, size, viewport.width]);
      if (size === "phone" && colorScheme === "dark") continue; // the same colours and the same elements
      expect([name, size, await findingsOn(page)]).toEqual([name, size, []]);
    }
    await page.setViewportSize(DESKTOP);
  }
});
