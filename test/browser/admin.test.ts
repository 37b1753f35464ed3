import { mkdirSync } from "node:fs";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPersonalOrg } from "../../gateway/identity/orgs.ts";
import { createUser } from "../../gateway/identity/users.ts";
import { problemsOn } from "./axe.ts";
import { makeBusy } from "./busy.ts";
import { findChromium, launch } from "./chromium.ts";
import { type House, OWNER, openHouse } from "./house.ts";
import { signIn, submit } from "./walk.ts";

const executable = findChromium();
const PICTURES = "out/pages";
const SIZES = { desktop: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } };
const ALL = ["", "/policy", "/policy/approvals", "/policy/lists", "/policy/times", "/policy/assistants", "/policy/data", "/policy/history", "/policy/why?person=ann@example.com&tool=monitor_health", "/tools", "/tools/monitor_health", "/usage", "/usage/pilot", "/data", "/installation"]; // biome-ignore format: one thought

describe.runIf(executable)("the pages of an organisation in a real browser", { timeout: 240_000 }, () => {
  let browser: Browser;
  let house: House;
  let tool = "";

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    browser = await launch(executable!);
    house = await openHouse();
    const user = await createUser(house.app, OWNER);
    const org = (await findPersonalOrg(house.app.db, user.id))!.id;
    const vendors = [...house.app.vendors.values()].map(({ slug, tools }) => ({ slug, tools: tools.map(({ name }) => name) })); // biome-ignore format: one thought
    tool = vendors[0]!.tools[0]!;
    await makeBusy(house.app, { org, owner: user.id, vendors });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await house?.close();
  });

  const signedIn = async (options: BrowserContextOptions) => {
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(`${house.origin}/login`);
    await signIn(page);
    return page;
  };

  it.each(["light", "dark"] as const)("are accessible and fit every width, %s (UI-07, axe, 390 px)", async (colorScheme) => {
    const page = await signedIn({ colorScheme, bypassCSP: true, viewport: SIZES.desktop });
    for (const path of ALL.map((one) => one.replace("monitor_health", tool))) {
      await page.goto(`${house.origin}/admin${path}`);
      const name = `admin${path.replace(/\?.*/, "").replaceAll("/", "-")}`;
      for (const [size, viewport] of Object.entries(SIZES)) {
        await page.setViewportSize(viewport);
        await page.screenshot({ path: `${PICTURES}/${name}-${size}-${colorScheme}.png`, fullPage: true });
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        expect([path, size, width]).toEqual([path, size, viewport.width]);
        if (size === "phone" && colorScheme === "dark") continue; // the same colours and the same elements
        expect({ path, size, problems: await problemsOn(page) }).toEqual({ path, size, problems: [] });
      }
      await page.setViewportSize(SIZES.desktop);
    }
  }); // biome-ignore format: one thought

  it("change the policy without JavaScript, after a yes to what follows, and tell it in the history (UI-07, TEN-07)", async () => {
    const page = await signedIn({ javaScriptEnabled: false, viewport: SIZES.phone });
    await page.getByRole("link", { name: "Admin" }).click();
    await page.getByRole("link", { name: "Policy", exact: true }).click();
    await page.getByLabel("Tools that delete or run something").check();
    await submit(page, "Save switches");
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Allow more than now?");
    expect(await page.textContent(".changes")).toContain("What is deleted at a vendor does not come back from here.");
    await submit(page, "Yes, allow this");
    expect(await page.textContent(".notice")).toContain("What assistants may do is changed.");
    expect(await page.getByLabel("Tools that delete or run something").isChecked()).toBe(true);
    await page.getByRole("link", { name: "History" }).click();
    expect(await page.textContent("article")).toContain("Tools that delete or run something");
  });
});
