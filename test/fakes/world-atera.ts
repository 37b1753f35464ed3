import { html, oddCharacters, orders, secrets } from "./nasty.ts";
import { DAY, type Machine, type World } from "./world.ts";

export type AteraWorld = ReturnType<typeof createAteraWorld>;

const HOUR = 3_600_000;
const people = ["anna", "ben", "carla", "dan"];
export const technician = { id: 12, name: "Maya Rivera", email: "maya@bluepeak.example" };

/** The account as Atera keeps it: what calls change lives here and lasts as long as the fake. */
export function createAteraWorld(world: World) {
  const state = {
    world,
    agents: world.machines.filter(({ kind }) => ["server", "workstation", "laptop"].includes(kind)),
    contacts: createContacts(world),
    alerts: createAlerts(world),
    tickets: createTickets(world),
    comments: new Map<number, Comment[]>(),
    articles: createArticles(world),
    nextId: 10_500,
  };
  for (const { TicketID, EndUserEmail } of state.tickets)
    state.comments.set(TicketID, [
      {
        Date: iso(world.now - DAY),
        Comment: `<p>It happened again.</p>${html}`,
        EndUserID: 1,
        Email: EndUserEmail,
        IsInternal: false,
      },
      {
        Date: iso(world.now - HOUR),
        Comment: "Looked at it, waiting for a part.",
        TechnicianContactID: technician.id,
        Email: technician.email,
        IsInternal: true,
      },
    ]);
  return state;
}

interface Comment {
  Date: string;
  Comment: string;
  EndUserID?: number;
  TechnicianContactID?: number;
  Email?: string;
  IsInternal: boolean;
}

function createContacts(world: World) {
  return world.companies.flatMap((company, place) =>
    people.map((name, index) => ({
      EndUserID: 1 + place * people.length + index,
      CustomerID: company.id,
      CustomerName: company.name,
      Firstname: name[0]!.toUpperCase() + name.slice(1),
      Lastname: company.shortName,
      Email: `${name}@${company.domain}`,
      Phone: `+1-206-555-01${place}${index}`,
      IsContactPerson: index === 0,
      CreatedOn: iso(world.now - 400 * DAY),
    })),
  );
}

function createAlerts(world: World) {
  const alert = (on: Machine, Severity: string, hoursAgo: number, AlertMessage: string, Title: string) => ({
    AlertID: 0,
    Title,
    Severity,
    AlertMessage,
    Source: "Monitor",
    Created: iso(world.now - hoursAgo * HOUR),
    DeviceGuid: on.uid,
    AgentId: on.id,
    DeviceName: on.hostname,
    CustomerID: on.site.company.id,
    CustomerName: on.site.company.name,
    Archived: false,
    ArchivedDate: null as string | null,
    AlertCategoryID: "General",
    TicketID: null as number | null,
    state: "Open",
  });
  const machine = (hostname: string) => world.machines.find((each) => each.hostname === hostname)!;
  const alerts = [
    alert(machine("CONT-TAC-DC02"), "Critical", 72, "The machine is offline.", "Machine status unknown"),
    alert(machine("CONT-SEA-FS01"), "Critical", 3, "Drive D: has 41 GB of 1,862 GB left.", "Disk almost full"),
    alert(machine("FAB-HO-SQL01"), "Warning", 9, "sqlservr.exe uses 96 % of memory.", "Memory usage"),
    alert(
      machine("CONT-SEA-WS07"),
      "Information",
      1,
      `Script said: ${orders} key=${secrets.aws} ${oddCharacters}`,
      "Script",
    ),
    ...world.machines
      .filter(({ kind }) => kind === "workstation" || kind === "laptop")
      .flatMap((each) =>
        ["CPU load", "Reboot needed"].map((title, index) => alert(each, "Warning", 5 + index, `${title}.`, title)),
      ),
  ];
  for (const [index, each] of alerts.entries()) {
    each.AlertID = 255 + index;
    if (index > 60) each.state = index % 2 ? "Resolved" : "Snoozed";
    each.Archived = each.state === "Resolved";
  }
  return alerts;
}

function createTickets(world: World) {
  return world.companies.flatMap((company, place) =>
    ["Scanner jams", "Slow logon", "New starter", "Backup failed"].map((TicketTitle, index) => ({
      TicketID: 10_200 + place * 10 + index,
      TicketNumber: String(1000 + place * 10 + index),
      TicketTitle,
      TicketPriority: ["Medium", "Low", "Low", "Critical"][index]!,
      TicketImpact: "Minor",
      TicketStatus: ["Open", "Pending", "Closed", "Open"][index]!,
      TicketType: "Incident",
      TicketSource: "Email",
      CustomerID: company.id,
      CustomerName: company.name,
      EndUserID: 1 + place * people.length,
      EndUserEmail: `anna@${company.domain}`,
      TechnicianContactID: technician.id,
      TechnicianFullName: technician.name,
      TicketCreatedDate: iso(world.now - (index + 1) * DAY),
      FirstComment: `<p>${TicketTitle} at ${company.name}.</p>`,
    })),
  );
}

const createArticles = ({ now }: World) =>
  Array.from({ length: 12 }, (_, index) => ({
    KBID: 900 + index,
    KBProduct: index % 2 ? "Printers" : "Microsoft 365",
    KBContext: `<h1>Article ${index}</h1><p>${index === 7 ? "Clear the spooler folder." : "Nothing special."}</p>${html}`,
    KBKeywords: "how to",
    KBLastModified: iso(now - index * DAY),
    KBIsPrivate: false,
    CategoryName: "General",
  }));

export function toAgent(machine: Machine) {
  return {
    MachineID: machine.uid,
    AgentID: machine.id,
    DeviceGuid: machine.uid,
    FolderName: machine.site.name,
    CustomerID: machine.site.company.id,
    CustomerName: machine.site.company.name,
    AgentName: machine.hostname,
    MachineName: machine.hostname,
    ComputerDescription: machine.description,
    CurrentLoggedUsers: machine.user,
    LastLoginUser: machine.user,
    Online: machine.online,
    LastSeen: iso(machine.lastSeen),
    LastRebootTime: iso(machine.lastReboot),
    Vendor: machine.maker,
    VendorBrandModel: machine.model,
    VendorSerialNumber: machine.serial,
    MacAddresses: [machine.mac],
    IpAddresses: [machine.ip],
    Memory: 16_384,
    Processor: "Intel(R) Core(TM) i5",
    OS: machine.os,
    OSType: machine.kind === "server" ? "Server" : "Work Station",
    DeviceType: machine.kind === "server" ? "Server" : "PC",
    WindowsSerialNumber: "windows-serial-never-show",
    OfficeSerialNumber: "office-serial-never-show",
  };
}

export function toDevice(machine: Machine) {
  return {
    DeviceID: machine.id,
    DeviceGuid: machine.uid,
    Name: machine.hostname,
    CustomerID: machine.site.company.id,
    CustomerName: machine.site.company.name,
    Monitored: true,
  };
}

export const iso = (time: number) => new Date(time).toISOString();
