import { expect } from "vitest";
import { demoKeys } from "../../fakes/keys.ts";
import { refused } from "../../fakes/trouble.ts";
import { failedOf, missingOf } from "../../fakes/world-connectwise-automate.ts";
import type { Ids, Suite, VendorCase } from "./case.ts";

const world = (ids: Ids) => ids.fakes["connectwise-automate"].states.get(demoKeys["connectwise-automate"].serverUrl)!;
const idOf = (ids: Ids, hostname: string) => ids.machine(hostname).id;
const software = (ids: Ids, hostname: string) =>
  world(ids).software.filter(({ ComputerName }) => ComputerName === hostname);
const names = (rows: { name: string }[]) => rows.map(({ name }) => name).sort();

const cases: VendorCase[] = [
  {
    tool: "cwa_search_computers",
    args: () => ({ client: "contoso", os: "Server", status: "Offline" }),
    uses: ["GET /api/v1/Computers"],
    check: ({ computers, truncated }, ids) => {
      expect(computers).toEqual([
        expect.objectContaining({
          id: String(idOf(ids, "CONT-TAC-DC02")),
          name: "CONT-TAC-DC02",
          client: "Contoso Dental",
          location: "Contoso Dental - Tacoma",
          status: "Offline",
          lastContact: new Date(ids.machine("CONT-TAC-DC02").lastSeen).toISOString(),
        }),
      ]);
      expect(truncated).toBe(false);
    },
  },
  {
    tool: "cwa_search_computers",
    args: () => ({ location: "Harbor", name: "WS", limit: 3 }),
    uses: ["GET /api/v1/Computers"],
    check: ({ computers, next_cursor }) => {
      expect(names(computers)).toEqual(["FAB-WH-WS01", "FAB-WH-WS02", "FAB-WH-WS03"]);
      expect(next_cursor).toEqual(expect.any(String));
    },
  },
  {
    tool: "cwa_get_computer",
    args: (ids) => ({ id: idOf(ids, "CONT-SEA-FS01"), include: ["alerts", "patches", "scripts"] }),
    uses: [
      "GET /api/v1/Computers",
      "GET /api/v1/Computers/{computerId}/OperatingSystem",
      "GET /api/v1/Computers/{computerId}/Alerts",
      "GET /api/v1/Computers/{computerId}/PatchingStats",
      "GET /api/v1/Computers/{computerId}/RunningScripts",
    ],
    check: (value, ids) =>
      expect(value).toMatchObject({
        computer: { name: "CONT-SEA-FS01", serialNumber: ids.machine("CONT-SEA-FS01").serial, memory: 32_768 },
        system: { edition: "Standard", server: true },
        alerts: [{ monitor: "Disk space below 10%", severity: "Critical", message: expect.stringContaining("41 GB") }],
        patches: { missing: missingOf(ids.machine("CONT-SEA-FS01")), compliance: expect.any(Number) },
        scripts: [],
      }),
  },
  {
    tool: "cwa_get_computer",
    args: (ids) => ({ id: idOf(ids, "CONT-SEA-WS07") }),
    uses: ["GET /api/v1/Computers", "GET /api/v1/Computers/{computerId}/OperatingSystem"],
    check: (value) => {
      expect(value.computer).toMatchObject({ name: "CONT-SEA-WS07", lastUser: "CONT\\f.kim" });
      expect(value).not.toHaveProperty("alerts");
      expect(value).not.toHaveProperty("patches");
    },
  },
  {
    tool: "cwa_list_offline_computers",
    args: () => ({ days: 2, limit: 100 }),
    uses: ["GET /api/v1/Computers"],
    check: ({ computers }, ids) => {
      const { managed, world: now } = world(ids);
      const wanted = managed.filter(({ online, lastSeen }) => !online && lastSeen < now.now - 2 * 86_400_000);
      expect(names(computers)).toEqual(wanted.map(({ hostname }) => hostname).sort());
      expect(names(computers)).toContain("NWL-HQ-DMS01");
    },
  },
  {
    tool: "cwa_list_clients",
    args: () => ({ name: "fabrikam" }),
    uses: ["GET /api/v1/Clients", "GET /api/v1/Locations"],
    check: (value) => {
      expect(value.clients).toEqual([expect.objectContaining({ name: "Fabrikam Logistics", externalId: "29683502" })]);
      expect(names(value.locations)).toEqual(["Fabrikam - Harbor Warehouse", "Fabrikam - Head Office"]);
      expect(JSON.stringify(value)).not.toMatch(/never-show|svc-scripts/);
    },
  },
  {
    tool: "cwa_list_clients",
    args: () => ({}),
    uses: ["GET /api/v1/Clients"],
    check: ({ clients, locations }) => {
      expect(clients).toHaveLength(4);
      expect(locations).toBeUndefined();
    },
  },
  {
    tool: "cwa_list_alerts",
    args: () => ({ client: "Contoso", severity: "critical" }),
    uses: ["GET /api/v1/Alerts"],
    check: ({ alerts }, ids) =>
      expect(alerts).toContainEqual(
        expect.objectContaining({
          computer: "CONT-SEA-FS01",
          computerId: idOf(ids, "CONT-SEA-FS01"),
          client: "Contoso Dental",
          monitorId: 31,
          severity: "Critical",
        }),
      ),
  },
  {
    tool: "cwa_list_alerts",
    args: (ids) => ({ computerId: idOf(ids, "CONT-SEA-WS07") }),
    uses: ["GET /api/v1/Computers/{computerId}/Alerts"],
    check: ({ alerts }) => expect(alerts[0]).toMatchObject({ monitor: "Event log: backup", severity: "Warning" }),
  },
  {
    tool: "cwa_suspend_monitor",
    args: (ids) => ({ computerId: idOf(ids, "CONT-SEA-FS01"), monitorId: 31 }),
    uses: ["POST /api/v1/Computers/{computerId}/MonitorAlertSuspensions"],
    check: ({ suspension }, ids) => {
      expect(suspension).toMatchObject({ computerId: idOf(ids, "CONT-SEA-FS01"), since: expect.any(String) });
      expect(world(ids).suspensions).toContainEqual({
        Id: suspension.id,
        ComputerId: suspension.computerId,
        MonitorId: 31,
      });
    },
  },
  {
    tool: "cwa_list_scripts",
    args: () => ({ folder: "maint", name: "service" }),
    uses: ["GET /api/v1/Scripts"],
    check: ({ scripts }) =>
      expect(scripts).toEqual([
        {
          id: "5101",
          name: "Restart service",
          folder: "\\Maintenance",
          parameters: ["ServiceName"],
          about: "Restarts one service.",
        },
      ]),
  },
  {
    tool: "cwa_run_script",
    args: (ids) => ({
      computerIds: [idOf(ids, "CONT-SEA-WS01"), idOf(ids, "CONT-TAC-DC02"), 999_999],
      scriptId: 5101,
      parameters: [{ Key: "ServiceName", Value: "Spooler" }],
    }),
    partly: true, // whose the last one is cannot be told
    uses: ["POST /api/v1/Batch/ScriptExecute"],
    check: ({ anyRefused, computers }, ids) => {
      expect(anyRefused).toBe(true);
      expect(computers).toEqual([
        { computerId: idOf(ids, "CONT-SEA-WS01"), status: 0 },
        { computerId: idOf(ids, "CONT-TAC-DC02"), status: 2, message: "The agent is offline" },
        { computerId: 999_999, status: 2, message: expect.stringContaining("not visible") },
      ]);
      expect(world(ids).scriptRuns.at(-1)).toMatchObject({ DiagnosticMessage: "Done. ServiceName=Spooler" });
    },
  },
  {
    tool: "cwa_get_script_result",
    args: (ids) => ({ computerId: idOf(ids, "CONT-SEA-FS01"), scriptId: 5102 }),
    uses: ["GET /api/v1/Computers/{computerId}/ScriptHistory"],
    check: (value) =>
      expect(value).toMatchObject({ finished: true, name: "Clean up disk", state: "Success", message: "Freed 12 GB" }),
  },
  {
    tool: "cwa_get_script_result",
    args: (ids) => ({
      computerId: idOf(ids, "CONT-SEA-FS01"),
      scriptId: 5102,
      since: new Date(world(ids).world.now - 86_400_000).toISOString(),
      waitSeconds: 0,
    }),
    uses: ["GET /api/v1/Computers/{computerId}/ScriptHistory", "GET /api/v1/Computers/{computerId}/RunningScripts"],
    check: (value) => {
      expect(value).toMatchObject({ finished: false, running: [] });
      expect(value.state).toBeUndefined();
    },
  },
  {
    tool: "cwa_list_commands",
    args: () => ({ name: "restart" }),
    uses: ["GET /api/v1/Commands"],
    check: ({ commands }) => expect(commands).toMatchObject([{ id: "4", name: "Restart", level: 3 }]),
  },
  {
    tool: "cwa_run_command",
    args: (ids) => ({
      computerId: idOf(ids, "CONT-SEA-WS01"),
      commandId: "2",
      parameters: ["ipconfig /all"],
      waitSeconds: 30,
    }),
    uses: ["POST /api/v1/Computers/{computerId}/CommandExecute", "GET /api/v1/Computers/{computerId}/CommandExecute"],
    check: (value, ids) => {
      expect(value).toMatchObject({ runId: expect.any(Number), finished: true, status: "Success" });
      expect(value.output).toContain(`CONT-SEA-WS01> ipconfig /all`);
      expect(value.output).toContain(ids.machine("CONT-SEA-WS01").ip);
    },
  },
  {
    tool: "cwa_patch_status",
    args: (ids) => ({ computerId: idOf(ids, "CONT-SEA-DC01") }),
    uses: [
      "GET /api/v1/Computers/{computerId}/PatchingStats",
      "GET /api/v1/Computers/{computerId}/EffectivePatchingPolicy",
      "GET /api/v1/PatchHistory",
    ],
    check: (value, ids) => {
      expect(value).toMatchObject({
        missing: missingOf(ids.machine("CONT-SEA-DC01")),
        stage: "Production",
        policies: { microsoft: "Servers, Sunday night", reboot: "Suppress" },
      });
      // The server lists the oldest first; a technician wants to know the latest.
      expect(value.history.map(({ title }: { title: string }) => title)).toEqual([
        "2026-11 cumulative update",
        "2026-10 cumulative update",
        "2026-09 cumulative update",
      ]);
    },
  },
  {
    tool: "cwa_patch_report",
    args: () => ({ client: "Adatum" }),
    uses: ["GET /api/v1/Computers", "GET /api/v1/Computers/{computerId}/PatchingStats"],
    check: (value, ids) => {
      const machines = world(ids).managed.filter(({ site }) => site.company.shortName === "ADV");
      const total = (count: (machine: (typeof machines)[number]) => number) =>
        machines.reduce((sum, machine) => sum + count(machine), 0);
      expect(names(value.computers)).toEqual(machines.map(({ hostname }) => hostname).sort());
      expect(value).toMatchObject({
        missing: total(missingOf),
        failed: total(failedOf),
        coverage: { of: 5, asked: 5, answered: 5, failed: 0, complete: true },
      });
    },
  },
  {
    tool: "cwa_deploy_patches",
    args: (ids) => ({ target: "computer", targetId: idOf(ids, "ADV-CL-SRV01"), which: "security" }),
    uses: ["POST /api/v1/PatchActions/DeployAllSecurity"],
    check: (value, ids) => {
      expect(value).toEqual({ started: true });
      expect(world(ids).deployed).toContainEqual({
        which: "security",
        EntityType: 1,
        EntityId: idOf(ids, "ADV-CL-SRV01"),
      });
    },
  },
  {
    tool: "cwa_deploy_patches",
    args: () => ({ target: "group", targetId: 853, which: "approved" }),
    uses: ["POST /api/v1/PatchActions/DeployAllApproved"],
    check: (_value, ids) =>
      expect(world(ids).deployed).toContainEqual({ which: "approved", EntityType: 7, EntityId: 853 }),
  },
  {
    tool: "cwa_list_software",
    args: () => ({ name: "teamviewer", limit: 100 }),
    uses: ["GET /api/v1/Computers/Software"],
    check: (value, ids) => {
      const wanted = world(ids).software.filter(({ Name }) => Name === "TeamViewer");
      expect(value.software.map(({ computer }: { computer: string }) => computer)).toEqual(
        wanted.map(({ ComputerName }) => ComputerName),
      );
    },
  },
  {
    tool: "cwa_list_software",
    args: (ids) => ({ computerId: idOf(ids, "CONT-SEA-WS02") }),
    uses: ["GET /api/v1/Computers/{computerId}/Software"],
    check: (value, ids) => {
      expect(names(value.software)).toEqual(
        software(ids, "CONT-SEA-WS02")
          .map(({ Name }) => Name)
          .sort(),
      );
      expect(JSON.stringify(value)).not.toContain("uninstall.exe");
    },
  },
  {
    tool: "cwa_uninstall_software",
    args: (ids) => ({ computerId: idOf(ids, "CONT-SEA-WS01"), software: "teamviewer" }),
    uses: [
      "GET /api/v1/Computers/{computerId}/Software",
      "POST /api/v1/computers/{computerId}/software/{softwareId}/uninstall",
    ],
    check: (value, ids) => {
      expect(value).toEqual({ started: true, name: "TeamViewer", version: "15.58.5" });
      expect(software(ids, "CONT-SEA-WS01").map(({ Name }) => Name)).not.toContain("TeamViewer");
    },
  },
  {
    tool: "cwa_list_groups",
    args: () => ({ groupId: 851 }),
    uses: ["GET /api/v1/Groups", "GET /api/v1/GroupComputers"],
    check: ({ groups, memberIds }, ids) => {
      expect(groups).toMatchObject([{ id: "851", name: "Service Plans.Windows Servers" }]);
      expect(memberIds).toEqual(
        world(ids)
          .managed.filter(({ kind }) => kind === "server")
          .map(({ id }) => String(id)),
      );
    },
  },
  {
    tool: "cwa_list_groups",
    args: () => ({ name: "windows" }),
    uses: ["GET /api/v1/Groups"],
    check: ({ groups, memberIds }) => {
      expect(groups).toHaveLength(2);
      expect(memberIds).toBeUndefined();
    },
  },
  {
    tool: "cwa_list_network_devices",
    args: () => ({ client: "Contoso", name: "PRN" }),
    uses: ["GET /api/v1/NetworkDevices"],
    check: (value) => {
      expect(value.devices).toMatchObject([
        { name: "CONT-SEA-PRN01", type: "Printer", ip: expect.stringMatching(/^10\./) },
        { name: "CONT-TAC-PRN01", type: "Printer" },
      ]);
      expect(JSON.stringify(value)).not.toContain("never-show");
    },
  },
];

export const connectwiseAutomate: Suite = {
  cases,
  tools: 18,
  writes: ["cwa_suspend_monitor"],
  destroys: ["cwa_deploy_patches", "cwa_run_command", "cwa_run_script", "cwa_uninstall_software"],
  failing: {
    tool: "cwa_list_scripts",
    args: { name: "service" },
    path: "GET /api/v1/Scripts",
    refusal: (status, words) => refused(status, { Message: words }),
  },
  requirements: {
    cwa_search_computers: "VEN-21",
    cwa_list_clients: "VEN-21",
    cwa_list_alerts: "VEN-21",
    cwa_patch_report: "VEN-24",
  },
};
