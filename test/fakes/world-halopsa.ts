import { oddCharacters, orders, secrets } from "./nasty.ts";
import { DAY, type Machine, type World } from "./world.ts";

/** One MSP's Halo: what its people see of the world, with the ids that Halo would give. */
export interface HaloWorld {
  world: World;
  agents: { id: number; name: string; email: string; login: string; password: string; isapiagent: boolean }[];
  teams: { id: number; name: string; sequence: number }[];
  statuses: { id: number; name: string; shortname: string; type: number; colour: string }[];
  priorities: { slaid: number; priorityid: number; name: string; fixtime: number; fixunits: string }[];
  types: { id: number; name: string; use: string }[];
  outcomes: { id: number; outcome: string; buttonname: string; hidden: boolean }[];
  categories: { id: number; value: string; category_name: string; type_id: number }[];
  assetTypes: { id: number; name: string }[];
  users: HaloUser[];
  tickets: Ticket[];
  actions: Action[];
  attachments: { id: number; filename: string; filesize: number; ticket_id: number; datecreated: string }[];
  contracts: Contract[];
  invoices: Invoice[];
  articles: Article[];
  appointments: Appointment[];
  nextId: number;
}

export interface HaloUser {
  id: number;
  name: string;
  emailaddress: string;
  phonenumber: string;
  mobilenumber: string;
  client_id: number;
  client_name: string;
  site_id: number;
  site_name: string;
  inactive: boolean;
}

export interface Ticket {
  id: number;
  summary: string;
  details: string;
  client_id: number;
  client_name: string;
  site_id: number;
  site_name: string;
  user_id: number;
  user_name: string;
  status_id: number;
  tickettype_id: number;
  priority_id: number;
  sla_id: number;
  agent_id: number;
  team: string;
  category_1: string;
  category_2: string;
  dateoccurred: string;
  respondbydate: string;
  fixbydate: string;
  dateclosed: string;
  slastate: string;
  hasbeenclosed: boolean;
  contract_id: number;
  contract_ref: string;
  timetaken: number;
  /** Of the fake alone: which assets are on it. */
  assetIds: number[];
}

export interface Action {
  id: number;
  ticket_id: number;
  datetime: string;
  who_agentid: number;
  who_type: number;
  outcome: string;
  outcome_id: number;
  note: string;
  hiddenfromuser: boolean;
  timetaken: number;
  actisbillable: boolean;
  sendemail: boolean;
  emailto: string;
  emailcc: string;
  emailsubject: string;
}

interface Contract {
  id: number;
  client_id: number;
  client_name: string;
  ref: string;
  start_date: string;
  end_date: string;
  numberofunitsfree: number;
  contract_prepaytotal: number;
  contract_prepayused: number;
  contract_prepaybalance: number;
  periods: {
    id: number;
    name: string;
    start_date: string;
    end_date: string;
    current: boolean;
    hours_in_period: number;
    hours_used: number;
    hours_remaining: number;
  }[];
}

interface Invoice {
  id: number;
  client_id: number;
  client_name: string;
  invoicenumber: string;
  invoice_date: string;
  duedate: string;
  datepaid: string;
  total: number;
  amountdue: number;
}

interface Article {
  id: number;
  name: string;
  description: string;
  resolution: string;
  tag_string: string;
  date_edited: string;
  inactive: boolean;
}

interface Appointment {
  id: number;
  subject: string;
  agent_id: number;
  start_date: string;
  end_date: string;
  client_id: number;
  client_name: string;
  ticket_id: number;
}

/** What Halo says where there is no date. */
export const NO_DATE = "1900-01-01T00:00:00";

/** Halo writes moments in UTC without saying so. */
export const moment = (ms: number) => new Date(ms).toISOString().slice(0, 19);

const subjects = [
  "Scanner does not mail",
  "Cannot sign in after password change",
  "Label printer prints blank labels",
  "Laptop is slow since the update",
  "New starter on Monday",
  "Backup failed twice",
  "Phones drop calls",
  "Shared mailbox is full",
];

export function createHaloWorld(world: World): HaloWorld {
  const at = (days: number) => moment(world.now + days * DAY);
  const names = [
    ["Dana Reyes", "dana.reyes", 3],
    ["Miguel Santos", "miguel.santos", 4],
    ["Priya Natarajan", "priya.natarajan", 5],
  ] as const;
  const halo: HaloWorld = {
    world,
    agents: [
      { id: 1, name: "Unassigned", email: "", login: "", password: "", isapiagent: false },
      ...names.map(([name, login, id]) => ({
        id,
        name,
        login,
        email: `${login}@${world.msp === "Bluepeak IT" ? "bluepeak-it" : "harbor-finch"}.example`,
        password: `${login}-at-halo-1`,
        isapiagent: false,
      })),
      { id: 9, name: "API Agent", email: "", login: "", password: "", isapiagent: true },
    ],
    teams: [
      { id: 1, name: "1st Line Support", sequence: 1 },
      { id: 2, name: "Projects", sequence: 2 },
    ],
    statuses: [
      { id: 1, name: "New", shortname: "New", type: 0, colour: "#2196f3" },
      { id: 2, name: "In Progress", shortname: "WIP", type: 0, colour: "#ff9800" },
      { id: 4, name: "With User", shortname: "User", type: 0, colour: "#9c27b0" },
      { id: 9, name: "Closed", shortname: "Closed", type: 1, colour: "#9e9e9e" },
    ],
    priorities: [1, 2].flatMap((slaid) =>
      ["Critical", "High", "Medium", "Low"].map((name, index) => ({
        slaid,
        priorityid: index + 1,
        name,
        fixtime: 4 * 2 ** index * slaid,
        fixunits: "H",
      })),
    ),
    types: [
      { id: 1, name: "Incident", use: "ticket" },
      { id: 3, name: "Service Request", use: "ticket" },
      { id: 21, name: "Change Request", use: "ticket" },
    ],
    outcomes: [
      { id: 1, outcome: "Email User", buttonname: "Email User", hidden: false },
      { id: 5, outcome: "Close Ticket", buttonname: "Close", hidden: false },
      { id: 7, outcome: "Private Note", buttonname: "Private Note", hidden: false },
      { id: 12, outcome: "Public Note", buttonname: "Public Note", hidden: false },
    ],
    categories: [
      { id: 101, value: "Hardware", category_name: "Hardware", type_id: 1 },
      { id: 102, value: "Hardware>Printer", category_name: "Printer", type_id: 1 },
      { id: 103, value: "Software", category_name: "Software", type_id: 1 },
    ],
    assetTypes: [
      { id: 31, name: "Server" },
      { id: 32, name: "Workstation" },
      { id: 33, name: "Laptop" },
      { id: 34, name: "Printer" },
      { id: 35, name: "Network" },
    ],
    users: [],
    tickets: [],
    actions: [],
    attachments: [],
    contracts: [],
    invoices: [],
    articles: [
      {
        id: 501,
        name: "Scan to mail with modern sign-in",
        description: "<p>Devices from before 2022 need a <b>relay</b>.</p>",
        resolution: "<ol><li>Open the panel</li><li>Set the relay</li></ol>",
        tag_string: "scanner,mail",
        date_edited: at(-20),
        inactive: false,
      },
      {
        id: 502,
        name: "Replace a label printer",
        description: `<p>${orders}</p><script>steal()</script>`,
        resolution: `Swap it. ${oddCharacters} ${secrets.github}`,
        tag_string: "printer",
        date_edited: at(-90),
        inactive: false,
      },
    ],
    appointments: [],
    nextId: 9001,
  };
  addPeople(halo);
  addTickets(halo, at);
  addBilling(halo, at);
  halo.appointments.push(
    {
      id: 701,
      subject: "Replace scanner",
      agent_id: 3,
      start_date: at(1),
      end_date: at(1.1),
      client_id: world.companies[0]!.id,
      client_name: world.companies[0]!.name,
      ticket_id: 2801,
    },
    {
      id: 702,
      subject: "Quarterly review",
      agent_id: 4,
      start_date: at(2),
      end_date: at(2.1),
      client_id: world.companies[1]!.id,
      client_name: world.companies[1]!.name,
      ticket_id: 0,
    },
  );
  return halo;
}

function addPeople(halo: HaloWorld) {
  for (const site of halo.world.sites) {
    for (const [index, first] of ["Avery", "Robin"].entries()) {
      const name = `${first} ${site.city}`;
      halo.users.push({
        id: 6001 + halo.users.length,
        name,
        emailaddress: `${first.toLowerCase()}@${site.company.domain}`,
        phonenumber: `+1-206-555-01${String(site.id % 100).padStart(2, "0")}`,
        mobilenumber: index === 0 ? "" : `+1-206-555-02${String(site.id % 100).padStart(2, "0")}`,
        client_id: site.company.id,
        client_name: site.company.name,
        site_id: site.id,
        site_name: site.name,
        inactive: false,
      });
    }
  }
}

function addTickets(halo: HaloWorld, at: (days: number) => string) {
  const { world } = halo;
  const machines = world.machines.filter(({ kind }) => kind !== "network");
  for (let index = 0; index < 68; index++) {
    const machine = machines[(index * 5) % machines.length] as Machine;
    const user = halo.users.find(({ site_id }) => site_id === machine.site.id)!;
    const isClosed = index % 17 === 16;
    const age = (68 - index) * 0.4;
    const priority = 1 + (index % 4);
    halo.tickets.push({
      id: 2801 + index,
      summary: subjects[index % subjects.length]!,
      details:
        index === 4
          ? `${orders} ${oddCharacters} key ${secrets.aws}`
          : `${machine.hostname}: ${subjects[index % subjects.length]}.`,
      client_id: machine.site.company.id,
      client_name: machine.site.company.name,
      site_id: machine.site.id,
      site_name: machine.site.name,
      user_id: user.id,
      user_name: user.name,
      status_id: isClosed ? 9 : ([1, 2, 2, 4] as const)[index % 4]!,
      tickettype_id: index % 3 === 2 ? 3 : 1,
      priority_id: priority,
      sla_id: 1,
      agent_id: index % 5 === 0 ? 1 : 3 + (index % 3),
      team: index % 6 === 5 ? "Projects" : "1st Line Support",
      category_1: index % 2 === 0 ? "Hardware>Printer" : "Software",
      category_2: "",
      dateoccurred: at(-age),
      respondbydate: at(-age + 0.1),
      // Some have no target, a few are late, most have days left.
      fixbydate:
        index % 7 === 3 ? NO_DATE : index % 11 === 0 ? at(-0.5) : index % 13 === 1 ? at(0.3) : at(3 + (index % 9)),
      dateclosed: isClosed ? at(-age + 0.3) : NO_DATE,
      slastate: index % 11 === 0 ? "O" : "I",
      hasbeenclosed: isClosed,
      contract_id: machine.site.company.id === 4001 ? 801 : 0,
      contract_ref: machine.site.company.id === 4001 ? "Block hours" : "",
      timetaken: (index % 4) * 0.5,
      assetIds: [machine.id],
    });
    halo.actions.push(
      action(halo, 2801 + index, {
        datetime: at(-age),
        outcome: "First User Email",
        outcome_id: -1,
        note: subjects[index % subjects.length]!,
        who_agentid: 0,
        who_type: 2,
      }),
      action(halo, 2801 + index, {
        datetime: at(-age + 0.05),
        outcome: "Private Note",
        outcome_id: 7,
        note: index === 4 ? `${orders} ${secrets.github}` : "Called the user.",
        hiddenfromuser: true,
        who_agentid: 3,
        timetaken: 0.25,
      }),
    );
  }
  halo.attachments.push(
    { id: 901, filename: "scanner-error.png", filesize: 48_213, ticket_id: 2801, datecreated: at(-20) },
    { id: 902, filename: "log.txt", filesize: 1_204, ticket_id: 2801, datecreated: at(-20) },
  );
}

export function action(halo: HaloWorld, ticket_id: number, fields: Partial<Action>): Action {
  return {
    id: halo.actions.filter((each) => each.ticket_id === ticket_id).length + 1,
    ticket_id,
    datetime: moment(halo.world.now),
    who_agentid: 3,
    who_type: 1,
    outcome: "",
    outcome_id: 0,
    note: "",
    hiddenfromuser: false,
    timetaken: 0,
    actisbillable: false,
    sendemail: false,
    emailto: "",
    emailcc: "",
    emailsubject: "",
    ...fields,
  };
}

function addBilling(halo: HaloWorld, at: (days: number) => string) {
  const [contoso, ...others] = halo.world.companies;
  halo.contracts.push({
    id: 801,
    client_id: contoso!.id,
    client_name: contoso!.name,
    ref: "Block hours",
    start_date: at(-200),
    end_date: at(165),
    numberofunitsfree: 12.5,
    contract_prepaytotal: 40,
    contract_prepayused: 27.5,
    contract_prepaybalance: 12.5,
    periods: [
      {
        id: 1,
        name: "Last",
        start_date: at(-50),
        end_date: at(-20),
        current: false,
        hours_in_period: 10,
        hours_used: 9,
        hours_remaining: 1,
      },
      {
        id: 2,
        name: "This",
        start_date: at(-20),
        end_date: at(10),
        current: true,
        hours_in_period: 10,
        hours_used: 4,
        hours_remaining: 6,
      },
    ],
  });
  for (const [index, company] of [contoso!, contoso!, ...others].entries()) {
    const isPaid = index % 2 === 1;
    halo.invoices.push({
      id: 301 + index,
      client_id: company.id,
      client_name: company.name,
      invoicenumber: `INV-${1001 + index}`,
      invoice_date: at(-60 + index * 10),
      duedate: at(-30 + index * 10),
      datepaid: isPaid ? at(-35 + index * 10) : NO_DATE,
      total: 1200 + index * 100,
      amountdue: isPaid ? 0 : 1200 + index * 100,
    });
  }
}
