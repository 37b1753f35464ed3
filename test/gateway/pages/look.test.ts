import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lookOf } from "../../../gateway/pages/look.ts";
import { viewNames } from "../../../gateway/pages/render.ts";
import type { Views } from "../../../gateway/pages/views.ts";
import { scratch, testApp } from "../support.ts";
import { monitor, papers } from "./sample-vendors.ts";
import { visitor } from "./visitor.ts";

const vendors = [monitor, papers];
const open = (env: Record<string, string> = {}) => testApp({ vendors, lock: {}, env });

describe("product page", () => {
  it("names what is served and the address of each connector", async () => {
    const { body, statusCode } = await visitor(await open()).get("/");
    expect(statusCode).toBe(200);
    expect(body).toContain("Acme Monitor");
    expect(body).toContain("http://localhost:3100/v1/monitor");
    expect(body).toContain("2 tools that read, 1 that changes things");
  });

  it("carries the product's own name, logo and colour (UI-09)", async () => {
    const logo = join(scratch(), "logo.svg");
    writeFileSync(logo, '<svg xmlns="http://www.w3.org/2000/svg"/>');
    const app = await open({ PRODUCT_NAME: "Tool <Hub>", PRODUCT_COLOR: "#8a1f6a", PRODUCT_LOGO_FILE: logo });
    const guest = visitor(app);
    const { body } = await guest.get("/");
    expect(body).toContain("Tool &lt;Hub&gt;");
    expect(body).not.toContain("Vendorsmith");
    const picture = await guest.get(/\/assets\/logo-[^"]+\.svg/.exec(body)![0]);
    expect(picture.headers["content-type"]).toBe("image/svg+xml");
    expect(picture.headers["content-security-policy"]).toContain("default-src 'none'");
    const styles = await guest.get(/\/assets\/pages-[^"]+\.css/.exec(body)![0]);
    expect(styles.body).toContain("--accent:#8a1f6a");
    expect(styles.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  });

  it("has another stylesheet address for another content", () => {
    const product = { name: "A", logoFile: undefined };
    const first = lookOf({ demo: false, product: { ...product, color: "#112233" } });
    const second = lookOf({ demo: false, product: { ...product, color: "#332211" } });
    expect(first.product.stylesheet).not.toBe(second.product.stylesheet);
  });

  it("compiles every template there is, for each is compiled no sooner than the first page that shows it", () => {
    const { html } = lookOf({ demo: false, product: { name: "A", color: undefined, logoFile: undefined } });
    const nothing = {} as never;
    for (const view of viewNames())
      expect(html(view as keyof Views, nothing, { title: view }), view).toContain("<html");
  });

  it("labels every page of a demo as simulated", async () => {
    const guest = visitor(await open({ DEMO: "true" }));
    for (const path of ["/", "/login", "/nothing-here"])
      expect((await guest.get(path)).body).toContain("Simulated vendors");
    expect((await visitor(await open()).get("/")).body).not.toContain("Simulated vendors");
  });
});

describe("headers", () => {
  const PAGES = ["/", "/login", "/setup/x", "/settings", "/connect/monitor"];

  it("resists framing and foreign content, and nothing is kept (UI-09)", async () => {
    const guest = visitor(await open());
    for (const path of PAGES) {
      const { headers } = await guest.get(path);
      expect(headers["content-security-policy"]).toBe(
        "default-src 'none';style-src 'self';img-src 'self';base-uri 'none';frame-ancestors 'none';form-action 'self'",
      );
      expect(headers).toMatchObject({
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      });
    }
  });

  it("leaves form-action out where a form ends at the app", async () => {
    const { headers } = await visitor(await open()).get("/interaction/unknown");
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers["content-security-policy"]).not.toContain("form-action");
  });

  it("loads nothing from third parties and runs no script (UI-09)", async () => {
    const guest = visitor(await open());
    for (const path of PAGES) {
      const { body } = await guest.get(path);
      expect(body).not.toMatch(/<script|\son[a-z]+=|style=|javascript:/i);
      for (const [, address] of body.matchAll(/<(?:link|img)[^>]+(?:href|src)="([^"]+)"/g))
        expect(address).toMatch(/^\/assets\//);
    }
  });
});

describe("posts from elsewhere", () => {
  it.each([
    ["another site", { origin: "https://evil.example" }],
    ["a sandboxed page", { origin: "null" }],
    ["nobody in particular", { origin: undefined }],
    ["a sibling site", { origin: undefined, "sec-fetch-site": "same-site" }],
    ["another site that says so", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
  ])("are refused from %s (UI-09)", async (_from, headers) => {
    const guest = visitor(await open());
    for (const path of [
      "/login",
      "/logout",
      "/setup/x",
      "/settings/writes",
      "/connect/monitor",
      "/interaction/x/login",
    ]) {
      const answer = await guest.post(path, { email: "a@b.example" }, headers);
      expect([path, answer.statusCode]).toEqual([path, 403]);
    }
  });

  it("are taken from our own pages, with either header", async () => {
    const guest = visitor(await open());
    expect((await guest.post("/logout")).statusCode).toBe(303);
    const fetched = await guest.post("/logout", {}, { origin: undefined, "sec-fetch-site": "same-origin" });
    expect(fetched.statusCode).toBe(303);
  });
});

it("prints markup only in the layout and where oidc-provider's own form goes", () => {
  const folder = new URL("../../../gateway/pages/views/", import.meta.url);
  const raw = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".hbs") && readFileSync(new URL(file, folder), "utf8").includes("{{{"))
    .sort();
  expect(raw).toEqual(["layout.hbs", "signOut.hbs"]);
});
