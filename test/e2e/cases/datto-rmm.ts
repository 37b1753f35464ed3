import { expect } from "vitest";
import { refused } from "../../fakes/trouble.ts";
import type { Suite, VendorCase } from "./case.ts";

const cases: readonly VendorCase[] = [
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
      expect(value).toMatchObject({ site: { name: "Contoso Dental - Seattle" } });
      // Proxy settings are hidden until an organisation allows secrets to be revealed.
      expect(value).not.toHaveProperty("proxy");
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

export const dattoRmm: Suite = {
  cases,
  tools: 19,
  writes: ["datto_resolve_alert", "datto_update_device"],
  destroys: ["datto_run_quickjob", "datto_run_quickjob_and_wait"],
  failing: {
    tool: "datto_list_sites",
    args: {},
    path: "GET /v2/account/sites",
    refusal: (status, words) => refused(status, { timestamp: 1, status, error: words, path: "/v2" }),
  },
  requirements: {
    datto_list_devices: "VEN-03",
    datto_get_device: "VEN-03",
    datto_list_sites: "VEN-03",
    datto_get_site: "VEN-03",
    datto_list_alerts: "VEN-04",
    datto_resolve_alert: "VEN-05",
    datto_run_quickjob: "VEN-06",
    datto_get_audit: "VEN-07",
  },
};
