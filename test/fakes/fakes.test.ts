import { expect, it } from "vitest";
import { checkAnswer } from "./answers.ts";
import { demoKeys, otherKeys, wrongKeys } from "./keys.ts";
import { anyOddCharacter, orders, secrets } from "./nasty.ts";
import { serveFakes } from "./serve.ts";
import { rateLimited, slow } from "./trouble.ts";
import { useFakes } from "./use.ts";
import { readDocument } from "./validate.ts";

const fakes = useFakes();
const DATTO = "https://concord-api.centrastage.net";
const GLUE = "https://api.itglue.com";

const signIn = (
  { platform, apiKey, apiSecret }: { platform: string; apiKey: string; apiSecret: string } = demoKeys["datto-rmm"],
) =>
  fetch(`https://${platform}-api.centrastage.net/auth/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa("public-client:public")}` },
    body: new URLSearchParams({ grant_type: "password", username: apiKey, password: apiSecret }),
  });

async function datto(path: string, { method = "GET", body }: { method?: string; body?: unknown } = {}) {
  const { access_token } = (await (await signIn()).json()) as { access_token: string };
  return fetch(`${DATTO}/api${path}`, {
    method,
    headers: {
      authorization: `Bearer ${access_token}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

const glue = (
  path: string,
  { method = "GET", body, key = demoKeys.itglue.apiKey }: { method?: string; body?: unknown; key?: string } = {},
) =>
  fetch(`${GLUE}${path}`, {
    method,
    headers: { "x-api-key": key, ...(body !== undefined && { "content-type": "application/vnd.api+json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

const machine = (hostname: string) =>
  fakes["datto-rmm"].states
    .get(demoKeys["datto-rmm"].apiKey)!
    .world.machines.find((each) => each.hostname === hostname)!;
const recordOf = (type: "configurations" | "passwords" | "documents" | "flexible-assets" | "contacts", index = 0) =>
  fakes.itglue.states.get(demoKeys.itglue.apiKey)!.records[type][index]!;

it.skipIf(!readDocument("datto-rmm").complete)(
  "answers every mapped read of Datto RMM as the vendor's document says (DOC-07)",
  async () => {
    const { document } = readDocument("datto-rmm");
    const [server, printer, host] = [machine("CONT-SEA-FS01"), machine("CONT-SEA-PRN01"), machine("CONT-SEA-ESX01")];
    const alert = fakes["datto-rmm"].states.get(demoKeys["datto-rmm"].apiKey)!.alerts[0]!.alertUid;
    const site = server.site.uid;
    const component = fakes["datto-rmm"].states.get(demoKeys["datto-rmm"].apiKey)!.components[0]!.uid;
    const started = (await (
      await datto(`/v2/device/${server.uid}/quickjob`, {
        method: "PUT",
        body: { jobName: "Spooler", jobComponent: { componentUid: component, variables: [] } },
      })
    ).json()) as { job: { uid: string } };
    const reads: [template: string, path: string][] = [
      ["/v2/account", ""],
      ["/v2/account/devices", "?max=5&page=1"],
      ["/v2/account/sites", ""],
      ["/v2/account/components", ""],
      ["/v2/account/alerts/open", "?muted=false"],
      ["/v2/account/alerts/resolved", ""],
      ["/v2/site/{siteUid}", ""],
      ["/v2/site/{siteUid}/settings", ""],
      ["/v2/site/{siteUid}/devices", ""],
      ["/v2/site/{siteUid}/alerts/open", ""],
      ["/v2/site/{siteUid}/alerts/resolved", ""],
      ["/v2/site/{siteUid}/patches", "?installStatus=INSTALLED"],
      ["/v2/device/{deviceUid}", ""],
      ["/v2/device/id/{deviceId}", ""],
      ["/v2/device/macAddress/{macAddress}", ""],
      ["/v2/device/{deviceUid}/alerts/open", ""],
      ["/v2/device/{deviceUid}/alerts/resolved", ""],
      ["/v2/device/{deviceUid}/patches", ""],
      ["/v2/audit/device/{deviceUid}", ""],
      ["/v2/audit/device/{deviceUid}/software", ""],
      ["/v2/audit/printer/{deviceUid}", ""],
      ["/v2/audit/esxihost/{deviceUid}", ""],
      ["/v2/alert/{alertUid}", ""],
      ["/v2/activity-logs", "?size=3&order=desc"],
      ["/v2/job/{jobUid}", ""],
      ["/v2/job/{jobUid}/components", ""],
      ["/v2/job/{jobUid}/results/{deviceUid}", ""],
      ["/v2/job/{jobUid}/results/{deviceUid}/stdout", ""],
      ["/v2/job/{jobUid}/results/{deviceUid}/stderr", ""],
    ];
    const problems: string[] = [];
    for (const [template, query] of reads) {
      const target = template.includes("printer") ? printer : template.includes("esxihost") ? host : server;
      const path = template
        .replace("{siteUid}", site)
        .replace("{deviceUid}", target.uid)
        .replace("{deviceId}", String(target.id))
        .replace("{macAddress}", target.mac.replaceAll(":", ""))
        .replace("{alertUid}", alert)
        .replace("{jobUid}", started.job.uid);
      const response = await datto(path + query);
      problems.push(...checkAnswer(document, "GET", template, response.status, await response.json()));
    }
    expect(problems).toEqual([]);
    expect(checkAnswer(document, "GET", "/v2/account", 200, { id: "one", nmae: "x" })).not.toEqual([]);
  },
);

it.skipIf(!readDocument("itglue").complete)(
  "answers every mapped read of IT Glue as the vendor's reference says (DOC-07)",
  async () => {
    const { document } = readDocument("itglue");
    const reads: [template: string, path: string][] = [
      ["/organizations", "/organizations?filter[name]=contoso&page[size]=1"],
      ["/organizations/{id}", "/organizations/4001"],
      ["/organization_types", "/organization_types"],
      ["/organization_statuses", "/organization_statuses"],
      ["/configurations", "/configurations?page[number]=2&page[size]=10&sort=-name"],
      ["/configurations/{id}", `/configurations/${recordOf("configurations").id}?include=configuration_interfaces`],
      ["/configuration_types", "/configuration_types"],
      ["/configuration_statuses", "/configuration_statuses"],
      ["/passwords", "/passwords?filter[organization_id]=4001"],
      ["/passwords/{id}", `/passwords/${recordOf("passwords").id}`],
      ["/password_categories", "/password_categories"],
      ["/flexible_asset_types", "/flexible_asset_types"],
      [
        "/flexible_asset_types/{flexible_asset_type_id}/relationships/flexible_asset_fields",
        "/flexible_asset_types/91/relationships/flexible_asset_fields",
      ],
      ["/flexible_assets", "/flexible_assets?filter[flexible-asset-type-id]=91"],
      ["/flexible_assets/{id}", `/flexible_assets/${recordOf("flexible-assets").id}`],
      ["/contacts", "/contacts"],
      ["/contact_types", "/contact_types"],
      ["/locations", "/locations"],
      ["/expirations", "/expirations"],
      ["/organizations/{organization_id}/relationships/documents", "/organizations/4001/relationships/documents"],
      ["/documents/{id}", `/documents/${recordOf("documents").id}`],
      ["/documents/{id}/relationships/sections", `/documents/${recordOf("documents").id}/relationships/sections`],
    ];
    const problems: string[] = [];
    for (const [template, path] of reads) {
      const response = await glue(path);
      problems.push(...checkAnswer(document, "GET", template, response.status, await response.json()));
    }
    expect(problems).toEqual([]);
  },
);

it("pages Datto RMM by number from 0 and links the next page on the same host", async () => {
  fakes["datto-rmm"].trouble.pageSize = 20;
  const names: string[] = [];
  let pages = 0;
  for (let path: string | undefined = "/v2/account/devices?max=250&page=0"; path; pages++) {
    const page = (await (await datto(path)).json()) as {
      devices: { hostname: string }[];
      pageDetails: { nextPageUrl: string | null };
    };
    names.push(...page.devices.map(({ hostname }) => hostname));
    path = page.pageDetails.nextPageUrl?.slice(`${DATTO}/api`.length);
  }
  expect(pages).toBe(4);
  expect(new Set(names).size).toBe(fakes["datto-rmm"].states.get(demoKeys["datto-rmm"].apiKey)!.world.machines.length);
});

it("keeps what was done: a resolved alert, a job that finishes, a custom field, a document that grows", async () => {
  const before = (await (await datto("/v2/account/alerts/open?muted=false")).json()) as {
    alerts: { alertUid: string }[];
  };
  const { alertUid } = before.alerts[0]!;
  expect((await datto(`/v2/alert/${alertUid}/resolve`, { method: "POST" })).status).toBe(200);
  expect(await (await datto(`/v2/alert/${alertUid}`)).json()).toMatchObject({ resolved: true, resolvedBy: "api-user" });

  const device = machine("CONT-SEA-WS01").uid;
  const component = fakes["datto-rmm"].states.get(demoKeys["datto-rmm"].apiKey)!.components[1]!.uid;
  const { job } = (await (
    await datto(`/v2/device/${device}/quickjob`, {
      method: "PUT",
      body: { jobName: "Restart", jobComponent: { componentUid: component } },
    })
  ).json()) as { job: { uid: string } };
  const status = async () => ((await (await datto(`/v2/job/${job.uid}`)).json()) as { status: string }).status;
  expect([await status(), await status()]).toEqual(["active", "completed"]);

  const type = "documents";
  const created = (await (
    await glue("/documents", {
      method: "POST",
      body: { data: { type, attributes: { organization_id: 4001, name: "Runbook" } } },
    })
  ).json()) as { data: { id: string } };
  const section = {
    data: { type: "sections", attributes: { resource_type: "Document::Text", content: "<p>Start</p>" } },
  };
  expect(
    (await glue(`/documents/${created.data.id}/relationships/sections`, { method: "POST", body: section })).status,
  ).toBe(201);
  expect(await (await glue(`/documents/${created.data.id}/publish`, { method: "PATCH" })).json()).toMatchObject({
    data: { attributes: { published: true, content: "<p>Start</p>" } },
  });
});

it("refuses wrong keys, the wrong platform, ended tokens and too many requests", async () => {
  expect((await signIn(wrongKeys["datto-rmm"])).status).toBe(401);
  expect((await signIn({ ...demoKeys["datto-rmm"], platform: "syrah" })).status).toBe(401);
  expect((await glue("/organizations", { key: wrongKeys.itglue.apiKey })).status).toBe(403);
  expect((await glue("/organizations", { key: otherKeys.itglue.apiKey })).status).toBe(403); // its region is another

  const { access_token } = (await (await signIn()).json()) as { access_token: string };
  const account = () => fetch(`${DATTO}/api/v2/account`, { headers: { authorization: `Bearer ${access_token}` } });
  expect((await account()).status).toBe(200);
  fakes["datto-rmm"].expireTokens();
  expect((await account()).status).toBe(401);

  fakes.itglue.trouble.next(rateLimited(7), { match: "GET /organizations" });
  const refused = await glue("/organizations");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "7"]);
  expect((await glue("/organizations")).status).toBe(200);
});

it("shows a password value unless told not to, and never in a list", async () => {
  const { id } = recordOf("passwords");
  const value = fakes.itglue.states.get(demoKeys.itglue.apiKey)!.values.get(id)!;
  expect(await (await glue(`/passwords/${id}`)).text()).toContain(value);
  expect(await (await glue(`/passwords/${id}?show_password=false`)).text()).not.toContain(value);
  expect(await (await glue("/passwords")).text()).not.toContain("value-of-");
  expect((await glue("/flexible_assets/1")).status).toBe(404);
});

it("holds orders, odd characters and secret-looking text, for tests that they do not escape", async () => {
  const device = (await (await datto(`/v2/device/${machine("CONT-SEA-WS07").uid}`)).json()) as { description: string };
  expect(device.description).toContain(orders);
  expect(device.description).toMatch(anyOddCharacter);
  const alerts = await (await datto("/v2/account/alerts/open")).text();
  expect(alerts).toContain(secrets.aws);
  expect(secrets.aws).toMatch(/^AKIA[0-9A-Z]{16}$/);
  expect(secrets.github).toMatch(/^ghp_[A-Za-z0-9]{36}$/);
});

it("gives two MSPs the same ids and other names", async () => {
  const of = (keys: typeof demoKeys | typeof otherKeys) =>
    fakes["datto-rmm"].states.get(keys["datto-rmm"].apiKey)!.world;
  expect(of(otherKeys).machines.map(({ uid }) => uid)).toEqual(of(demoKeys).machines.map(({ uid }) => uid));
  expect(of(otherKeys).sites[0]!.name).not.toBe(of(demoKeys).sites[0]!.name);
});

it("serves the same on loopback, says 501 to what it does not know, and notices when the caller hangs up", async () => {
  const served = await serveFakes({ validate: true });
  const call = (path: string, init: RequestInit = {}) =>
    fetch(served.origins.itglue + path, {
      ...init,
      headers: { "x-api-key": otherKeys.itglue.apiKey, "x-forwarded-host": "api.eu.itglue.com" },
    });
  expect(await (await call("/organizations/4001")).json()).toMatchObject({
    data: { attributes: { name: "Contoso Dental (Harbor & Finch IT)" } },
  });
  expect((await call("/exports/1")).status).toBe(501);
  expect(served.unknown).toEqual(["GET https://api.eu.itglue.com/exports/1"]);
  expect((await call("/organizations?filter[colour]=red")).status).toBe(501);
  served.fakes.itglue.trouble.next(slow(5_000));
  await expect(call("/organizations", { signal: AbortSignal.timeout(100) })).rejects.toThrow();
  await expect.poll(() => served.requests.at(-1)!.aborted).toBe(true);
  await served.close();
});
