import { createHash } from "node:crypto";
import { oddCharacters, orders } from "./nasty.ts";

/** The clients of one imaginary MSP, as every vendor's fake sees them. Same input, same world. */
export interface World {
  msp: string;
  now: number;
  companies: Company[];
  sites: Site[];
  machines: Machine[];
}

export interface Company {
  id: number;
  name: string;
  shortName: string;
  domain: string;
  autotaskId: string;
}

export interface Site {
  id: number;
  uid: string;
  name: string;
  company: Company;
  city: string;
  network: string;
}

export type Kind = "server" | "workstation" | "laptop" | "printer" | "esxi" | "network";

export interface Machine {
  id: number;
  uid: string;
  hostname: string;
  kind: Kind;
  site: Site;
  os: string;
  maker: string;
  model: string;
  serial: string;
  mac: string;
  ip: string;
  user: string;
  description: string;
  online: boolean;
  lastSeen: number;
  lastReboot: number;
  warrantyUntil: string;
  /** 0 to 1, the same for a machine on every start: what is typical or odd about it hangs on this number. */
  dice(topic: string): number;
}

const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

const plan = [
  {
    name: "Contoso Dental",
    short: "CONT",
    domain: "contoso-dental.example",
    sites: [
      {
        name: "Contoso Dental - Seattle",
        code: "SEA",
        city: "Seattle",
        servers: ["DC01", "FS01"],
        esxi: 1,
        workstations: 10,
        laptops: 2,
        printers: 1,
        network: 1,
      },
      {
        name: "Contoso Dental - Tacoma",
        code: "TAC",
        city: "Tacoma",
        servers: ["DC02"],
        esxi: 0,
        workstations: 5,
        laptops: 0,
        printers: 1,
        network: 0,
      },
    ],
  },
  {
    name: "Northwind Legal",
    short: "NWL",
    domain: "northwind-legal.example",
    sites: [
      {
        name: "Northwind Legal",
        code: "HQ",
        city: "Portland",
        servers: ["DC01", "DMS01"],
        esxi: 0,
        workstations: 0,
        laptops: 9,
        printers: 1,
        network: 1,
      },
    ],
  },
  {
    name: "Fabrikam Logistics",
    short: "FAB",
    domain: "fabrikam-logistics.example",
    sites: [
      {
        name: "Fabrikam - Head Office",
        code: "HO",
        city: "Tacoma",
        servers: ["DC01", "ERP01", "SQL01"],
        esxi: 1,
        workstations: 6,
        laptops: 2,
        printers: 0,
        network: 0,
      },
      {
        name: "Fabrikam - Harbor Warehouse",
        code: "WH",
        city: "Everett",
        servers: ["WMS01"],
        esxi: 0,
        workstations: 6,
        laptops: 0,
        printers: 2,
        network: 1,
      },
    ],
  },
  {
    name: "Adatum Veterinary",
    short: "ADV",
    domain: "adatum-vet.example",
    sites: [
      {
        name: "Adatum Veterinary",
        code: "CL",
        city: "Olympia",
        servers: ["SRV01"],
        esxi: 0,
        workstations: 4,
        laptops: 0,
        printers: 1,
        network: 0,
      },
    ],
  },
] as const;

const models: Record<Kind, readonly [maker: string, model: string, os: string]> = {
  server: ["Dell Inc.", "PowerEdge R550", "Microsoft Windows Server 2022 Standard 10.0.20348"],
  workstation: ["Dell Inc.", "OptiPlex 7010", "Microsoft Windows 11 Pro 10.0.26100"],
  laptop: ["LENOVO", "ThinkPad T14 Gen 4", "Microsoft Windows 11 Pro 10.0.26100"],
  printer: ["HP", "Color LaserJet M555", ""],
  esxi: ["Dell Inc.", "PowerEdge R750", "VMware ESXi 8.0.3"],
  network: ["Ubiquiti", "UniFi Switch 24 PoE", ""],
};

const people = [
  "a.nguyen",
  "b.ortiz",
  "c.lindqvist",
  "d.okafor",
  "e.marchetti",
  "f.kim",
  "g.santos",
  "h.patel",
  "i.novak",
  "j.weber",
];

/**
 * @param msp names the MSP; another name gives the same ids with other names, as two unrelated accounts may have
 */
export function createWorld({ msp = "Bluepeak IT", now = Date.now() }: { msp?: string; now?: number } = {}): World {
  const mark = msp === "Bluepeak IT" ? "" : ` (${msp})`;
  const world: World = { msp, now, companies: [], sites: [], machines: [] };
  for (const [companyIndex, entry] of plan.entries()) {
    const company: Company = {
      id: 4001 + companyIndex,
      name: entry.name + mark,
      shortName: entry.short,
      domain: entry.domain,
      autotaskId: String(29_683_500 + companyIndex),
    };
    world.companies.push(company);
    for (const place of entry.sites) {
      const index = world.sites.length;
      const site: Site = {
        id: 7101 + index,
        uid: uuid(`site ${index}`),
        name: place.name + mark,
        company,
        city: place.city,
        network: `10.${20 + index}.0`,
      };
      world.sites.push(site);
      const add = (kind: Kind, name: string) =>
        world.machines.push(
          createMachine(world.machines.length, kind, `${entry.short}-${place.code}-${name}`, site, now),
        );
      for (const name of place.servers) add("server", name);
      times(place.esxi, (number) => add("esxi", `ESX${number}`));
      times(place.workstations, (number) => add("workstation", `WS${number}`));
      times(place.laptops, (number) => add("laptop", `LT${number}`));
      times(place.printers, (number) => add("printer", `PRN${number}`));
      times(place.network, (number) => add("network", `SW${number}`));
    }
  }
  plantTrouble(world);
  return world;
}

function createMachine(index: number, kind: Kind, hostname: string, site: Site, now: number): Machine {
  const dice = (topic: string) => createHash("sha256").update(`${index} ${topic}`).digest().readUInt32BE() / 2 ** 32;
  const [maker, model, os] = models[kind];
  const online = kind === "laptop" ? dice("online") > 0.35 : dice("online") > 0.08;
  const lastSeen = online
    ? now - Math.floor(dice("seen") * 5 * 60_000)
    : now - Math.floor((0.2 + dice("gone") * 45) * DAY);
  const person = people[Math.floor(dice("user") * people.length)]!;
  return {
    id: 150_001 + index,
    uid: uuid(`machine ${index}`),
    hostname,
    kind,
    site,
    os,
    maker,
    model,
    serial: uuid(`serial ${index}`).replaceAll("-", "").slice(0, 7).toUpperCase(),
    mac: `00:1A:4B:${[site.id % 100, index, 7].map((byte) => byte.toString(16).padStart(2, "0")).join(":")}`.toUpperCase(),
    ip: `${site.network}.${10 + index}`,
    user:
      kind === "workstation" || kind === "laptop"
        ? `${site.company.shortName}\\${person}`
        : kind === "server"
          ? `${site.company.shortName}\\svc-backup`
          : "",
    description: "",
    online,
    lastSeen,
    lastReboot: lastSeen - Math.floor((1 + dice("reboot") * 60) * DAY),
    warrantyUntil: new Date(now + Math.floor((dice("warranty") * 3 - 0.6) * 365) * DAY).toISOString().slice(0, 10),
    dice,
  };
}

/** A few machines that every story needs, whatever the dice say, and a few that nobody should trust. */
function plantTrouble(world: World) {
  const machine = (hostname: string) => world.machines.find((each) => each.hostname === hostname)!;
  for (const hostname of ["CONT-TAC-DC02", "NWL-HQ-DMS01"]) {
    Object.assign(machine(hostname), {
      online: false,
      lastSeen: world.now - 3 * DAY,
      lastReboot: world.now - 90 * DAY,
    });
  }
  for (const hostname of [
    "CONT-SEA-DC01",
    "CONT-SEA-FS01",
    "CONT-SEA-ESX01",
    "CONT-SEA-WS01",
    "CONT-SEA-WS07",
    "FAB-HO-SQL01",
    "ADV-CL-SRV01",
  ]) {
    Object.assign(machine(hostname), { online: true, lastSeen: world.now - 90_000 });
  }
  machine("CONT-SEA-WS07").description = `${orders} ${oddCharacters}`;
  machine("CONT-SEA-WS07").user = `CONT\\f.\u200Bkim`;
  machine("CONT-SEA-DC01").description = "Domain controller, DHCP and DNS";
  machine("FAB-HO-SQL01").description = "SQL Server for the ERP";
}

/** A UUID that is the same on every start. */
export function uuid(seed: string): string {
  const hex = createHash("sha256").update(seed).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function times(count: number, act: (number: string) => void) {
  for (let index = 1; index <= count; index++) act(String(index).padStart(2, "0"));
}
