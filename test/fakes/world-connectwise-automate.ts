import { html, oddCharacters, orders, secrets } from "./nasty.ts";
import { DAY, type Machine, uuid, type World } from "./world.ts";

export type AutomateWorld = ReturnType<typeof createAutomateWorld>;

/** The server as it keeps things: what calls change lives here and lasts as long as the fake. */
export function createAutomateWorld(world: World) {
  const managed = world.machines.filter(({ kind }) => kind === "server" || kind === "workstation" || kind === "laptop");
  return {
    world,
    managed,
    computers: managed.map((machine) => toComputer(machine)),
    networkDevices: world.machines.filter((machine) => !managed.includes(machine)).map(toNetworkDevice),
    clients: world.companies.map(toClient),
    locations: world.sites.map(toLocation),
    alerts: createAlerts(managed),
    software: managed.flatMap(softwareOf),
    patches: managed.flatMap((machine) => patchesOf(machine, world.now)),
    scripts,
    commands,
    groups,
    groupComputers: createMembers(managed),
    scriptRuns: createScriptRuns(managed, world.now),
    commandRuns: [] as CommandRun[],
    suspensions: [] as { Id: number; ComputerId: number; MonitorId: number }[],
    deployed: [] as { which: "approved" | "security"; EntityType: number; EntityId: number }[],
    uninstalled: [] as { computerId: number; softwareId: number; path: string }[],
    /** A script or a command is done when it was asked for this many times. */
    asksUntilDone: 2,
    /** This user signs in with two factors. */
    twoFactor: false,
    nextId: 700_001,
  };
}

export interface ScriptRun {
  Id: number;
  ScriptId: number;
  ComputerId: number;
  Name: string;
  User: string;
  State: "Success" | "Failure" | "Information";
  HistoryDate: string;
  DiagnosticMessage: string | null;
  asksLeft: number;
}

export interface CommandRun {
  Id: number;
  ComputerId: number;
  Command: { Id: string; Name: string };
  Parameters: string[];
  Output: string;
  asksLeft: number;
}

const iso = (at: number) => new Date(at).toISOString();

const clientOf = ({ site: { company } }: Machine) => ({ Id: String(company.id), Name: company.name });
const locationOf = ({ site }: Machine) => ({ Id: site.id, Name: site.name });

function toComputer(machine: Machine) {
  const [, name, version] = /^(.*?) ([\d.]+)$/.exec(machine.os) ?? [undefined, machine.os, ""];
  return {
    Id: String(machine.id),
    ComputerName: machine.hostname,
    Client: clientOf(machine),
    Location: locationOf(machine),
    Contact: null,
    OperatingSystemName: name,
    OperatingSystemVersion: version,
    DomainName: machine.site.company.domain,
    Status: machine.online ? "Online" : "Offline",
    Type: machine.kind === "server" ? "Server" : "Workstation",
    Comment: machine.description || null,
    RemoteAgentVersion: "230.8",
    RemoteAgentLastContact: iso(machine.lastSeen),
    LastInventoryReceived: iso(machine.lastSeen - DAY / 4),
    LastStartup: iso(machine.lastReboot),
    LastUserName: machine.user || null,
    LocalIPAddress: machine.ip,
    MACAddress: machine.mac,
    SerialNumber: machine.serial,
    BiosManufacturer: machine.maker,
    TotalMemory: machine.kind === "server" ? 32_768 : 16_384,
    FreeMemory: 4_096,
    CpuUsage: Math.floor(machine.dice("cpu") * 100),
    WarrantyEndDate: `${machine.warrantyUntil}T00:00:00Z`,
    IsRebootNeeded: machine.dice("reboot required") < 0.2,
    IsMaintenanceModeEnabled: false,
    IsVirtualMachine: false,
    OpenPortsTCP: [135, 445],
    LoggedInUsers: [],
    UserAccounts: ["Administrator"],
  };
}

export const systemOf = (machine: Machine) => ({
  ComputerId: machine.id,
  Name: machine.os,
  MajorVersion: 10,
  MinorVersion: 0,
  Version: machine.os.split(" ").at(-1),
  DotNetVersion: "4.8.1",
  Edition: machine.kind === "server" ? "Standard" : "Pro",
  Domain: machine.site.company.domain,
  IsDomainController: /DC\d\d$/.test(machine.hostname),
  IsServer: machine.kind === "server",
  Is64Bit: true,
  InstallDate: iso(machine.lastReboot - 300 * DAY),
});

const toNetworkDevice = (machine: Machine) => ({
  Id: String(machine.id),
  Name: machine.hostname,
  FriendlyName: machine.hostname,
  Client: clientOf(machine),
  Location: locationOf(machine),
  DeviceType: { Id: 4, Name: { printer: "Printer", esxi: "Hypervisor", network: "Switch" }[machine.kind as "esxi"] },
  LocalIPAddress: machine.ip,
  MACAddress: machine.mac,
  ManufacturerName: machine.maker,
  ModelName: machine.model,
  Status: machine.online ? "Online" : "Offline",
  LastContact: iso(machine.lastSeen),
  SNMPCommunityGet: "snmp-community-never-show",
  SNMPCommunitySet: "snmp-community-never-show",
});

const toClient = (company: World["companies"][number]) => ({
  Id: String(company.id),
  Name: company.name,
  Company: company.name,
  City: "Seattle",
  PhoneNumber: "+1 206 555 0100",
  ExternalId: company.autotaskId,
  Comment: null,
});

const toLocation = (site: World["sites"][number]) => ({
  Id: site.id,
  LocationId: site.id,
  Name: site.name,
  Client: { Id: String(site.company.id), Name: site.company.name },
  Address1: "100 Main Street",
  City: site.city,
  PhoneNumber: "+1 206 555 0100",
  ScriptUsername: "CONT\\svc-scripts",
  ScriptPassword: "location-script-password-never-show",
});

export const monitors = [
  { MonitorId: 31, Name: "Disk space below 10%", severity: { Id: 3, Name: "Critical" } },
  { MonitorId: 32, Name: "Agent is offline", severity: { Id: 2, Name: "Error" } },
  { MonitorId: 33, Name: "Event log: backup", severity: { Id: 1, Name: "Warning" } },
] as const;

function createAlerts(managed: readonly Machine[]) {
  const alerts = managed.flatMap((machine, index) => {
    const planted = { "CONT-SEA-FS01": 0, "CONT-TAC-DC02": 1, "CONT-SEA-WS07": 2 }[machine.hostname];
    const kind = planted ?? (machine.dice("alert") < 0.25 ? index % 3 : undefined);
    return kind === undefined ? [] : [{ machine, monitor: monitors[kind]! }];
  });
  const texts = {
    31: () => "Drive D: has 41 GB free of 1862 GB",
    32: () => "No contact with the agent",
    33: (machine: Machine) =>
      machine.hostname === "CONT-SEA-WS07"
        ? `Backup script said: ${orders} ${oddCharacters} ${secrets.aws}`
        : "Backup job failed",
  };
  return alerts.map(({ machine, monitor }, index) => ({
    AlertId: 88_001 + index,
    Client: { Id: machine.site.company.id, Name: machine.site.company.name },
    Computer: { Id: machine.id, Name: machine.hostname, ComputerStatus: machine.online ? "Online" : "Offline" },
    Device: null,
    Location: { Id: machine.site.id, Name: machine.site.name },
    Monitor: { Id: monitor.MonitorId, Name: monitor.Name },
    AlertDate: iso(machine.lastSeen),
    Severity: monitor.severity,
    Source: "Monitor",
    Message: texts[monitor.MonitorId](machine),
    FieldName: monitor.Name,
    AlertAge: "2 hours",
  }));
}

const programs = [
  ["Google Chrome", "131.0.6778.86"],
  ["Microsoft 365 Apps for business", "16.0.18129.20158"],
  ["7-Zip 24.08 (x64)", "24.08"],
  ["TeamViewer", "15.58.5"],
  ["Dentrix G7", "7.8"],
  ["Zoom Workplace", "6.2.7"],
] as const;

export function softwareOf(machine: Machine) {
  return programs.flatMap(([Name, Version], index) =>
    index < 2 || machine.hostname === "CONT-SEA-WS01" || machine.dice(Name) < 0.3
      ? [
          {
            ApplicationId: 500_000 + (machine.id % 1000) * 10 + index,
            ComputerId: machine.id,
            ComputerName: machine.hostname,
            ClientId: machine.site.company.id,
            Name,
            Version,
            DateInstalled: iso(machine.lastReboot - 100 * DAY),
            InstallationPath: `C:\\Program Files\\${Name}`,
            UninstallerPath: `"C:\\Program Files\\${Name}\\uninstall.exe" /S`,
            Size: 1000 + index,
          },
        ]
      : [],
  );
}

export const missingOf = (machine: Machine) => Math.floor(machine.dice("pending") * 4);
export const failedOf = (machine: Machine) => (machine.dice("patch failure") < 0.2 ? 1 : 0);

export function patchingOf(machine: Machine, now: number) {
  const missing = missingOf(machine);
  return {
    ComputerId: machine.id,
    OverallCompliance: Math.round((1 - missing / 40) * 1000) / 10,
    InstalledPatchCount: 40 - missing,
    MissingPatchCount: missing,
    FailedPatchCount: failedOf(machine),
    Stage: machine.kind === "server" ? "Production" : "Pilot",
    NoPatchInventory: false,
    PatchJobRunning: false,
    LastInstallWindow: iso(now - 6 * DAY),
    NextInstallWindow: iso(now + DAY),
    LastPatchedDate: iso(now - 6 * DAY),
    LastPatchInventory: iso(now - DAY),
    IsMicrosoftManaged: true,
    IsThirdPartyManaged: true,
  };
}

export const policiesOf = (machine: Machine) => ({
  ComputerId: machine.id,
  ApprovalPolicyCount: 2,
  MicrosoftUpdatePolicyName: machine.kind === "server" ? "Servers, Sunday night" : "Workstations, daily",
  ThirdPartyUpdatePolicyName: "All third party",
  RebootPolicyName: machine.kind === "server" ? "Suppress" : "Ask the user",
});

/** Oldest first, so that whoever wants the newest must ask for the order. */
const patchesOf = (machine: Machine, now: number) =>
  ["2026-09", "2026-10", "2026-11"].map((month, index) => ({
    ActionDate: iso(now - (60 - index * 27) * DAY),
    ComputerId: machine.id,
    OperationCode: { Id: 1, Name: "Installation" },
    ResultCode: index === 1 && failedOf(machine) ? { Id: 4, Name: "Failed" } : { Id: 2, Name: "Succeeded" },
    PatchHistoryClient: { Id: machine.site.company.id, Name: machine.site.company.name },
    PatchHistoryTitle: { Id: 9_000 + index, Title: `${month} cumulative update`, KnowledgeBaseId: 5_068_000 + index },
    UpdateId: uuid(`${machine.uid} ${month}`),
  }));

const script = (Id: string, Name: string, folder: string, Parameters: string[], Comments: string) => ({
  Id,
  Name,
  Comments,
  Folder: { Id: "12", Name: folder },
  FullFolderPath: `\\${folder}`,
  Parameters,
  IsComputerScript: true,
  Version: 3,
  GUID: uuid(`script ${Id}`),
  UpdatedBy: "automate",
});

const scripts = [
  script("5101", "Restart service", "Maintenance", ["ServiceName"], "Restarts one service."),
  script("5102", "Clean up disk", "Maintenance", [], html),
  script("5103", "Export environment", "Diagnostics", [], "Prints the environment."),
];

const commands = [
  { Id: "2", Name: "Execute Command", Description: "Runs a line in the shell of the computer.", Level: 2 },
  { Id: "4", Name: "Restart", Description: "Restarts the computer.", Level: 3 },
  { Id: "6", Name: "Send Updates", Description: "Asks the agent for its inventory.", Level: 1 },
];

const group = (Id: string, FullName: string, Comments: string | null) => ({
  Id,
  ParentId: "850",
  Name: FullName.split(".").at(-1),
  FullName,
  TypeId: 1,
  TypeName: "Normal",
  Comments,
  ComputersLimitToSearch: true,
});

const groups = [
  group("851", "Service Plans.Windows Servers", "All servers under contract"),
  group("852", "Service Plans.Windows Workstations", null),
  group("853", "Patching.Pilot", null),
];

const createMembers = (managed: readonly Machine[]) =>
  managed.map(({ id, kind }, index) => ({
    Id: String(60_001 + index),
    GroupId: kind === "server" ? "851" : "852",
    ComputerId: String(id),
  }));

function createScriptRuns(managed: readonly Machine[], now: number): ScriptRun[] {
  const machine = managed.find(({ hostname }) => hostname === "CONT-SEA-FS01")!;
  return [9, 2].map((days, index) => ({
    Id: 610_001 + index,
    ScriptId: 5102,
    ComputerId: machine.id,
    Name: "Clean up disk",
    User: "integrator",
    State: index === 0 ? "Failure" : "Success",
    HistoryDate: iso(now - days * DAY),
    DiagnosticMessage: index === 0 ? "The disk is in use" : "Freed 12 GB",
    asksLeft: 0,
  }));
}
