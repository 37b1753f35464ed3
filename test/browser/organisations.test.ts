import { mkdirSync } from "node:fs";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { putMember } from "../../gateway/database/members.ts";
import { invite } from "../../gateway/identity/invitations.ts";
import { offerOwnership } from "../../gateway/identity/ownership.ts";
import { createUser } from "../../gateway/identity/users.ts";
import { problemsOn } from "./axe.ts";
import { findChromium, launch } from "./chromium.ts";
import { type House, OWNER, openHouse } from "./house.ts";
import { KEYS, setUp, signIn, submit, toConsent } from "./walk.ts";

const executable = findChromium();
const PICTURES = "out/pages";
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 860 };
const OLGA = { name: "Olga Operator", email: "olga@example.com", password: "another correct horse" };

describe.runIf(executable)("organisations in a real browser", { timeout: 180_000 }, () => {
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
  const heading = (page: Page) => page.getByRole("heading", { level: 1 }).textContent();
  const goTo = (page: Page, path: string) => page.goto(house.origin + path);
  let olga: Page;

  it("lead from making one to an app that acts in it with a shared connection, without JavaScript (UI-07, TEN-02, OAU-20)", async () => {
    const boss = await open({ javaScriptEnabled: false, viewport: PHONE });
    await setUp(boss, house);
    await goTo(boss, "/organisations");
    await boss.getByRole("link", { name: "New organisation" }).click();
    await submit(boss, "Create organisation", { Name: "Umbrella IT" });
    expect(await heading(boss)).toBe("Members");
    await submit(boss, "Make an invitation link", { "E-mail address (optional)": OLGA.email });
    const link = (await boss.textContent("code.address"))!;

    olga = await open({ javaScriptEnabled: false, viewport: PHONE });
    await olga.goto(link);
    expect(await heading(olga)).toBe("Join Umbrella IT");
    const { name, password } = OLGA;
    await submit(olga, "Create account and join", {
      "Your name": name,
      Password: password,
      "Password again": password,
    });
    expect(await olga.textContent(".notice")).toContain("You are in Umbrella IT");

    await goTo(boss, "/admin/members");
    await boss.getByRole("link", { name }).click();
    await boss.getByRole("radio", { name: /^operator/ }).check();
    await submit(boss, "Change role");
    expect(await boss.textContent(".notice")).toContain("Olga Operator is operator");

    await goTo(boss, "/admin/connections");
    await boss.getByLabel("Share one").selectOption("monitor");
    await submit(boss, "Enter keys");
    await submit(boss, "Test and connect", { "API key": KEYS.apiKey, "API secret key": KEYS.right });
    expect(await heading(boss)).toBe("Connections");
    await boss.getByRole("link", { name: "Europe" }).first().click();
    await boss.getByRole("checkbox", { name: "operator" }).check();
    await submit(boss, "Save who may use it");

    const authorization = await toConsent(olga, house);
    expect(await heading(olga)).toBe("In which organisation?");
    await olga.getByRole("radio", { name: /^Umbrella IT/ }).check();
    await submit(olga, "Continue");
    expect(await olga.textContent("main")).toContain("Umbrella IT");
    expect(await olga.textContent("main")).toContain("(shared)");
    await submit(olga, "Allow");
    const code = new URL(olga.url()).searchParams.get("code")!;
    const tokens = await (await authorization.token(code)).json();
    const call = () =>
      fetch(`${house.origin}/v1/monitor/tools/list`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    expect((await call()).status).toBe(200);

    await goTo(boss, "/admin/members");
    await boss.getByRole("link", { name }).click();
    await boss.getByRole("link", { name: "Remove…" }).click();
    await submit(boss, "Remove from the organisation");
    expect((await call()).status).toBe(401);
    await goTo(olga, "/settings");
    expect(await heading(olga)).toBe("Sign in");
  });

  it("change hands when both say yes, and are left and switched from any page (UI-07, TEN-02)", async () => {
    const boss = await open({ viewport: DESKTOP });
    await goTo(boss, "/login");
    await signIn(boss);
    const { org, ids } = await people();
    await boss.getByLabel("Organisation").selectOption({ label: "Umbrella IT" });
    await submit(boss, "Switch");
    await goTo(boss, `/admin/members/${ids.admin}`);
    await boss.getByRole("link", { name: "Offer ownership" }).click();
    await submit(boss, "Offer ownership");
    expect(await boss.textContent(".notice")).toContain("is asked to become an owner");

    const page = await open({ viewport: DESKTOP });
    await goTo(page, "/login");
    await signIn(page, { ...OLGA, email: "admin@example.com" });
    await goTo(page, "/organisations");
    await page.getByRole("link", { name: /You were offered/ }).click();
    await submit(page, "Become an owner");
    expect(await page.textContent(".notice")).toContain("You are an owner of Umbrella IT");
    await offerOwnership(house.app, { org, actor: ids.admin!, to: ids.owner!, staysOwner: true });
    await goTo(boss, `/organisations/${org}/ownership`);
    await submit(boss, "Become an owner");
    await goTo(page, `/organisations/${org}/leave`);
    await submit(page, "Leave");
    expect(await boss.title()).toContain("Organisations");
  });

  /** Some more of them, so that the tables look as they do in life. */
  async function people() {
    const { db, clock } = house.app;
    const { id: org } = await db
      .selectFrom("orgs")
      .select("id")
      .where("name", "=", "Umbrella IT")
      .executeTakeFirstOrThrow();
    const owner = await db.selectFrom("users").select("id").where("email", "=", OWNER.email).executeTakeFirstOrThrow();
    const ids: Record<string, string> = { owner: owner.id };
    const names = { admin: "Maximilian Alexander von Hohenstein-Oldenburg", approver: "Pia Approver", auditor: "Kim" };
    for (const [role, name] of Object.entries(names)) {
      const user = await createUser(house.app, { name, email: `${role}@example.com`, password: OLGA.password });
      ids[role] = user.id;
      await putMember(db, { org_id: org, user_id: user.id, role: role as "admin", active: 1, created_at: clock.now() });
    }
    return { org, ids };
  }

  it.each(["light", "dark"] as const)(
    "are accessible and fit every width, %s (axe, 390 px, UI-07)",
    async (colorScheme) => {
      const boss = await open({ colorScheme, bypassCSP: true, viewport: DESKTOP });
      await goTo(boss, "/login");
      await signIn(boss);
      await boss.getByLabel("Organisation").selectOption({ label: "Umbrella IT" });
      await submit(boss, "Switch");
      const { db } = house.app;
      const { id: org } = await db
        .selectFrom("orgs")
        .select("id")
        .where("name", "=", "Umbrella IT")
        .executeTakeFirstOrThrow();
      const { user_id: other } = await db
        .selectFrom("memberships")
        .select("user_id")
        .where("org_id", "=", org)
        .where("role", "=", "approver")
        .where("active", "=", 1)
        .executeTakeFirstOrThrow();
      const { user_id: me } = await db
        .selectFrom("memberships")
        .select("user_id")
        .where("org_id", "=", org)
        .where("role", "=", "owner")
        .where("active", "=", 1)
        .executeTakeFirstOrThrow();
      const { id: shared } = await db
        .selectFrom("connections")
        .select("id")
        .where("owner_id", "=", org)
        .where("status", "=", "active")
        .executeTakeFirstOrThrow();
      await goTo(boss, "/connect/papers");
      const invitation = await invite(house.app, {
        org,
        actor: me,
        role: "member",
        email: "somebody-new@a-rather-long-customer-name.example",
      });
      await offerOwnership(house.app, { org, actor: me, to: other, staysOwner: true });
      const approver = await open({ colorScheme, bypassCSP: true, viewport: DESKTOP });
      await goTo(approver, "/login");
      await signIn(approver, { ...OLGA, email: "approver@example.com" });
      const guest = await open({ colorScheme, bypassCSP: true, viewport: DESKTOP });
      const at = (path: string) => (page: Page) => goTo(page, path);
      const stops: [string, Page, (page: Page) => Promise<unknown>][] = [
      ["org-list", boss, at("/organisations")],
      ["org-new", boss, at("/organisations/new")],
      ["org-leave", boss, at(`/organisations/${org}/leave`)],
      ["org-ownership", approver, at(`/organisations/${org}/ownership`)],
      ["org-settings", boss, at("/admin/organisation")],
      ["org-delete", boss, at("/admin/organisation/delete")],
      ["members", boss, at("/admin/members")],
      ["member", boss, at(`/admin/members/${other}`)],
      ["member-remove", boss, at(`/admin/members/${other}/remove`)],
      ["member-ownership", boss, at(`/admin/members/${other}/ownership`)],
      ["member-invited", boss, async (page) => {
        await goTo(page, "/admin/members");
        await submit(page, "Make an invitation link", { "E-mail address (optional)": "yet-another@example.com" });
      }],
      ["invitation-guest", guest, at(`/invitations/${invitation.token}`)],
      ["invitation-other", boss, at(`/invitations/${invitation.token}`)],
      ["connections", boss, at("/admin/connections")],
      ["connection", boss, at(`/admin/connections/${shared}`)],
      ["connection-share", boss, at("/connect/papers?shared=yes")],
      ["context", boss, (page) => toConsent(page, house)],
      ["consent-shared", boss, async (page) => {
        await toConsent(page, house);
        await page.getByRole("radio", { name: /^Umbrella IT/ }).check();
        await submit(page, "Continue");
      }],
      ["vendors-shared", boss, at("/settings/vendors")],
    ]; // biome-ignore format: a table
      for (const [name, page, go] of stops) {
        await go(page);
        for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
          await page.setViewportSize(viewport);
          await page.screenshot({ path: `${PICTURES}/${name}-${size}-${colorScheme}.png`, fullPage: true });
          const width = await page.evaluate(() => document.documentElement.scrollWidth);
          expect([name, size, width]).toEqual([name, size, viewport.width]);
          expect({ name, size, problems: await problemsOn(page) }).toEqual({ name, size, problems: [] });
        }
        await page.setViewportSize(DESKTOP);
      }
    },
  );
});
