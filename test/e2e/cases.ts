import { expect } from "vitest";
import type { Fakes } from "../fakes/fakes.ts";
import { passwordValue } from "../fakes/itglue-records.ts";
import { demoKeys, type VendorSlug } from "../fakes/keys.ts";
import type { Machine } from "../fakes/world.ts";
import type { DattoWorld } from "../fakes/world-datto-rmm.ts";
import type { GlueWorld } from "../fakes/world-itglue.ts";

/** One call of one tool against the demo world: what to ask, which operations it may use, what must come back. */
export interface Case {
  vendor: VendorSlug;
  tool: string;
  args(ids: Ids): Record<string, unknown>;
  /** Operations of the vendor that this call makes, each at least once, and no other. */
  uses: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: a result has the shape of its tool; the expectations below say which
  check(value: any, ids: Ids): void;
}

/** Names for what the demo world holds. */
export interface Ids {
  machine(hostname: string): Machine;
  site(name: string): DattoWorld["world"]["sites"][number];
  component(name: string): DattoWorld["components"][number];
  alert(hostname: string): DattoWorld["alerts"][number];
  record(
    type: "configurations" | "passwords" | "documents" | "flexible-assets",
    name: string,
  ): GlueWorld["records"]["passwords"][number];
  datto: DattoWorld;
  glue: GlueWorld;
}

export function idsOf(fakes: Fakes): Ids {
  const datto = fakes["datto-rmm"].states.get(demoKeys["datto-rmm"].apiKey)!;
  const glue = fakes.itglue.states.get(demoKeys.itglue.apiKey)!;
  return {
    datto,
    glue,
    machine: (hostname) => datto.world.machines.find((machine) => machine.hostname === hostname)!,
    site: (name) => datto.world.sites.find((site) => site.name === name)!,
    component: (name) => datto.components.find((component) => component.name.startsWith(name))!,
    alert: (hostname) =>
      datto.alerts.find(({ alertSourceInfo, resolved }) => alertSourceInfo.deviceName === hostname && !resolved)!,
    record: (type, name) =>
      glue.records[type].find(
        ({ attributes }) => attributes["name"] === name && attributes["organization-id"] === 4001,
      )!,
  };
}

const dattoCases: Omit<Case, "vendor">[] = [
  {
    tool: "datto_list_devices",
    args: () => ({ siteName: "Contoso", os: "Server", limit: 10 }),
    uses: ["GET /v2/account/devices"],
    check: ({ devices, truncated }, ids) => {
      expect(devices.map(({ hostname }: { hostname: string }) => hostname).sort()).toEqual([
        "CONT-SEA-DC01",
        "CONT-SEA-FS01",
        "CONT-TAC-DC02",
      ]);
      expect(devices.find(({ hostname }: { hostname: string }) => hostname === "CONT-TAC-DC02")).toMatchObject({
        uid: ids.machine("CONT-TAC-DC02").uid,
        online: false,
        class: "device",
      });
      expect(truncated).toBe(false);
    },
  },
  {
    tool: "datto_list_devices",
    args: (ids) => ({ siteUid: ids.site("Fabrikam - Harbor Warehouse").uid, limit: 3 }),
    uses: ["GET /v2/site/{siteUid}/devices"],
    check: ({ devices, truncated, next_cursor }) => {
      expect(devices).toHaveLength(3);
      expect(truncated).toBe(true);
      expect(next_cursor).toEqual(expect.any(String));
    },
  },
  {
    tool: "datto_get_device",
    args: (ids) => ({ macAddress: ids.machine("CONT-SEA-DC01").mac.replaceAll(":", "") }),
    uses: ["GET /v2/device/macAddress/{macAddress}"],
    check: ({ device }) =>
      expect(device).toMatchObject({
        hostname: "CONT-SEA-DC01",
        site: "Contoso Dental - Seattle",
        online: true,
        class: "device",
      }),
  },
  {
    tool: "datto_get_device",
    args: (ids) => ({ deviceUid: ids.machine("FAB-HO-SQL01").uid }),
    uses: ["GET /v2/device/{deviceUid}"],
    check: ({ device }, ids) =>
      expect(device).toMatchObject({ uid: ids.machine("FAB-HO-SQL01").uid, hostname: "FAB-HO-SQL01" }),
  },
  {
    tool: "datto_get_device",
    args: (ids) => ({ deviceId: ids.machine("CONT-SEA-PRN01").id }),
    uses: ["GET /v2/device/id/{deviceId}"],
    check: ({ device }) => expect(device).toMatchObject({ hostname: "CONT-SEA-PRN01", class: "printer" }),
  },
  {
    tool: "datto_list_alerts",
    args: (ids) => ({ siteUid: ids.site("Contoso Dental - Seattle").uid, limit: 100 }),
    uses: ["GET /v2/site/{siteUid}/alerts/open"],
    check: ({ alerts }, ids) => {
      const alert = alerts.find(({ device }: { device: string }) => device === "CONT-SEA-FS01");
      // The vendor sends milliseconds; an assistant reads a date.
      expect(alert).toMatchObject({
        priority: "Critical",
        kind: "perf_disk_usage_ctx",
        raisedAt: new Date(ids.alert("CONT-SEA-FS01").timestamp).toISOString(),
      });
    },
  },
  {
    tool: "datto_list_alerts",
    args: () => ({ state: "resolved", limit: 5 }),
    uses: ["GET /v2/account/alerts/resolved"],
    check: ({ alerts, truncated }) => {
      expect(alerts).toHaveLength(5);
      expect(alerts[0].resolvedAt).toEqual(expect.any(String));
      expect(truncated).toBe(true);
    },
  },
  {
    tool: "datto_list_alerts",
    args: (ids) => ({ deviceUid: ids.machine("CONT-TAC-DC02").uid }),
    uses: ["GET /v2/device/{deviceUid}/alerts/open"],
    check: ({ alerts }) =>
      expect(alerts[0]).toMatchObject({ device: "CONT-TAC-DC02", kind: "online_offline_status_ctx" }),
  },
  {
    tool: "datto_get_alert",
    args: (ids) => ({ alertUid: ids.alert("FAB-HO-SQL01").alertUid }),
    uses: ["GET /v2/alert/{alertUid}"],
    check: ({ alert }) =>
      expect(alert).toMatchObject({
        priority: "High",
        device: "FAB-HO-SQL01",
        context: { process: "sqlservr.exe" },
      }),
  },
  {
    tool: "datto_resolve_alert",
    args: (ids) => ({ alertUid: ids.alert("ADV-CL-SRV01").alertUid }),
    uses: ["POST /v2/alert/{alertUid}/resolve", "GET /v2/alert/{alertUid}"],
    check: ({ alert }) => expect(alert).toMatchObject({ resolved: true, resolvedBy: "api-user" }),
  },
  {
    tool: "datto_list_sites",
    args: () => ({ name: "Contoso" }),
    uses: ["GET /v2/account/sites"],
    check: ({ sites }) => {
      expect(sites).toHaveLength(2);
      expect(sites[0]).toMatchObject({
        name: "Contoso Dental - Seattle",
        autotaskCompanyId: "29683500",
        devices: expect.any(Number),
      });
    },
  },
  {
    tool: "datto_get_site",
    args: (ids) => ({ siteUid: ids.site("Contoso Dental - Seattle").uid }),
    uses: ["GET /v2/site/{siteUid}", "GET /v2/site/{siteUid}/settings"],
    check: (value) => {
      expect(value).toMatchObject({
        site: { name: "Contoso Dental - Seattle" },
        proxy: { host: "proxy.contoso-dental.example", port: 3128 },
      });
      expect(JSON.stringify(value)).toContain("desk@bluepeak-it.example");
      expect(JSON.stringify(value)).not.toContain("proxy-password-never-show");
    },
  },
  {
    tool: "datto_get_audit",
    args: (ids) => ({ deviceUid: ids.machine("CONT-SEA-FS01").uid, withSoftware: true }),
    uses: [
      "GET /v2/device/{deviceUid}",
      "GET /v2/audit/device/{deviceUid}",
      "GET /v2/audit/device/{deviceUid}/software",
    ],
    check: (value) => {
      expect(value.audit).toMatchObject({
        manufacturer: "Dell Inc.",
        model: "PowerEdge R550",
        disks: [{ name: "C:" }, { name: "D:", free: 41 * 1024 ** 3 }],
      });
      expect(value.software).toContainEqual({ name: "Google Chrome", version: "131.0.6778.86" });
    },
  },
  {
    tool: "datto_get_audit",
    args: (ids) => ({ deviceUid: ids.machine("CONT-SEA-PRN01").uid }),
    uses: ["GET /v2/device/{deviceUid}", "GET /v2/audit/printer/{deviceUid}"],
    check: ({ audit }) =>
      expect(audit).toMatchObject({
        manufacturer: "HP",
        supplies: expect.arrayContaining([expect.objectContaining({ name: "Black cartridge" })]),
      }),
  },
  {
    tool: "datto_get_audit",
    args: (ids) => ({ deviceUid: ids.machine("CONT-SEA-ESX01").uid, withSoftware: true }),
    uses: ["GET /v2/device/{deviceUid}", "GET /v2/audit/esxihost/{deviceUid}"],
    check: ({ audit }) =>
      expect(audit).toMatchObject({
        model: "PowerEdge R750",
        datastores: [{ name: "datastore1", free: 812 * 1024 ** 3 }],
      }),
  },
  {
    tool: "datto_list_components",
    args: () => ({ name: "service" }),
    uses: ["GET /v2/account/components"],
    check: ({ components }) =>
      expect(components).toMatchObject([{ name: "Restart a service [WIN]", variables: [{ name: "serviceName" }] }]),
  },
  {
    tool: "datto_run_quickjob",
    args: (ids) => ({
      deviceUid: ids.machine("CONT-SEA-WS01").uid,
      componentUid: ids.component("Restart").uid,
      name: "Restart spooler",
      variables: [{ name: "serviceName", value: "Spooler" }],
    }),
    uses: ["PUT /v2/device/{deviceUid}/quickjob"],
    check: (value, ids) => {
      expect(value).toMatchObject({ jobUid: expect.any(String), status: "active" });
      expect(ids.datto.jobs.get(value.jobUid)).toMatchObject({
        name: "Restart spooler",
        variables: [{ name: "serviceName", value: "Spooler" }],
      });
    },
  },
  {
    tool: "datto_get_job",
    args: (ids) => ({ jobUid: [...ids.datto.jobs.keys()][0], deviceUid: ids.machine("CONT-SEA-WS01").uid }),
    uses: [
      "GET /v2/job/{jobUid}",
      "GET /v2/job/{jobUid}/components",
      "GET /v2/job/{jobUid}/results/{deviceUid}",
      "GET /v2/job/{jobUid}/results/{deviceUid}/stdout",
      "GET /v2/job/{jobUid}/results/{deviceUid}/stderr",
    ],
    check: (value) =>
      expect(value).toMatchObject({
        name: "Restart spooler",
        status: "active",
        result: "Running",
      }),
  },
  {
    tool: "datto_run_quickjob_and_wait",
    args: (ids) => ({
      deviceUid: ids.machine("CONT-SEA-WS01").uid,
      componentUid: ids.component("Clear").uid,
      name: "Clear the queue",
      waitSeconds: 30,
    }),
    uses: [
      "PUT /v2/device/{deviceUid}/quickjob",
      "GET /v2/job/{jobUid}",
      "GET /v2/job/{jobUid}/results/{deviceUid}",
      "GET /v2/job/{jobUid}/results/{deviceUid}/stdout",
      "GET /v2/job/{jobUid}/results/{deviceUid}/stderr",
    ],
    check: (value) => {
      expect(value).toMatchObject({ finished: true, result: "Success" });
      expect(JSON.stringify(value.output)).toContain("Running on CONT-SEA-WS01");
    },
  },
  {
    tool: "datto_list_patches",
    args: (ids) => ({ deviceUid: ids.machine("CONT-SEA-FS01").uid, status: "INSTALLED" }),
    uses: ["GET /v2/device/{deviceUid}/patches"],
    check: ({ patches }) => {
      expect(patches.length).toBeGreaterThan(0);
      for (const patch of patches) expect(patch).toMatchObject({ status: "INSTALLED", title: expect.any(String) });
    },
  },
  {
    tool: "datto_list_patches",
    args: (ids) => ({ siteUid: ids.site("Northwind Legal").uid }),
    uses: ["GET /v2/site/{siteUid}/patches"],
    check: ({ patches }) => expect(patches[0]).toMatchObject({ devices: expect.any(Number) }),
  },
  {
    tool: "datto_get_activity",
    args: (ids) => ({ from: new Date(ids.datto.world.now - 86_400_000).toISOString(), entity: "device", limit: 5 }),
    uses: ["GET /v2/activity-logs"],
    check: ({ activities, truncated }, ids) => {
      expect(activities).toHaveLength(5);
      expect(truncated).toBe(true);
      // Seconds with a fraction on the wire; a wrong unit would show a date in 1970.
      expect(Math.abs(Date.parse(activities[0].at) - ids.datto.world.now)).toBeLessThan(3_600_000);
      expect(activities[0]).toMatchObject({ entity: "DEVICE", user: "m.rivera", hostname: "CONT-SEA-DC01" });
    },
  },
  {
    tool: "datto_update_device",
    args: (ids) => ({
      deviceUid: ids.machine("CONT-SEA-WS02").uid,
      udf: { udf5: "Reception" },
      warrantyDate: "2028-01-31",
    }),
    uses: ["POST /v2/device/{deviceUid}/udf", "POST /v2/device/{deviceUid}/warranty", "GET /v2/device/{deviceUid}"],
    check: ({ device }, ids) => {
      expect(device).toMatchObject({
        hostname: "CONT-SEA-WS02",
        warrantyDate: "2028-01-31",
        udf: { udf1: "contoso-dental.example", udf5: "Reception" },
      });
      expect(ids.datto.udf.get(ids.machine("CONT-SEA-WS02").uid)).toMatchObject({ udf5: "Reception" });
    },
  },
  {
    tool: "datto_device_health",
    args: (ids) => ({ deviceUid: ids.machine("CONT-SEA-FS01").uid }),
    uses: [
      "GET /v2/device/{deviceUid}",
      "GET /v2/device/{deviceUid}/alerts/open",
      "GET /v2/device/{deviceUid}/patches",
      "GET /v2/audit/device/{deviceUid}",
    ],
    check: (value) =>
      expect(value).toMatchObject({
        device: { hostname: "CONT-SEA-FS01", online: true },
        alerts: expect.arrayContaining([expect.objectContaining({ priority: "Critical" })]),
        disks: [{ name: "C:" }, { name: "D:" }],
      }),
  },
  {
    tool: "datto_triage_alerts",
    args: () => ({ siteName: "Contoso" }),
    uses: ["GET /v2/account/alerts/open", "GET /v2/device/{deviceUid}"],
    check: (value, ids) => {
      const open = ids.datto.alerts.filter(
        ({ resolved, alertSourceInfo }) => !resolved && alertSourceInfo.siteName.includes("Contoso"),
      );
      expect(value.totals).toMatchObject({ count: open.length, by: { priority: { Critical: 2 } } });
      expect(value.first.length).toBe(Math.min(10, open.length));
      expect(value.first[0]).toMatchObject({ device: "CONT-TAC-DC02", online: false });
    },
  },
  {
    tool: "datto_site_report",
    args: (ids) => ({ siteUid: ids.site("Contoso Dental - Tacoma").uid, offlineDays: 2 }),
    uses: [
      "GET /v2/site/{siteUid}",
      "GET /v2/site/{siteUid}/devices",
      "GET /v2/site/{siteUid}/alerts/open",
      "GET /v2/site/{siteUid}/patches",
    ],
    check: (value) => {
      expect(value.offline).toContainEqual(expect.objectContaining({ hostname: "CONT-TAC-DC02" }));
      expect(value).toMatchObject({
        site: { name: "Contoso Dental - Tacoma" },
        alerts: { count: expect.any(Number) },
        patches: { count: expect.any(Number) },
      });
    },
  },
  {
    tool: "datto_find_software",
    args: (ids) => ({ siteUid: ids.site("Adatum Veterinary").uid, name: "chrome", atMost: 10 }),
    uses: ["GET /v2/site/{siteUid}/devices", "GET /v2/audit/device/{deviceUid}/software"],
    check: (value) => {
      expect(value.software).toHaveLength(5);
      expect(value.software[0]).toMatchObject({
        name: "Google Chrome",
        version: "131.0.6778.86",
        device: expect.stringMatching(/^ADV-/),
      });
      // The printer has no software audit: told apart, not hidden.
      expect(value.coverage).toMatchObject({ asked: 6, answered: 5, failed: 1 });
    },
  },
];

const glueCases: Omit<Case, "vendor">[] = [
  {
    tool: "itglue_search_organizations",
    args: () => ({ psaId: "29683501", psaType: "autotask" }),
    uses: ["GET /organizations"],
    check: ({ organizations }) =>
      expect(organizations).toEqual([
        { id: "4002", name: "Northwind Legal", shortName: "NWL", type: "Customer", status: "Active" },
      ]),
  },
  {
    tool: "itglue_get_organization",
    args: () => ({ id: "4001" }),
    uses: ["GET /organizations/{id}"],
    check: ({ organization }) => {
      expect(organization).toMatchObject({ id: "4001", name: "Contoso Dental" });
      expect(organization.quickNotes).toContain("Open 7 to 18.");
      expect(organization.quickNotes).not.toMatch(/<|steal|evil\.example/);
    },
  },
  {
    tool: "itglue_search_configurations",
    args: (ids) => ({ rmmId: ids.machine("CONT-SEA-FS01").uid, rmmType: "aem" }),
    uses: ["GET /configurations"],
    check: ({ configurations }, ids) =>
      expect(configurations).toMatchObject([
        {
          name: "CONT-SEA-FS01",
          type: "Server",
          serialNumber: ids.machine("CONT-SEA-FS01").serial,
          organization: "Contoso Dental",
        },
      ]),
  },
  {
    tool: "itglue_get_configuration",
    args: (ids) => ({ id: ids.record("configurations", "CONT-SEA-FS01").id }),
    uses: ["GET /configurations/{id}", "GET /configurations/{configuration_id}/relationships/configuration_interfaces"],
    check: (value, ids) =>
      expect(value).toMatchObject({
        configuration: { name: "CONT-SEA-FS01", model: "PowerEdge R550" },
        interfaces: [{ ip: ids.machine("CONT-SEA-FS01").ip }],
      }),
  },
  {
    tool: "itglue_search_passwords",
    args: () => ({ organizationId: "4001" }),
    uses: ["GET /passwords"],
    check: ({ passwords }) => {
      expect(passwords).toHaveLength(4);
      expect(passwords[0]).toMatchObject({
        name: "Domain administrator",
        username: "CONT\\administrator",
        category: "Active Directory",
        ageDays: 420,
      });
    },
  },
  {
    tool: "itglue_get_password",
    args: (ids) => ({ id: ids.record("passwords", "Firewall").id }),
    uses: ["GET /passwords/{id}"],
    check: (value) => {
      expect(value.entry).toMatchObject({ name: "Firewall", username: "admin", category: "Network" });
      expect(JSON.stringify(value)).not.toContain("value-of-");
    },
  },
  {
    tool: "itglue_reveal_password",
    args: (ids) => ({ id: ids.record("passwords", "Firewall").id, reason: "Firmware update agreed with the client" }),
    uses: ["GET /passwords/{id}"],
    check: (value) =>
      expect(value).toEqual({
        name: "Firewall",
        username: "admin",
        password: passwordValue("Contoso Dental Firewall"),
      }),
  },
  {
    tool: "itglue_search_documents",
    args: () => ({ organizationId: "4001" }),
    uses: ["GET /organizations/{organization_id}/relationships/documents"],
    check: (value) => {
      expect(value.documents.map(({ name }: { name: string }) => name)).toEqual([
        "Onboarding a new user",
        "Network overview",
        "Empty template",
        "Server room access",
      ]);
      expect(JSON.stringify(value)).not.toContain("Active Directory"); // bodies stay behind
    },
  },
  {
    tool: "itglue_search_documents",
    args: () => ({ organizationId: "4001", folderId: "8801" }),
    uses: ["GET /organizations/{organization_id}/relationships/documents"],
    check: ({ documents }) => expect(documents).toMatchObject([{ name: "Server room access", folderId: "8801" }]),
  },
  {
    tool: "itglue_get_document",
    args: (ids) => ({ id: ids.record("documents", "Onboarding a new user").id }),
    uses: ["GET /documents/{id}", "GET /documents/{id}/relationships/sections"],
    check: (value) => {
      expect(value.document).toMatchObject({ name: "Onboarding a new user", published: true });
      expect(value.sections.map(({ kind }: { kind: string }) => kind)).toEqual(["Document::Heading", "Document::Text"]);
      expect(value.sections[1].text).toMatch(/Create the account in Active Directory\.[\s\S]*Licence/);
    },
  },
  {
    tool: "itglue_search_flexible_assets",
    args: () => ({ type: "wi-fi", organizationId: "4001" }),
    uses: [
      "GET /flexible_asset_types",
      "GET /flexible_asset_types/{flexible_asset_type_id}/relationships/flexible_asset_fields",
      "GET /flexible_assets",
    ],
    check: ({ assets }) => {
      expect(assets).toMatchObject([{ name: "CONT-Office", traits: { ssid: "CONT-Office", security: "WPA3" } }]);
      // One password field is called so, the other looks harmless: both stay behind.
      expect(JSON.stringify(assets)).not.toContain("value-of-");
    },
  },
  {
    tool: "itglue_search_contacts",
    args: () => ({ organizationId: "4001", email: "olivia.hart@contoso-dental.example" }),
    uses: ["GET /contacts"],
    check: ({ contacts }) => {
      expect(contacts).toMatchObject([{ name: "Olivia Hart", title: "Office manager" }]);
      expect(JSON.stringify(contacts[0].emails)).toContain("olivia.hart@contoso-dental.example");
    },
  },
  {
    tool: "itglue_search_locations",
    args: () => ({ city: "Seattle" }),
    uses: ["GET /locations"],
    check: ({ locations }) => expect(locations).toMatchObject([{ city: "Seattle", address: "4001 Pine Street" }]),
  },
  {
    tool: "itglue_list_expirations",
    args: (ids) => ({
      organizationId: "4001",
      until: new Date(ids.glue.world.now + 60 * 86_400_000).toISOString().slice(0, 10),
    }),
    uses: ["GET /expirations"],
    check: ({ expirations }) =>
      expect(expirations.map(({ type }: { type: string }) => type)).toEqual(["SSL Certificate", "Domain"]),
  },
  ...(
    [
      ["flexible_asset_types", "Wi-Fi"],
      ["configuration_types", "Server"],
      ["configuration_statuses", "Active"],
      ["password_categories", "Network"],
      ["organization_types", "Customer"],
      ["organization_statuses", "Active"],
      ["contact_types", "Decision maker"],
    ] as const
  ).map(([kind, name]) => ({
    tool: "itglue_list_choices",
    args: () => ({ kind }),
    uses: [`GET /${kind}`],
    check: ({ choices }: { choices: unknown[] }) => expect(choices).toContainEqual({ id: expect.any(String), name }),
  })),
  {
    tool: "itglue_save_configuration",
    args: () => ({
      organizationId: "4001",
      type: "Firewall",
      status: "Active",
      name: "CONT-SEA-FW01",
      ip: "10.20.0.1",
      warrantyUntil: "2028-06-30",
    }),
    uses: ["GET /configuration_types", "GET /configuration_statuses", "POST /configurations"],
    check: ({ configuration }, ids) => {
      expect(configuration).toMatchObject({
        name: "CONT-SEA-FW01",
        type: "Firewall",
        status: "Active",
      });
      expect(ids.record("configurations", "CONT-SEA-FW01").attributes).toMatchObject({
        "primary-ip": "10.20.0.1",
        "warranty-expires-at": "2028-06-30",
      });
    },
  },
  {
    tool: "itglue_save_configuration",
    args: (ids) => ({ id: ids.record("configurations", "CONT-SEA-DC01").id, name: "CONT-SEA-DC01", notes: "Rack 2" }),
    uses: ["PATCH /configurations/{id}"],
    check: (_value, ids) =>
      expect(ids.record("configurations", "CONT-SEA-DC01").attributes).toMatchObject({
        notes: "Rack 2",
        "configuration-type-name": "Server",
      }),
  },
  {
    tool: "itglue_save_flexible_asset",
    args: (ids) => ({ id: ids.record("flexible-assets", "Nightly").id, traits: { retention: "90 days" } }),
    uses: ["GET /flexible_assets/{id}", "PATCH /flexible_assets/{id}"],
    // The vendor forgets what an update leaves out; the tool must not.
    check: (_value, ids) =>
      expect(ids.record("flexible-assets", "Nightly").attributes["traits"]).toMatchObject({
        retention: "90 days",
        product: "Datto SIRIS",
        "last-test": "2026-09-01",
      }),
  },
  {
    tool: "itglue_save_flexible_asset",
    args: () => ({ type: "Licensing", organizationId: "4001", traits: { product: "Dentrix", seats: 12 } }),
    uses: ["GET /flexible_asset_types", "POST /flexible_assets"],
    check: ({ asset }) => expect(asset).toMatchObject({ id: expect.any(String), name: "Dentrix" }),
  },
  {
    tool: "itglue_save_password",
    args: () => ({
      organizationId: "4001",
      name: "Backup console",
      username: "backup",
      password: "new-value-Zq9!",
      category: "Cloud Management",
    }),
    uses: ["GET /password_categories", "POST /passwords"],
    check: (value, ids) => {
      expect(value).toEqual({ id: expect.any(String), name: "Backup console" });
      expect(ids.glue.values.get(value.id)).toBe("new-value-Zq9!");
    },
  },
  {
    tool: "itglue_save_password",
    args: (ids) => ({
      id: ids.record("passwords", "Scanner mailbox").id,
      name: "Scanner mailbox",
      password: "rotated-value-Kd3!",
    }),
    uses: ["PATCH /passwords/{id}"],
    check: (value, ids) => {
      expect(JSON.stringify(value)).not.toContain("rotated-value");
      expect(ids.glue.values.get(value.id)).toBe("rotated-value-Kd3!");
    },
  },
  {
    tool: "itglue_write_document",
    args: () => ({
      organizationId: "4001",
      name: "Printer runbook",
      sections: [{ html: "<h2>Paper jam</h2>" }, { html: "<p>Open tray two.</p>" }],
      state: "published",
    }),
    uses: ["POST /documents", "POST /documents/{id}/relationships/sections", "PATCH /documents/{id}/publish"],
    check: (value, ids) => {
      expect(value.document).toMatchObject({ name: "Printer runbook" });
      expect(ids.record("documents", "Printer runbook").attributes).toMatchObject({
        published: true,
        content: "<h2>Paper jam</h2><p>Open tray two.</p>",
      });
    },
  },
  {
    tool: "itglue_organization_overview",
    args: () => ({ id: "4001" }),
    uses: [
      "GET /organizations/{id}",
      "GET /configurations",
      "GET /passwords",
      "GET /contacts",
      "GET /locations",
      "GET /expirations",
    ],
    check: (value, ids) => {
      const count = (type: "configurations" | "passwords") =>
        ids.glue.records[type].filter(({ attributes }) => attributes["organization-id"] === 4001).length;
      expect(value).toMatchObject({
        organization: { name: "Contoso Dental" },
        configurations: count("configurations"),
        passwords: count("passwords"),
        contacts: 3,
        locations: 1,
      });
      expect(value.mainContacts.map(({ name }: { name: string }) => name)).toEqual(["Olivia Hart", "Priya Nair"]);
      expect(value.expirations[0]).toMatchObject({ what: "contoso-dental.example" });
    },
  },
  {
    tool: "itglue_documentation_gaps",
    args: () => ({ id: "4002", staleDays: 365 }),
    uses: ["GET /configurations", "GET /passwords", "GET /organizations/{organization_id}/relationships/documents"],
    check: (value) => {
      expect(value.withoutLocation.length).toBeGreaterThan(0);
      expect(value.oldPasswords.map(({ name }: { name: string }) => name)).toEqual([
        "Domain administrator",
        "Scanner mailbox",
      ]);
      expect(value.emptyDocuments.map(({ name }: { name: string }) => name)).toEqual(["Empty template"]);
    },
  },
];

export const cases: readonly Case[] = [
  ...dattoCases.map((each) => ({ vendor: "datto-rmm" as const, ...each })),
  ...glueCases.map((each) => ({ vendor: "itglue" as const, ...each })),
];
