import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { vendors } from "../../generated/index.ts";
import { type Demo, startDemo } from "../fakes/demo.ts";
import { demoKeys, otherKeys, type VendorSlug, wrongKeys } from "../fakes/keys.ts";
import { freePort } from "../setup/free-port.ts";
import { findChromium, launch } from "./chromium.ts";
import { submit } from "./walk.ts";

const executable = findChromium();

describe.runIf(executable)("the demo in a real browser", { timeout: 120_000 }, () => {
  let browser: Browser;
  let demo: Demo;
  let page: Page;

  beforeAll(async () => {
    browser = await launch(executable!);
  });
  afterAll(() => browser?.close());

  // Each in a demo of its own: a person may only try to connect so often in ten minutes.
  beforeEach(async () => {
    demo = await startDemo({ port: await freePort(), logLevel: "silent" });
    page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    await page.goto(`${demo.url}/login`);
    await submit(page, "Sign in", { "E-mail": demo.owner.email, Password: demo.owner.password });
  });
  afterEach(() => demo?.close());

  /** Types keys into the vendor's fields, by name. */
  async function connect(slug: string, keys: Readonly<Record<string, string>>) {
    await page.goto(`${demo.url}/connect/${slug}`);
    for (const [name, value] of Object.entries(keys)) {
      const input = page.locator(`[name="credential.${name}"]`);
      if (await input.locator("option").count()) await input.selectOption(value);
      else await input.fill(value);
    }
    await page.getByRole("button", { name: /^(Test and connect|Continue to)/ }).click();
  }

  it("connects each vendor with the keys it prints, after refusing wrong ones (UI-02, VLT-12)", async () => {
    for (const { slug, title } of demo.connectors) {
      await connect(slug, wrongKeys[slug as VendorSlug]);
      expect(await page.getByRole("alert").textContent()).toMatch(
        new RegExp(`${title} .*(does not accept|refuses|does not know) these keys`),
      );
      await connect(slug, demoKeys[slug as VendorSlug]);
      expect(await page.textContent(".notice")).toContain(`${title} accepted the keys`);
    }
    await page.goto(`${demo.url}/settings`);
    expect(await page.getByText("Working").count()).toBe(demo.connectors.length);
  });

  it("says to look at the region when keys are of another one", async () => {
    for (const { slug, credentials } of vendors) {
      const place = credentials.fields.find(({ enum: choices, match, kind }) => choices ?? match ?? kind)?.name;
      if (!place) continue;
      const elsewhere = (otherKeys[slug as VendorSlug] as Record<string, string>)[place]!;
      await connect(slug, { ...demoKeys[slug as VendorSlug], [place]: elsewhere });
      expect(await page.locator(`#field-credential-${place}-error`).textContent()).toContain(
        "check that this is right",
      );
    }
  });

  it("labels every page as simulated", async () => {
    for (const path of [
      "/",
      "/login",
      "/settings",
      "/settings/vendors",
      "/settings/clients",
      "/settings/account",
      "/none",
    ]) {
      await page.goto(demo.url + path);
      expect([path, await page.locator(".simulated").count()]).toEqual([path, 1]);
    }
  });
});
