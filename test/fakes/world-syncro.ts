import { oddCharacters, orders, secrets } from "./nasty.ts";
import { DAY, type Machine, type World } from "./world.ts";

export type SyncroWorld = ReturnType<typeof createSyncroWorld>;
export type SyncroTicket = SyncroWorld["tickets"][number];

const HOUR = 3_600_000;
export const users = [
  { id: 31, name: "Maya Rivera" },
  { id: 32, name: "Sam Okafor" },
];
const statuses = ["New", "In Progress", "Resolved", "Waiting on Customer"];
export const settings = {
  ticket_status_list: statuses,
  ticket_types: [
    { id: 9, name: "Incident" },
    { id: 10, name: "Project" },
  ],
  users,
};

/** The account as Syncro keeps it: what calls change lives here and lasts as long as the fake. */
export function createSyncroWorld(world: World) {
  const state = {
    world,
    customers: world.companies.map(toCustomer),
    contacts: world.companies.flatMap(({ id, domain }, place) =>
      ["Anna Berg", "Ben Cole"].map((name, index) => ({
        id: 700 + place * 10 + index,
        name,
        customer_id: id,
        email: `${name.split(" ")[0]!.toLowerCase()}@${domain}`,
        phone: "206-555-0101",
        mobile: "206-555-0102",
      })),
    ),
    tickets: world.companies.flatMap((company, place) => createTickets(world, company, place)),
    alerts: createAlerts(world),
    invoices: world.companies.flatMap(({ id, name }, place) =>
      Array.from({ length: 10 }, (_, index) => ({
        id: 6000 + place * 10 + index,
        customer_id: id,
        customer_business_then_name: name,
        number: `INV-${place}${index}`,
        date: iso(world.now - index * 30 * DAY),
        due_date: iso(world.now - index * 30 * DAY + 14 * DAY),
        total: "120.5",
        is_paid: index > 1,
        ticket_id: 88_000 + place * 100,
      })),
    ),
    contracts: world.companies.map(({ id }) => ({
      id: id + 5000,
      customer_id: id,
      name: "Managed Gold",
      status: "Active",
      end_date: iso(world.now + 90 * DAY),
    })),
    mutes: new Map<number, string>(),
    mails: [] as string[],
    nextId: 90_000,
  };
  return state;
}

const toCustomer = ({ id, name, domain }: World["companies"][number]) => ({
  id,
  firstname: "Front",
  lastname: "Desk",
  business_name: name,
  business_then_name: name,
  email: `office@${domain}`,
  phone: "206-555-0100",
  address: "1 Main St",
  city: "Seattle",
  notes: "Pays on time.",
  disabled: false,
});

function createTickets(world: World, company: World["companies"][number], place: number) {
  return ["Scanner jams", "Slow logon", ...Array.from({ length: 8 }, (_, index) => `Old request ${index}`)].map(
    (subject, index) => ({
      id: 88_000 + place * 100 + index,
      number: 2040 + place * 10 + index,
      subject,
      status: ["New", "In Progress", "Resolved"][Math.min(index, 2)]!,
      priority: "2 Normal",
      problem_type: "Hardware",
      customer_id: company.id,
      customer_business_then_name: company.name,
      user_id: users[0]!.id,
      user: { id: users[0]!.id, full_name: users[0]!.name } as { id: number; full_name: string } | null,
      created_at: iso(world.now - (index + 2) * DAY),
      updated_at: iso(world.now - (index + 1) * DAY),
      due_date: iso(world.now + DAY),
      resolved_at: index > 1 ? iso(world.now - DAY) : null,
      asset_ids: [] as number[],
      comments: [
        comment(
          1,
          "Initial Issue",
          `${subject}. ${orders} ${secrets.aws} ${oddCharacters}`,
          false,
          world.now - 2 * DAY,
        ),
      ],
      ticket_timers: [] as {
        id: number;
        start_time: string;
        end_time: string;
        notes: string;
        billable_time: number;
        recorded: boolean;
      }[],
    }),
  );
}

export const comment = (id: number, subject: string, body: string, hidden: boolean, at: number) => ({
  id,
  subject,
  body,
  hidden,
  tech: users[0]!.name,
  created_at: iso(at),
  updated_at: iso(at),
});

function createAlerts(world: World) {
  const alert = (on: Machine, description: string, index: number) => ({
    id: 501 + index,
    customer_id: on.site.company.id,
    asset_id: on.id,
    computer_name: on.hostname,
    description,
    formatted_output: `${description} on ${on.hostname}`,
    status: "triggered",
    resolved: index % 5 === 4,
    ticket_number: null as string | null,
    properties: {},
    created_at: iso(world.now - index * HOUR),
  });
  const machine = (hostname: string) => world.machines.find((each) => each.hostname === hostname)!;
  const first = [machine("CONT-SEA-FS01"), machine("CONT-TAC-DC02")];
  return [...first, ...world.machines.slice(0, 40)].map((each, index) =>
    alert(each, ["Low disk space", "Agent offline"][index] ?? "Reboot needed", index),
  );
}

export const toAsset = (machine: Machine, { customers }: SyncroWorld) => ({
  id: machine.id,
  name: machine.hostname,
  customer_id: machine.site.company.id,
  asset_type: machine.kind === "printer" ? "Printer" : "Syncro Device",
  asset_serial: machine.serial,
  properties: {
    kabuto_live_ip: machine.ip,
    kabuto_live_os: machine.os,
    "Admin Password": "asset-password-never-show",
  },
  customer: customers.find(({ id }) => id === machine.site.company.id)!,
});

export const iso = (time: number) => new Date(time).toISOString();
