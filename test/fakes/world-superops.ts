import { html, oddCharacters, orders, secrets } from "./nasty.ts";
import { DAY, type Machine, type World } from "./world.ts";

export type SuperopsWorld = ReturnType<typeof createSuperopsWorld>;
export type Row = Record<string, unknown>;

const HOUR = 3_600_000;

/** Ids are texts of 19 digits; inside JSON scalars they come as bare numbers, which no double can hold. */
const id = (kind: number, index: number) => `${7_000_000_000 + kind}${String(100_000_001 + index)}`;
const bare = (text: string) => BigInt(text);

/** ISO 8601 in UTC, which it does not say. */
export const iso = (moment: number) => new Date(moment).toISOString().slice(0, 19);

export const statuses = ["Open", "On Hold", "Waiting on Customer", "Resolved", "Closed"];
export const priorities = ["Critical", "High", "Medium", "Low"];
const named = (kind: number, names: readonly string[]) => names.map((name, index) => ({ id: id(kind, index), name }));

/** The account as SuperOps keeps it: what calls change lives here and lasts as long as the fake. */
export function createSuperopsWorld(world: World) {
  const technicians = ["Maya Rivera", "Sam Okafor"].map((name, index) => ({
    userId: id(2, index),
    name,
    firstName: name.split(" ")[0]!,
    email: `${name.split(" ")[0]!.toLowerCase()}@msp.example`,
  }));
  const maya = { userId: bare(technicians[0]!.userId), name: "Maya Rivera" };
  const clients = world.companies.map((company, index) => ({
    accountId: id(1, index),
    name: company.name,
    stage: index === 3 ? "Onboarding" : "Active",
    status: "Paid",
    emailDomains: [company.domain],
    accountManager: maya,
    company,
  }));
  const refer = ({ accountId, name }: { accountId: string; name: string }) => ({ accountId: bare(accountId), name });
  const clientOf = ({ site }: Machine) => refer(clients.find(({ company }) => company.id === site.company.id)!);
  const users = clients.flatMap((client, place) =>
    ["Anna Berg", "Ben Cole"].map((name, index) => ({
      userId: id(3, place * 10 + index),
      name,
      firstName: name.split(" ")[0]!,
      email: `${name.split(" ")[0]!.toLowerCase()}@${client.company.domain}`,
      contactNumber: "+1-206-555-0100",
      role: { name: "Requester" },
      client: refer(client),
    })),
  );
  const sites = world.sites.map((site, index) => ({
    id: id(4, index),
    name: site.name,
    city: site.city,
    timezoneCode: "America/Los_Angeles",
    working24x7: false,
    client: refer(clients.find(({ company }) => company.id === site.company.id)!),
  }));
  const assets = world.machines
    .filter(({ kind }) => ["server", "workstation", "laptop"].includes(kind))
    .map((machine, index) => ({
      assetId: id(5, index),
      name: machine.hostname,
      assetClass: { classId: 1, name: machine.kind },
      client: clientOf(machine),
      site: { id: bare(sites[world.sites.indexOf(machine.site)]!.id), name: machine.site.name },
      requester: null,
      platform: machine.os,
      platformVersion: machine.os.split(" ").at(-1),
      status: machine.online ? "ONLINE" : "OFFLINE",
      lastCommunicatedTime: iso(machine.lastSeen),
      loggedInUser: machine.user,
      serialNumber: machine.serial,
      manufacturer: machine.maker,
      model: machine.model,
      primaryMac: machine.mac,
      publicIp: machine.ip,
      patchStatus: machine.dice("patches") > 0.5 ? "Fully Patched" : "Partially Patched",
      warrantyExpiryDate: machine.warrantyUntil,
      machine,
    }));
  const assetOf = (hostname: string) => assets.find(({ name }) => name === hostname)!;
  const tickets = clients.flatMap((client, place) =>
    ["Scanner jams", "Slow logon", "New starter", "Backup failed"].map((subject, index) => ({
      ticketId: id(6, place * 10 + index),
      displayId: `201126-${1001 + place * 10 + index}`,
      subject,
      source: "EMAIL",
      requestType: "Incident",
      client: refer(client),
      site: null,
      requester: { userId: bare(users[place * 2]!.userId), name: "Anna Berg" },
      technician: index === 1 ? null : maya,
      techGroup: { groupId: 1, name: "Service Desk" },
      status: ["Open", "On Hold", "Closed", "Open"][index]!,
      priority: ["Medium", "Low", "Low", "Critical"][index]!,
      category: "Hardware",
      createdTime: iso(world.now - (index * 24 + place) * HOUR),
      resolutionDueTime: iso(world.now + (8 - index) * HOUR),
      resolutionViolated: false,
      worklogTimespent: "01:30",
    })),
  ) as (Row & { ticketId: string; displayId: string; subject: string; client: Row; status: string })[];
  return {
    world,
    technicians,
    clients,
    users,
    sites,
    assets,
    tickets,
    conversations: new Map(tickets.map((ticket) => [ticket.ticketId, conversationOf(ticket, world)])),
    notes: new Map(tickets.map(({ ticketId }) => [ticketId, [noteOf(ticketId, maya, world)]])),
    work: tickets.slice(0, 6).map((ticket, index) => workOf(ticket, index, maya, world)),
    alerts: createAlerts(world, assetOf),
    contracts: clients.map((client, index) => ({
      contractId: id(9, index),
      client: refer(client),
      contract: { contractId: id(9, index), name: "Managed Gold", contractType: "SERVICE" },
      startDate: "2025-01-01",
      endDate: "2026-12-31",
      contractStatus: "ACTIVE",
    })),
    invoices: clients.map((client, index) => ({
      invoiceId: id(10, index),
      displayId: `INV-${1001 + index}`,
      client: refer(client),
      invoiceDate: `2026-0${6 + index}-01`,
      dueDate: `2026-0${6 + index}-30`,
      statusEnum: ["PAID", "OVERDUE", "APPROVED", "DRAFT"][index]!,
      totalAmount: "1250.00",
      paymentDate: index === 0 ? "2026-06-20" : null,
    })),
    services: [
      { itemId: id(11, 0), name: "Remote support", quantityType: "HOURS" },
      { itemId: id(11, 1), name: "On-site support", quantityType: "HOURS" },
    ],
    scripts: ["Clear temp files", "Restart spooler", "Collect logs"].map((name, index) => ({
      scriptId: id(12, index),
      name,
      description: `${name}.`,
      language: "POWERSHELL",
      runTimeVariables: index === 0 ? ["olderThanDays"] : [],
      for: "WINDOWS",
    })),
    articles: [
      { itemId: id(13, 0), name: "Runbooks", itemType: "KB_COLLECTION" },
      {
        itemId: id(13, 1),
        name: "How to reset the scanner",
        itemType: "KB_ARTICLE",
        description: `<h2>Scanner</h2><p>Hold the button.</p>${html}`,
        status: "PUBLISHED",
        parent: { itemId: id(13, 0), name: "Runbooks" },
        lastModifiedOn: iso(world.now - DAY),
      },
    ],
    choices: {
      getStatusList: named(20, statuses),
      getPriorityList: named(21, priorities),
      getImpactList: named(22, ["High", "Medium", "Low"]),
      getUrgencyList: named(23, ["High", "Medium", "Low"]),
      getCategoryList: named(24, ["Hardware", "Software", "Network"]),
      getSLAList: named(25, ["Standard"]),
      getTechnicianGroupList: ["Service Desk", "Projects"].map((name, index) => ({ groupId: id(26, index), name })),
    },
    /** What was mailed to customers. */
    mails: [] as string[],
    /** Scripts that were run. */
    runs: [] as Row[],
    nextId: 500,
    newId(kind: number) {
      return id(kind, this.nextId++);
    },
  };
}

const conversationOf = ({ subject, ticketId }: { subject: string; ticketId: string }, world: World): Row[] => [
  {
    conversationId: `${ticketId}1`,
    content: `<p>${subject} since this morning.</p>${html}`,
    time: iso(world.now - 5 * HOUR),
    user: { userId: 1, name: "Anna Berg", email: "anna@client.example" },
    type: "DESCRIPTION",
  },
  {
    conversationId: `${ticketId}2`,
    content: `Any news? ${orders} ${oddCharacters}`,
    time: iso(world.now - 4 * HOUR),
    // Somebody whom the system does not know: only the address.
    user: { email: "stranger@client.example" },
    type: "REQ_REPLY",
  },
];

const noteOf = (ticketId: string, addedBy: Row, world: World): Row => ({
  noteId: `${ticketId}3`,
  addedBy,
  addedOn: iso(world.now - 3 * HOUR),
  content: `Old key was ${secrets.aws}`,
  privacyType: "PRIVATE",
});

const workOf = (
  ticket: { ticketId: string; displayId: string },
  index: number,
  technician: Row,
  world: World,
): Row => ({
  itemId: id(8, index),
  status: "PENDING",
  serviceItem: { itemId: bare(id(11, 0)), name: "Remote support" },
  billable: true,
  afterHours: false,
  qty: "1.5",
  billDateTime: iso(world.now - HOUR),
  technician,
  notes: "On the phone",
  workItem: { workId: bare(ticket.ticketId), displayId: ticket.displayId, module: "TICKET" },
});

function createAlerts(world: World, assetOf: (hostname: string) => { assetId: string; name: string }) {
  const alert = (hostname: string, severity: string, message: string, status = "Open") => {
    const { assetId, name } = assetOf(hostname);
    return {
      severity,
      message,
      description: `${message} Look at ${name}.`,
      status,
      asset: { assetId: bare(assetId), name },
    };
  };
  return [
    alert("CONT-TAC-DC02", "Critical", "The machine is offline."),
    alert("CONT-SEA-FS01", "Critical", "Drive D: has 41 GB of 1,862 GB left."),
    alert("FAB-HO-SQL01", "High", "sqlservr.exe uses 96 % of memory."),
    alert("CONT-SEA-WS07", "Low", `Script said: ${orders} key=${secrets.aws} ${oddCharacters}`),
    alert("CONT-SEA-DC01", "Low", "Reboot needed.", "Resolved"),
  ].map((each, index) => ({ id: id(7, index), createdTime: iso(world.now - index * HOUR), ...each }));
}
