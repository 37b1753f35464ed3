import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { type VendorYaml, vendorYaml } from "../../generator/read/schema.ts";

const documents = parseAllDocuments(readFileSync("vendors.yaml", "utf8"), { merge: true });
const yaml = documents.map((each) => each.toJS()).filter((each) => "vendor" in each);
const vendors = new Map(yaml.map((each) => vendorYaml.parse(each)).map((each) => [each.vendor, each]));
const datto = vendors.get("datto-rmm") as VendorYaml;
const itglue = vendors.get("itglue") as VendorYaml;
const all = [datto, itglue].flatMap((vendor) =>
  Object.entries(vendor.tools).map(([name, tool]) => ({ vendor, name: `${vendor.prefix}_${name}`, tool })),
);

const line = (vendor: VendorYaml, name: string) => {
  const operation = vendor.operations[name];
  return typeof operation === "string" ? operation : (operation?.do ?? `no operation ${name}`);
};

/** Names of the operations that a tool's steps may call, choices included. */
function called(vendor: VendorYaml, tool: string, kinds = ["get", "list", "send", "poll", "lookup"]): string[] {
  const names = (choice: unknown): string[] => {
    if (typeof choice === "string") return choice === "none" || choice.startsWith("$") ? [] : [choice];
    return Object.values((choice ?? {}) as object).flatMap(names);
  };
  const steps = Object.values(vendor.tools[tool]?.steps ?? {}) as Record<string, unknown>[];
  return [...new Set(steps.flatMap((step) => kinds.flatMap((kind) => names(step[kind]))))];
}
const routes = (vendor: VendorYaml, tool: string) =>
  called(vendor, tool)
    .map((name) => line(vendor, name))
    .sort();
const outputOf = (vendor: VendorYaml, tool: string) => JSON.stringify(vendor.tools[tool]?.output);

describe("the set of tools", () => {
  it("is complete: 19 and 20", () => {
    expect(Object.keys(datto.tools).sort()).toEqual(
      "device_health find_software get_activity get_alert get_audit get_device get_job get_site list_alerts list_components list_devices list_patches list_sites resolve_alert run_quickjob run_quickjob_and_wait site_report triage_alerts update_device".split(
        " ",
      ),
    );
    expect(Object.keys(itglue.tools).sort()).toEqual(
      "documentation_gaps get_configuration get_document get_organization get_password list_choices list_expirations organization_overview reveal_password save_configuration save_flexible_asset save_password search_configurations search_contacts search_documents search_flexible_assets search_locations search_organizations search_passwords write_document".split(
        " ",
      ),
    );
  });

  it("has names of prefix, verb and noun, at most 40 characters long (VEN-22)", () => {
    for (const { name } of all) expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)+$/);
    for (const { name } of all) expect(name.length).toBeLessThanOrEqual(40);
  });

  it("calls every tool that changes something write, and what runs on machines destroy (VEN-23)", () => {
    const access = Object.fromEntries(
      all.filter(({ tool }) => (tool.access ?? "read") !== "read").map(({ name, tool }) => [name, tool.access]),
    );
    expect(access).toEqual({
      datto_resolve_alert: "write",
      datto_run_quickjob: "destroy",
      datto_run_quickjob_and_wait: "destroy",
      datto_update_device: "write",
      itglue_reveal_password: "reveal",
      itglue_save_configuration: "write",
      itglue_save_flexible_asset: "write",
      itglue_save_password: "write",
      itglue_write_document: "write",
    });
    for (const { name, tool } of all) {
      const sends = Object.values(tool.steps).some((step) => step.send !== undefined);
      expect([name, sends]).toEqual([name, tool.access === "write" || tool.access === "destroy"]);
    }
  });

  it("describes every input, names who gives its ids, and gives no orders to a model", () => {
    for (const { name, tool } of all) {
      for (const [input, value] of Object.entries(tool.input ?? {})) {
        const { about } = value as { about?: string };
        expect(about, `${name}.${input}`).toMatch(/\S/);
        if (/(uid|id)$/i.test(input) && input !== "rmmId" && input !== "psaId" && input !== "deviceId")
          expect(about, `${name}.${input}`).toMatch(
            /\bfrom \w+_\w+|in answers|where it ran|only this folder|for a new document/i,
          );
      }
      expect(tool.description).not.toMatch(/\b(must|always|never call|you should|please|important)\b/i);
    }
  });

  it("refers to tools that exist", () => {
    const names = new Set(all.map(({ name }) => name));
    for (const [name] of JSON.stringify(all.map(({ tool }) => tool)).matchAll(/\b(datto|itglue)_[a-z_]+/g))
      expect(names).toContain(name);
  });

  it("never maps what must not be reachable", () => {
    const mapped = [datto, itglue].flatMap((vendor) =>
      Object.keys(vendor.operations).map((name) => line(vendor, name)),
    );
    for (const operation of mapped) {
      expect(operation).not.toMatch(/^DELETE /);
      expect(operation).not.toMatch(/resetApiKeys|\/mute|\/unmute|\/variable|\/exports|\/users|settings\/proxy/);
      expect(operation).not.toMatch(/^PATCH \/\w+$/);
    }
  });
});

describe("Datto RMM", () => {
  it("exchanges key and secret outside /api with the fixed public client (VEN-02)", () => {
    expect(datto.baseUrl).toBe("https://{platform}-api.centrastage.net/api");
    expect(datto.auth).toEqual({
      scheme: "passwordGrant",
      tokenUrl: "https://{platform}-api.centrastage.net/auth/oauth/token",
      client: { id: "public-client", secret: "public" },
      username: "{apiKey}",
      password: "{apiSecret}",
      lifetime: "100h",
    });
    expect(datto.credentials).toMatchObject({
      platform: { enum: ["pinotage", "merlot", "concord", "vidal", "zinfandel", "syrah"] },
      apiSecret: { secret: true },
    });
    expect(datto.limits).toMatchObject({ reads: "600/60s", writes: "100/60s" });
  });

  it("lists and gets devices and sites (VEN-03)", () => {
    expect(routes(datto, "list_devices")).toContain("GET /v2/account/devices");
    expect(routes(datto, "get_device")).toContain("GET /v2/device/{deviceUid}");
    expect(routes(datto, "list_sites")).toEqual(["GET /v2/account/sites"]);
    expect(routes(datto, "get_site")).toEqual(["GET /v2/site/{siteUid}", "GET /v2/site/{siteUid}/settings"]);
    expect(outputOf(datto, "get_site")).not.toMatch(/password|username/);
  });

  it("lists open or resolved alerts of account, site or device (VEN-04)", () => {
    expect(routes(datto, "list_alerts")).toEqual(
      ["account", "device/{deviceUid}", "site/{siteUid}"].flatMap((scope) =>
        ["open", "resolved"].map((state) => `GET /v2/${scope}/alerts/${state}`),
      ),
    );
  });

  it("resolves an alert by POST, and reads it back (VEN-05)", () => {
    expect(routes(datto, "resolve_alert")).toEqual(["GET /v2/alert/{alertUid}", "POST /v2/alert/{alertUid}/resolve"]);
  });

  it("runs a quick job by PUT, once, as something that cannot be taken back (VEN-06)", () => {
    for (const name of ["run_quickjob", "run_quickjob_and_wait"]) {
      expect(called(datto, name, ["send"]).map((each) => line(datto, each))).toEqual([
        "PUT /v2/device/{deviceUid}/quickjob",
      ]);
      expect(datto.tools[name]).toMatchObject({ access: "destroy" });
      expect(datto.tools[name]?.idempotent).toBeUndefined();
    }
  });

  it("audits by class of device, with software on request (VEN-07)", () => {
    const { audit } = datto.tools.get_audit?.steps ?? {};
    expect(audit?.get).toEqual({
      by: "$device.deviceClass",
      device: "getDeviceAudit",
      printer: "getPrinterAudit",
      esxihost: "getHostAudit",
      else: "none",
    });
    expect(routes(datto, "get_audit")).toEqual([
      "GET /v2/audit/device/{deviceUid}",
      "GET /v2/audit/device/{deviceUid}/software",
      "GET /v2/audit/esxihost/{deviceUid}",
      "GET /v2/audit/printer/{deviceUid}",
      "GET /v2/device/{deviceUid}",
    ]);
  });

  it("shows no values of a component's variables", () => {
    expect(outputOf(datto, "list_components")).not.toMatch(/defaultVal|value/i);
  });
});

describe("IT Glue", () => {
  const alwaysOf = (name: string) => {
    const operation = itglue.operations[name];
    return typeof operation === "object" ? operation.always : undefined;
  };

  it("sends the key in a header to the host of its region (VEN-08)", () => {
    expect(itglue.auth).toEqual({ scheme: "headers", headers: { "x-api-key": "{apiKey}" } });
    expect(itglue.hosts?.region).toEqual({ us: "api.itglue.com", eu: "api.eu.itglue.com", au: "api.au.itglue.com" });
    expect(itglue.baseUrl).toBe("https://{region.host}");
    expect(itglue.limits).toMatchObject({ all: "3000/300s" });
  });

  it("searches and gets organizations and configurations (VEN-09)", () => {
    expect(routes(itglue, "search_organizations")).toEqual(["GET /organizations"]);
    expect(routes(itglue, "get_organization")).toEqual(["GET /organizations/{id}"]);
    expect(routes(itglue, "search_configurations")).toEqual(["GET /configurations"]);
    expect(routes(itglue, "get_configuration")).toContain("GET /configurations/{id}");
  });

  it("asks for a password's value in one place only, the reveal tool (VEN-10)", () => {
    const passwords = Object.keys(itglue.operations).filter((name) => / \/passwords\b/.test(line(itglue, name)));
    expect(passwords).toHaveLength(5);
    for (const name of passwords) {
      expect(alwaysOf(name)).toEqual(
        name === "searchPasswords" ? undefined : { show_password: name === "revealPassword" },
      ); // lists have no values
    }
    const revealing = Object.keys(itglue.tools).filter((tool) => called(itglue, tool).includes("revealPassword"));
    expect(revealing).toEqual(["reveal_password"]);
    const showing = Object.keys(itglue.tools).filter((tool) =>
      /"(\$\w+\.)?password"/.test(outputOf(itglue, tool).replaceAll(/"(\$from|\$\w+)":"\$\w+"/g, "")),
    );
    expect(showing).toEqual(["reveal_password"]);
    expect(JSON.stringify(itglue.tools)).not.toContain("otp");
    expect(itglue.secrets).toEqual(expect.arrayContaining(["password", "otp_secret"]));
    expect(itglue.tools.save_password?.input?.password).toMatchObject({ secret: true });
  });

  it("reads documents of one organization, bodies left out of search results (VEN-11)", () => {
    expect(routes(itglue, "search_documents")).toEqual(
      Array(2).fill("GET /organizations/{organization_id}/relationships/documents"),
    );
    expect(outputOf(itglue, "search_documents")).not.toContain("content");
    expect(itglue.tools.search_documents?.input?.organizationId).not.toHaveProperty("optional");
  });

  it("finds the type of flexible assets before it asks for them (VEN-12)", () => {
    const { flexibleAssetType, assets } = itglue.tools.search_flexible_assets?.steps ?? {};
    expect(flexibleAssetType?.lookup).toBe("listFlexibleAssetTypes");
    expect(assets?.with).toMatchObject({ typeId: "$flexibleAssetType.id" });
  });

  it("reads, merges and writes flexible assets, because traits that are not sent are lost", () => {
    const { before, asset } = itglue.tools.save_flexible_asset?.steps ?? {};
    expect(before?.get).toBe("getFlexibleAsset");
    expect(asset?.with?.traits).toMatchObject({ merge: ["$before.traits", "$traits"] });
  });
});
