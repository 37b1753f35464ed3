import { expect, it } from "vitest";
import { describe as text } from "../../runtime/index.ts";
import { disconnected, down, htmlPage, rateLimited, refused } from "../fakes/trouble.ts";
import { useFakes } from "../fakes/use.ts";
import { idsOf } from "./cases.ts";
import { connection } from "./vendor.ts";

const fakes = useFakes();
const ids = idsOf(fakes);

it("treats a sign-in refused with 400, as OAuth prescribes, like wrong keys", async () => {
  fakes["datto-rmm"].trouble.next(refused(400, { error: "invalid_grant", error_description: "Bad credentials" }), {
    match: "POST /auth/oauth/token",
  });
  expect(await connection("datto-rmm").call("datto_list_sites", {})).toMatchObject({
    ok: false,
    error: { code: "VENDOR_AUTH" },
  });
});

it("asks for a new token once only when the vendor goes on refusing", async () => {
  fakes["datto-rmm"].trouble.next(refused(401, { error: "Unauthorized" }), {
    match: "GET /v2/account/sites",
    times: 9,
  });
  await connection("datto-rmm").call("datto_list_sites", {});
  expect(fakes.exchanges.map(({ template }) => template)).toEqual([
    "/auth/oauth/token",
    "/v2/account/sites",
    "/auth/oauth/token",
    "/v2/account/sites",
  ]);
});

it("never sends a quick job twice, and says that it may have run (VEN-06, VEN-25)", async () => {
  for (const trouble of [down(503), down(500), rateLimited(1), disconnected, htmlPage]) {
    fakes.clear();
    fakes["datto-rmm"].trouble.next(trouble, { match: "PUT" });
    const result = await connection("datto-rmm").call("datto_run_quickjob", {
      deviceUid: ids.machine("CONT-SEA-WS01").uid,
      componentUid: ids.component("Clear").uid,
      name: "Once",
    });
    expect(result.ok).toBe(false);
    expect(fakes.exchanges.filter(({ method }) => method === "PUT")).toHaveLength(1);
    if (!result.ok && trouble !== rateLimited(1) && result.error.code !== "VENDOR_RATE_LIMITED")
      expect(result.error.message).toMatch(/not known: look before repeating/);
  }
});

it("never repeats other writes either (VEN-25)", async () => {
  fakes["datto-rmm"].trouble.next(down(503), { match: "POST /v2/alert", times: 9 });
  fakes.itglue.trouble.next(down(503), { match: "PATCH", times: 9 });
  await connection("datto-rmm").call("datto_resolve_alert", { alertUid: ids.alert("CONT-SEA-FS01").alertUid });
  await connection("itglue").call("itglue_save_configuration", {
    id: ids.record("configurations", "CONT-SEA-DC01").id,
    name: "CONT-SEA-DC01",
  });
  expect(
    fakes.exchanges
      .filter(({ method, template }) => method !== "GET" && !template.startsWith("/auth"))
      .map(({ method }) => method),
  ).toEqual(["POST", "PATCH"]);
});

it("does not follow a next page to another host, nor send the token there", async () => {
  fakes["datto-rmm"].trouble.next(
    () =>
      Response.json({
        pageDetails: { count: 1, nextPageUrl: "https://evil.example/api/v2/activity-logs?searchAfter=1" },
        activities: [{ id: "a", entity: "USER", category: "user", action: "login", date: 1_800_000_000.5 }],
      }),
    { match: "GET /v2/activity-logs" },
  );
  const result = await connection("datto-rmm").call("datto_get_activity", { limit: 50 });
  expect(result).toMatchObject({ ok: false, error: { code: "VENDOR_UNEXPECTED" } });
  expect(new Set(fakes.exchanges.map(({ url }) => url.hostname))).toEqual(new Set(["concord-api.centrastage.net"]));

  const links = { current: 1, "next-page": 2, "total-count": 2 };
  fakes.itglue.trouble.next(
    () =>
      Response.json({
        data: [{ id: "1", type: "organizations", attributes: { name: "One" } }],
        meta: links,
        links: { next: "https://evil.example/organizations?page=2" },
      }),
    { match: "GET /organizations" },
  );
  const organizations = await connection("itglue").call("itglue_search_organizations", { limit: 2 });
  expect(organizations.ok).toBe(true); // the number counts, the link is not used
  expect(fakes.itglue.exchanges.map(({ url }) => url.hostname)).toEqual(["api.itglue.com", "api.itglue.com"]);
});

it("refuses an id that would leave the operation, before any request", async () => {
  for (const deviceUid of ["..", ".", "a/b", "%2e%2e/../x", "x\\y", "\u0000"]) {
    const result = await connection("datto-rmm").call("datto_get_device", { deviceUid });
    expect(result).toMatchObject({ ok: false });
    if (!result.ok && deviceUid !== "%2e%2e/../x") expect(result.error.code).toBe("INVALID_INPUT");
  }
  expect(fakes.exchanges).toEqual([]);
});

it("checks arguments before it calls anybody (MCP-09)", async () => {
  const datto = connection("datto-rmm");
  for (const [tool, args, field] of [
    ["datto_get_alert", {}, "alertUid"],
    ["datto_list_devices", { limit: 1000 }, "limit"],
    ["datto_list_alerts", { state: "closed" }, "state"],
    ["datto_list_sites", { name: 7 }, "name"],
    ["datto_list_sites", { colour: "red" }, "colour"],
  ] as const) {
    const result = await datto.call(tool, args);
    expect(result).toMatchObject({ ok: false, error: { code: "INVALID_INPUT" } });
    if (!result.ok) expect(JSON.stringify(result.error.fields) + result.error.message).toContain(field);
  }
  expect(fakes.exchanges).toEqual([]);
});

it("keeps the answer it has when a part that may fail fails", async () => {
  fakes["datto-rmm"].trouble.next(down(500), { match: "GET /v2/audit/device", times: 9 });
  const result = await connection("datto-rmm").call("datto_device_health", {
    deviceUid: ids.machine("CONT-SEA-FS01").uid,
  });
  expect(result).toMatchObject({ ok: true, value: { device: { hostname: "CONT-SEA-FS01" } } });
});

it("tells how far a document came when a section is refused", async () => {
  fakes.itglue.trouble.next(refused(422, { errors: [{ status: "422", title: "Unprocessable", detail: "No." }] }), {
    match: "POST /documents/{id}/relationships/sections",
  });
  const result = await connection("itglue").call("itglue_write_document", {
    organizationId: "4001",
    name: "Half a runbook",
    sections: [{ html: "<p>One</p>" }],
    state: "published",
  });
  expect(result).toMatchObject({
    ok: true,
    value: {
      document: { name: "Half a runbook" },
      done: ["document"],
      failed: [{ step: "added", code: "VENDOR_REJECTED" }],
      notTried: ["published"],
    },
  });
});

it("names the choices when a type is not known", async () => {
  const result = await connection("itglue").call("itglue_search_flexible_assets", { type: "Wifi networks" });
  expect(result).toMatchObject({ ok: false, error: { code: "NO_MATCH" } });
  if (!result.ok) expect(text(result.error)).toContain('"Wi-Fi"');
});
