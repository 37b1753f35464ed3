import { readFileSync } from "node:fs";
import { Secret, TOTP } from "otpauth";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addMember } from "../../gateway/database/orgs.ts";
import { beginTotp, confirmTotp } from "../../gateway/identity/factors/totp.ts";
import { findPersonalOrg } from "../../gateway/identity/orgs.ts";
import { createUser } from "../../gateway/identity/users.ts";
import { findChromium, launch } from "./chromium.ts";
import { type House, OWNER, openHouse } from "./house.ts";
import { signIn, submit } from "./walk.ts";

const executable = findChromium();
const PHONE = { width: 375, height: 760 };
const SWITCHES = ["Tools that change something", "Tools that delete or run something"];
const CONFIRM = "Confirm that it is you";

/** Without JavaScript, with a sign-in that is older than what they do allows. */
describe.runIf(executable)("whoever has to confirm that it is them", { timeout: 60_000 }, () => {
  let browser: Browser;
  let house: House;
  let owner: string;

  beforeAll(async () => {
    browser = await launch(executable!);
    house = await openHouse();
    const { db } = house.app;
    const user = await createUser(house.app, OWNER);
    owner = user.id;
    const ben = await createUser(house.app, { ...OWNER, name: "Ben", email: "ben@example.com" });
    const org = (await findPersonalOrg(db, user.id))!.id;
    await db.updateTable("orgs").set({ name: "Acme IT", personal_of: null }).where("id", "=", org).execute();
    await addMember(db, { org_id: org, user_id: ben.id, role: "member", active: 1, created_at: 0 });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await house?.close();
  });

  const heading = (page: Page) => page.getByRole("heading", { level: 1 }).textContent();
  const growOld = () => house.app.db.updateTable("sessions").set({ authenticated_at: 0 }).execute();

  async function at(path: string) {
    const page = await (await browser.newContext({ javaScriptEnabled: false, viewport: PHONE })).newPage();
    await page.goto(`${house.origin}/login`);
    await signIn(page);
    await page.goto(house.origin + path);
    await growOld();
    return page;
  }

  /** From here on the owner has a second factor. */
  async function recoveryCodes() {
    const secret = await beginTotp(house.app, owner);
    const code = new TOTP({ secret: Secret.fromBase32(secret!) }).generate();
    return (await confirmTotp(house.app, { userId: owner, code }))!.codes;
  }

  async function confirm(page: Page) {
    expect(await heading(page)).toBe(CONFIRM);
    expect(await page.textContent(".lead")).toContain("what you entered is kept");
    await submit(page, "Confirm", { Password: OWNER.password });
  }

  it("says yes to the change of policy they had made, and nothing of it is lost (TEN-06, UI-07)", async () => {
    const page = await at("/admin/policy");
    for (const name of SWITCHES) await page.getByLabel(name).check();
    await submit(page, "Save switches");
    await confirm(page);
    expect(await heading(page)).toBe("Allow more than now?");
    expect(await page.textContent(".changes")).toContain("Tools that delete or run something");
    await submit(page, "Yes, allow this");
    expect(await page.textContent(".notice")).toContain("What assistants may do is changed.");
    for (const name of SWITCHES) expect(await page.getByLabel(name).isChecked()).toBe(true);
  });

  it("takes the export with one press (CMP-04)", async () => {
    const page = await at("/admin/data");
    await submit(page, "Download everything");
    await confirm(page);
    expect(await heading(page)).toBe("Download everything of Acme IT?");
    const [download] = await Promise.all([page.waitForEvent("download"), submit(page, "Download everything")]);
    expect(readFileSync(await download.path(), "utf8")).toContain('"kind":"organisation"');
  });

  it("goes back to where they came from when they think better of it", async () => {
    const page = await at("/admin/data");
    await submit(page, "Erase …", { Person: "ann@example.com" });
    await page.getByRole("link", { name: "Cancel" }).click();
    expect(new URL(page.url()).pathname).toBe("/admin/data");
  });

  it("erases the person they had chosen, also after a second factor (CMP-02, OAU-23)", async () => {
    const page = await at("/admin/data");
    const [code] = await recoveryCodes();
    await submit(page, "Erase …", { Person: "ben@example.com" });
    await confirm(page);
    await submit(page, "Continue", { "Code from your authenticator app": code! });
    expect(await heading(page)).toBe("Erase Ben from Acme IT?");
    await submit(page, "Erase this person");
    expect(await page.textContent(".notice")).toContain("The person is erased");
  });
});
