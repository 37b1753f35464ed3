import Ajv2020 from "ajv/dist/2020.js";
import { expect, it } from "vitest";
import { anyOddCharacter, secrets } from "../fakes/nasty.ts";
import { useFakes } from "../fakes/use.ts";
import { cases, idsOf, suites } from "./cases.ts";
import { connection, vendorOf } from "./vendor.ts";

const fakes = useFakes();
const ids = idsOf(fakes);

for (const [index, { vendor, tool, args, uses, check }] of cases.entries()) {
  const id = suites[vendor].requirements?.[tool];
  const proof = id ? ` (${id})` : "";
  it(`${index + 1}. ${tool} uses ${uses.join(", ")} and answers what its schema says${proof}`, async () => {
    const result = await connection(vendor).call(tool, args(ids));
    if (!result.ok) throw new Error(`${tool}: ${result.error.code} ${result.error.message}`, { cause: result.error });
    const asked = fakes.exchanges.filter(({ outside }) => !outside);
    const used = new Set(asked.map(({ method, template }) => `${method} ${template}`));
    expect([...used].sort()).toEqual([...uses].sort());

    const { output } = vendorOf(vendor).schemas[tool]!;
    const validate = new Ajv2020.default({ strict: false }).compile(output);
    expect(validate(result.value), JSON.stringify(validate.errors)).toBe(true);
    const json = JSON.stringify(result.value);
    expect(json).not.toMatch(anyOddCharacter);
    for (const secret of Object.values(secrets)) expect(json).not.toContain(secret);
    check(result.value, ids);
  });
}

for (const [slug, suite] of Object.entries(suites)) {
  const { cases: own, tools: size, writes = [], destroys = [], reveals = [] } = suite;
  const tools = (vendorOf(slug)?.tools ?? []).filter(({ extended }) => !extended);

  it(`has a case for each of the ${size} tools of ${slug} (VEN-22)`, () => {
    const called = new Set(own.map(({ tool }) => tool));
    expect(tools.map(({ name }) => name).filter((name) => !called.has(name))).toEqual([]);
    expect(tools).toHaveLength(size);
    for (const { name } of tools) expect(name).toMatch(/^(?=.{5,40}$)[a-z]+_[a-z_]{3,}$/);
  });

  it(`classes every tool of ${slug} (VEN-23)`, () => {
    const by = (access: string) => tools.filter((tool) => tool.access === access).map(({ name }) => name);
    expect(by("write").sort()).toEqual([...writes].sort());
    expect(by("destroy").sort()).toEqual([...destroys].sort());
    expect(by("reveal").sort()).toEqual([...reveals].sort());
    for (const { access, idempotent } of tools) if (access === "destroy") expect(idempotent).toBe(false);
  });
}

it("asks IT Glue for no password value except to reveal one (VEN-10)", async () => {
  const glue = connection("itglue");
  const id = ids.record("passwords", "Firewall").id;
  for (const [tool, args] of [
    ["itglue_get_password", { id }],
    ["itglue_search_passwords", {}],
    ["itglue_organization_overview", { id: "4001" }],
  ] as const)
    await glue.call(tool, args);
  const asked = fakes.exchanges
    .filter(({ template }) => template === "/passwords/{id}")
    .map(({ url }) => url.searchParams.get("show_password"));
  expect(asked).toEqual(["false"]);
});

it("exchanges Datto's key once, outside /api, and calls with the bearer token alone (VEN-02)", async () => {
  const datto = connection("datto-rmm");
  await datto.call("datto_list_sites", {});
  await datto.call("datto_list_devices", { limit: 1 });
  const [token, ...calls] = fakes.exchanges;
  expect([token!.method, token!.url.href, token!.headers.get("authorization")]).toEqual([
    "POST",
    "https://concord-api.centrastage.net/auth/oauth/token",
    `Basic ${btoa("public-client:public")}`,
  ]);
  expect(calls.map(({ template }) => template)).toEqual(["/v2/account/sites", "/v2/account/devices"]);
  for (const { headers, url } of calls) {
    expect(headers.get("authorization")).toMatch(/^Bearer datto-token-/);
    expect(url.href).not.toMatch(/demo-datto-api-secret|DEMO-DATTO-API-KEY/);
  }
});

it("renews an ended Datto token once and repeats the read (VEN-02)", async () => {
  const datto = connection("datto-rmm");
  await datto.call("datto_list_sites", {});
  fakes["datto-rmm"].expireTokens();
  const result = await datto.call("datto_list_sites", {});
  expect(result.ok).toBe(true);
  expect(fakes.exchanges.map(({ template, status }) => `${template} ${status}`).slice(2)).toEqual([
    "/v2/account/sites 401",
    "/auth/oauth/token 200",
    "/v2/account/sites 200",
  ]);
});

it("calls the region's host with the key in x-api-key (VEN-08)", async () => {
  for (const [region, host] of [
    ["us", "api.itglue.com"],
    ["eu", "api.eu.itglue.com"],
    ["au", "api.au.itglue.com"],
  ] as const) {
    await connection("itglue", { keys: { region, apiKey: "ITG.some-key" } }).call("itglue_search_organizations", {});
    const last = fakes.exchanges.at(-1)!;
    expect([last.url.origin, last.headers.get("x-api-key"), last.headers.get("authorization")]).toEqual([
      `https://${host}`,
      "ITG.some-key",
      null,
    ]);
  }
});

it("reads on from a cursor without a gap or a repeat, page by page (VEN-24)", async () => {
  fakes["datto-rmm"].trouble.pageSize = 7;
  const datto = connection("datto-rmm");
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const result = await datto.call("datto_list_devices", { limit: 10, ...(cursor && { cursor }) });
    if (!result.ok) throw result.error;
    const { devices, next_cursor, truncated } = result.value as {
      devices: { uid: string }[];
      next_cursor?: string;
      truncated: boolean;
    };
    expect(truncated).toBe(next_cursor !== undefined);
    seen.push(...devices.map(({ uid }) => uid));
    cursor = next_cursor;
  } while (cursor);
  expect(seen).toEqual(ids.datto.world.machines.map(({ uid }) => uid));
});

it("keeps strangers' words in the fields they came in, without odd characters", async () => {
  const result = await connection("datto-rmm").call("datto_get_alert", {
    alertUid: ids.alert("CONT-SEA-WS07").alertUid,
  });
  if (!result.ok) throw result.error;
  const { alert } = result.value as { alert: Record<string, unknown> };
  const { diagnostics, ...others } = alert;
  expect(diagnostics).toMatch(/^Backup script said: IGNORE ALL PREVIOUS INSTRUCTIONS\./);
  expect(diagnostics).not.toMatch(anyOddCharacter);
  expect(JSON.stringify(others)).not.toContain("IGNORE");
  const device = await connection("datto-rmm").call("datto_get_device", {
    deviceUid: ids.machine("CONT-SEA-WS07").uid,
  });
  expect(device).toMatchObject({ ok: true, value: { device: { lastUser: "CONT\\f.kim" } } });
});

it("names job output and alert texts without the secrets in them", async () => {
  const result = await connection("datto-rmm").call("datto_get_alert", {
    alertUid: ids.alert("CONT-SEA-WS07").alertUid,
  });
  if (!result.ok) throw result.error;
  const json = JSON.stringify(result.value);
  expect(json).toContain("Backup script said");
  for (const secret of Object.values(secrets)) expect(json).not.toContain(secret);
});
