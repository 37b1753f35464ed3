import { mkdirSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addCustomer, linkCustomer } from "../../gateway/identity/customers/changes.ts";
import { limitMember } from "../../gateway/identity/customers/limits.ts";
import { findingsOn } from "./axe.ts";
import { findChromium, launch } from "./chromium.ts";
import { type House, openHouse } from "./house.ts";
import { setUp, submit } from "./walk.ts";

const executable = findChromium();
const PICTURES = "out/pages";

describe.runIf(executable)("customers in a real browser", { timeout: 120_000 }, () => {
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

  it("are added, found and given to a member, without JavaScript, and every page is accessible (UI-07, TEN-03)", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 800 } });
    const page = await context.newPage();
    await setUp(page, house);
    await page.goto(`${house.origin}/admin/customers`);
    await submit(page, "Add", { Name: "Contoso Ltd" });
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Contoso Ltd");
    const customer = page.url();

    const { org_id: org, user_id: user } = await house.app.db
      .selectFrom("memberships")
      .selectAll()
      .executeTakeFirstOrThrow();
    const change = { org, actor: user };
    const id = customer.split("/").at(-1)!;
    for (const vendorId of ["7", "8"])
      await linkCustomer(house.app, {
        ...change,
        id,
        vendor: "monitor",
        vendorId,
        connection: "",
        vendorName: "Contoso HQ",
      });
    for (const name of ["Fabrikam", "Northwind Traders", "Tailspin Toys"])
      await addCustomer(house.app, { ...change, name });
    await limitMember(house.app, { ...change, user, limited: true, give: [id] });

    const paths = [
      "/admin/customers",
      `${new URL(customer).pathname}?find=fab`,
      "/admin/customers/people",
      `/admin/customers/people/${user}?find=t`,
      "/admin/customers/import",
    ];
    const state = await context.storageState();
    for (const colorScheme of ["light", "dark"] as const)
      for (const width of [390, 1280]) {
        const seen = await (await browser.newContext({ storageState: state, colorScheme, viewport: { width, height: 900 } })).newPage(); // biome-ignore format: one thought
        for (const [index, path] of paths.entries()) {
          await seen.goto(`${house.origin}${path}`);
          await seen.screenshot({ path: `${PICTURES}/customers-${index}-${colorScheme}-${width}.png`, fullPage: true });
          expect(await seen.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
          expect([path, await findingsOn(seen)]).toEqual([path, []]);
        }
      }
  });
});
