import { createActivities, createAlerts, createComponents } from "./datto-rmm-records.ts";
import { DAY, type Machine, type Site, uuid, type World } from "./world.ts";

export type DattoWorld = ReturnType<typeof createDattoWorld>;
export type Alert = ReturnType<typeof createAlerts>[number];

const HOUR = 3_600_000;

/** The account as Datto RMM keeps it: what calls change lives here and lasts as long as the fake. */
export function createDattoWorld(world: World, platform: string) {
  const alerts = createAlerts(world);
  const portal = `https://${platform}.rmm.datto.com`;
  const state = {
    world,
    platform,
    portal,
    accountUid: uuid(`account ${world.msp}`),
    alerts,
    components: createComponents(),
    jobs: new Map<string, Job>(),
    activities: createActivities(world),
    udf: new Map<string, Record<string, string>>(),
    /** A quick job is done when it was asked for this many times. */
    pollsUntilDone: 2,
    nextId: 900_001,
  };
  for (const machine of world.machines) {
    state.udf.set(machine.uid, {
      udf1: machine.site.company.domain,
      udf2: machine.dice("owner") > 0.5 ? "Standard build" : "",
    });
  }
  return state;
}

export interface Job {
  id: number;
  uid: string;
  name: string;
  dateCreated: string;
  machine: Machine;
  component: ReturnType<typeof createComponents>[number];
  variables: { name: string; value: string }[];
  polls: number;
}

export const isDone = (job: Job, state: DattoWorld) => job.polls >= state.pollsUntilDone;

export const statusOf = (machines: Machine[]) => ({
  numberOfDevices: machines.length,
  numberOfOnlineDevices: machines.filter((machine) => machine.online).length,
  numberOfOfflineDevices: machines.filter((machine) => !machine.online).length,
});

export function toSite(site: Site, state: DattoWorld) {
  return {
    id: site.id,
    uid: site.uid,
    accountUid: state.accountUid,
    name: site.name,
    description: `${site.company.name}, ${site.city}`,
    notes: null,
    onDemand: false,
    splashtopAutoInstall: true,
    proxySettings:
      site.id === 7101
        ? {
            host: "proxy.contoso-dental.example",
            password: "proxy-password-never-show",
            port: 3128,
            type: "http",
            username: "rmm",
          }
        : null,
    devicesStatus: statusOf(state.world.machines.filter((machine) => machine.site === site)),
    autotaskCompanyName: site.company.name,
    autotaskCompanyId: site.company.autotaskId,
    portalUrl: `${state.portal}/site/${site.id}`,
  };
}

const categories = {
  server: "Server",
  workstation: "Desktop",
  laptop: "Laptop",
  printer: "Printer",
  esxi: "ESXi Host",
  network: "Network Device",
} as const;
const types = {
  server: "Main System Chassis",
  workstation: "Desktop",
  laptop: "Notebook",
  printer: "Printer",
  esxi: "ESXi Host",
  network: "Network Switch",
} as const;
const classes = {
  server: "device",
  workstation: "device",
  laptop: "device",
  printer: "printer",
  esxi: "esxihost",
  network: "rmmnetworkdevice",
} as const;

export const classOf = (machine: Machine) => classes[machine.kind];

export function toDevice(machine: Machine, state: DattoWorld) {
  const managed = classOf(machine) === "device";
  const pending = managed ? Math.floor(machine.dice("pending") * 4) : 0;
  const time = (at: number) => new Date(at).toISOString();
  return {
    id: machine.id,
    uid: machine.uid,
    siteId: machine.site.id,
    siteUid: machine.site.uid,
    siteName: machine.site.name,
    deviceType: { category: categories[machine.kind], type: types[machine.kind] },
    hostname: machine.hostname,
    intIpAddress: machine.ip,
    operatingSystem: machine.os || null,
    lastLoggedInUser: machine.user || null,
    domain: managed ? machine.site.company.domain : null,
    cagVersion: managed ? "4.4.2310.2310" : null,
    displayVersion: machine.os.includes("Windows 11") ? "24H2" : null,
    extIpAddress: `203.0.113.${machine.site.id % 100}`,
    description: machine.description || machine.hostname,
    a64Bit: managed,
    rebootRequired: managed && machine.dice("reboot required") < 0.2,
    online: machine.online,
    suspended: false,
    deleted: false,
    lastSeen: time(machine.lastSeen),
    lastReboot: managed ? time(machine.lastReboot) : null,
    lastAuditDate: time(machine.lastSeen - 6 * HOUR),
    creationDate: time(state.world.now - 700 * DAY),
    snmpEnabled: !managed,
    deviceClass: classOf(machine),
    portalUrl: `${state.portal}/device/${machine.id}`,
    warrantyDate: machine.warrantyUntil,
    antivirus: managed
      ? {
          antivirusProduct: "Windows Defender Antivirus",
          antivirusStatus: machine.dice("antivirus") < 0.1 ? "NotRunning" : "RunningAndUpToDate",
        }
      : null,
    patchManagement: managed
      ? {
          patchStatus: pending > 0 ? "ApprovedPending" : "FullyPatched",
          patchesApprovedPending: pending,
          patchesNotApproved: 1,
          patchesInstalled: 6 - pending,
        }
      : null,
    softwareStatus: managed ? "OK" : null,
    webRemoteUrl: managed ? `${state.portal}/web-remote/${machine.id}` : null,
    networkProbe: machine.hostname.endsWith("DC01"),
    onboardedViaNetworkMonitor: machine.kind === "network",
    udf: { ...state.udf.get(machine.uid) },
  };
}
