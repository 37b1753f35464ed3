import { secrets } from "./nasty.ts";
import type { Machine, World } from "./world.ts";
import { uuid } from "./world.ts";
import { classOf, type DattoWorld, isDone, type Job } from "./world-datto-rmm.ts";

const GB = 1024 ** 3;

/** What an audit of a computer, an ESXi host or a printer holds. */
export function toAudit(machine: Machine, state: DattoWorld) {
  const portalUrl = `${state.portal}/device/${machine.id}/audit`;
  const nics = [{ instance: "Ethernet", ipv4: machine.ip, ipv6: "", macAddress: machine.mac, type: "Ethernet" }];
  if (classOf(machine) === "printer") {
    return {
      portalUrl,
      snmpInfo: snmp(machine),
      printerMarkerSupplies: ["Black", "Cyan", "Magenta", "Yellow"].map((color) => ({
        description: `${color} cartridge`,
        maxCapacity: "100",
        suppliesLevel: String(Math.floor(machine.dice(color) * 100)),
      })),
      printer: { printedPageCount: Math.floor(machine.dice("pages") * 90_000) },
      systemInfo: { manufacturer: machine.maker, model: machine.model },
      nics,
    };
  }
  const memory = Array.from({ length: machine.kind === "laptop" ? 1 : 2 }, (_, bank) => ({
    module: `DIMM ${bank}`,
    size: 16 * GB,
    type: "DDR4",
    speed: "3200",
    serialNumber: uuid(`${machine.uid} memory ${bank}`).slice(0, 8),
    partNumber: "M393A2K40",
    bank: `BANK ${bank}`,
  }));
  if (classOf(machine) === "esxihost") {
    return {
      portalUrl,
      systemInfo: {
        manufacturer: machine.maker,
        model: machine.model,
        name: machine.hostname,
        numberOfSnapshots: 2,
        serviceTag: machine.serial,
      },
      guests: ["VM-RDS01", "VM-APP01"].map((guestName) => ({
        guestName,
        processorSpeedTotal: 9_600,
        memorySizeTotal: 16 * GB,
        numberOfSnapshots: 1,
        datastores: "datastore1",
      })),
      processors: [{ frequency: 2.9, name: "Intel Xeon Gold 6326", numberOfCores: 16 }],
      nics: [{ name: "vmnic0", ipv4: machine.ip, ipv6: "", macAddress: machine.mac, speed: "10000", type: "physical" }],
      physicalMemory: memory,
      datastores: [
        {
          datastoreName: "datastore1",
          subscriptionPercent: 71,
          freeSpace: 812 * GB,
          size: 3_600 * GB,
          fileSystem: "VMFS-6",
          status: "normal",
          dataExtents: [],
        },
      ],
    };
  }
  const server = machine.kind === "server";
  return {
    portalUrl,
    webRemoteUrl: `${state.portal}/web-remote/${machine.id}`,
    systemInfo: {
      manufacturer: machine.maker,
      model: machine.model,
      totalPhysicalMemory: memory.length * 16 * GB,
      username: machine.user,
      dotNetVersion: "4.8.1",
      totalCpuCores: server ? 16 : 8,
    },
    nics,
    bios: {
      instance: "BIOS",
      releaseDate: "2024-03-11T00:00:00Z",
      serialNumber: machine.serial,
      smBiosVersion: "1.14.0",
    },
    baseBoard: { manufacturer: machine.maker, product: "0K240Y" },
    displays: server ? [] : [{ instance: "Display 1", screenHeight: 1440, screenWidth: 2560 }],
    logicalDisks: [
      {
        description: "Local Fixed Disk",
        diskIdentifier: "C:",
        size: 476 * GB,
        freespace: Math.floor((0.08 + machine.dice("disk") * 0.6) * 476) * GB,
      },
      ...(server
        ? [
            {
              description: "Local Fixed Disk",
              diskIdentifier: "D:",
              size: 1_862 * GB,
              freespace: machine.hostname === "CONT-SEA-FS01" ? 41 * GB : 690 * GB,
            },
          ]
        : []),
    ],
    mobileInfo: [],
    processors: [{ name: server ? "Intel(R) Xeon(R) Silver 4310" : "13th Gen Intel(R) Core(TM) i5-13500" }],
    videoBoards: [{ displayAdapter: "Intel(R) UHD Graphics 770" }],
    attachedDevices: [],
    snmpInfo: null,
    physicalMemory: memory,
  };
}

const snmp = (machine: Machine) => ({
  snmpName: machine.hostname,
  snmpContact: "",
  snmpDescription: machine.model,
  snmpLocation: machine.site.city,
  snmpUptime: "41 days",
  nicManufacturer: machine.maker,
  objectId: "1.3.6.1.4.1.11.2.3.9.1",
  snmpSerial: machine.serial,
});

const everywhere = [
  ["Google Chrome", "131.0.6778.86"],
  ["Microsoft 365 Apps for business", "16.0.18129.20158"],
  ["Microsoft Edge", "131.0.2903.63"],
  ["Datto RMM Agent", "4.4.2310"],
] as const;
const sometimes = [
  ["7-Zip", "22.01"],
  ["7-Zip", "24.08"],
  ["Zoom Workplace", "6.2.7"],
  ["TeamViewer", "15.58.5"],
  ["Dentrix G7", "7.8"],
  ["Adobe Acrobat (64-bit)", "24.004.20272"],
  ["Notepad++", "8.7.1"],
  ["PuTTY", "0.78"],
] as const;

export const softwareOf = (machine: Machine) =>
  [...everywhere, ...sometimes.filter(([name, version]) => machine.dice(`${name} ${version}`) < 0.3)].map(
    ([name, version]) => ({ name, version }),
  );

const catalogue = [
  ["2026-11 cumulative update for Windows 11 24H2", "CRITICAL", "5068861", true],
  ["2026-11 cumulative update for Windows Server 2022", "CRITICAL", "5068787", true],
  ["2026-10 .NET Framework 4.8.1 update", "IMPORTANT", "5066128", false],
  ["Security intelligence update for Defender", "UNSPECIFIED", "2267602", false],
  ["Microsoft 365 Apps, October channel", "MODERATE", "", false],
  ["Intel Wi-Fi driver 23.80", "LOW", "", true],
] as const;

export function patchesOf(machine: Machine) {
  return catalogue
    .filter((_, index) => index !== (machine.kind === "server" ? 0 : 1))
    .map(([title, severity, kbArticleId, rebootRequired], index) => {
      const dice = machine.dice(`patch ${title}`);
      return {
        patchId: uuid(`patch ${title}`),
        category: [index === 4 ? "Drivers" : "Security Updates"],
        type: title.includes("driver") ? "DRIVER" : "SOFTWARE",
        title,
        description: "",
        releaseDate: "2026-11-10",
        severity,
        maxSize: 100_000_000 + index,
        rebootRequired,
        requireUserInput: false,
        kbArticleId,
        installStatus: dice < 0.6 ? "INSTALLED" : dice < 0.9 ? "APPROVED_PENDING" : "NOT_APPROVED",
        manualOverride: false,
      };
    });
}

/** The patches of a site: one line per patch and status, with the number of devices. */
export function sitePatchesOf(machines: Machine[]) {
  const lines = new Map<string, Record<string, unknown> & { totalDevices: number }>();
  for (const { manualOverride: _ours, ...patch } of machines
    .filter((machine) => classOf(machine) === "device")
    .flatMap(patchesOf)) {
    const key = `${patch.patchId} ${patch.installStatus}`;
    const line = lines.get(key) ?? { ...patch, totalDevices: 0 };
    line.totalDevices++;
    lines.set(key, line);
  }
  return [...lines.values()];
}

export const toJob = (job: Job, state: DattoWorld) => ({
  id: job.id,
  dateCreated: job.dateCreated,
  name: job.name,
  uid: job.uid,
  status: isDone(job, state) ? "completed" : "active",
});

export function toJobResults(job: Job, world: World, state: DattoWorld) {
  const done = isDone(job, state);
  return {
    jobUid: job.uid,
    deviceUid: job.machine.uid,
    ranOn: new Date(world.now).toISOString(),
    jobDeploymentStatus: done ? "Success" : "Running",
    componentResults: done
      ? [
          {
            componentUid: job.component.uid,
            componentName: job.component.name,
            componentStatus: "Success",
            numberOfWarnings: 0,
            hasStdOut: true,
            hasStdErr: false,
          },
        ]
      : [],
  };
}

export function toOutput(job: Job, state: DattoWorld) {
  if (!isDone(job, state)) return [];
  const variables = job.variables.map(({ name, value }) => `${name}=${value}`).join("\n");
  return [
    {
      componentUid: job.component.uid,
      componentName: job.component.name,
      stdData: `Running on ${job.machine.hostname}\n${variables}\nUsing ${secrets.aws}\nDone.\n`,
    },
  ];
}
