import { oddCharacters, orders, secrets } from "./nasty.ts";
import type { Machine } from "./world.ts";
import { type PsaWorld, type Row, reference } from "./world-connectwise-psa.ts";

const statuses: readonly [name: string, closed: boolean][] = [
  ["New", false],
  ["In Progress", false],
  ["Waiting Customer", false],
  ["Completed", true],
  [">Closed", true],
];

const office = { location: { id: 1, name: "Main" }, department: { id: 1, identifier: "SVC", name: "Service" } };

/** Boards with their statuses and types, tickets with what hangs on them, and bookings. */
export function addService(psa: PsaWorld) {
  const { add } = psa;
  for (const [index, name] of ["Help Desk", "Projects and Changes"].entries()) {
    const board = add("boards", { name, ...office, inactiveFlag: false, projectFlag: false }, 1 + index);
    for (const [order, [status, closedStatus]] of statuses.entries())
      add(
        "statuses",
        {
          name: status,
          board: reference(board),
          sortOrder: order,
          inactive: false,
          closedStatus,
          defaultFlag: order === 0,
        },
        board.id * 100 + order,
      );
    for (const [order, type] of ["Incident", "Request"].entries())
      add("types", { name: type, board: reference(board), inactiveFlag: false }, board.id * 100 + 50 + order);
  }
  for (const [index, name] of ["Priority 1 - Critical", "Priority 2 - High", "Priority 3 - Normal"].entries())
    add(
      "priorities",
      { name, color: "Red", sortOrder: index, level: ["Critical", "High", "Medium"][index] },
      1 + index,
    );
  for (const [index, name] of ["Phone", "Email Connector"].entries())
    add("sources", { name, defaultFlag: index === 0 }, 1 + index);
  for (const [index, name] of ["Regular", "After Hours"].entries())
    add(
      "workTypes",
      { name, billTime: "Billable", rateType: "Multiplier", rate: 1 + index, inactiveFlag: false },
      1 + index,
    );
  for (const [index, name] of ["Engineer", "Senior Engineer"].entries())
    add("workRoles", { name, inactiveFlag: false }, 1 + index);
  for (const [id, identifier, name] of [
    [1, "C", "Activity"],
    [4, "S", "Service"],
  ] as const)
    add("scheduleTypes", { name, identifier, systemFlag: true }, id);
  addTickets(psa);
}

function addTickets(psa: PsaWorld) {
  const machines = psa.world.machines.filter(({ kind }) => kind !== "network");
  for (const [index, machine] of machines.entries()) {
    const at = psa.time(1 + machine.dice("ticket") * 80);
    ticketOf(psa, machine, 1001 + index, machine.dice("open") < 0.6 ? Math.floor(machine.dice("status") * 3) : 3, at);
  }
  const first = psa.tables.tickets[0]!;
  Object.assign(first, { summary: "Printer jams", owner: null });
  const hostile = psa.tables.tickets[1]!;
  psa.add("notes", noteOf(psa, hostile, `${orders} ${oddCharacters} ${secrets.aws}`, "internalAnalysisFlag"));
  Object.assign(hostile, { summary: `27" monitor flickers`, owner: null });
}

function ticketOf(psa: PsaWorld, machine: Machine, id: number, state: number, at: string) {
  const { tables } = psa;
  const board = tables.boards[id % 5 === 0 ? 1 : 0]!;
  const status = tables.statuses.find((row) => row.id === board.id * 100 + state)!;
  const company = tables.companies.find(({ name }) => name === machine.site.company.name)!;
  const contact = tables.contacts.find((row) => Math.floor(row.id / 100) === company.id)!;
  const member = tables.members[Math.floor(machine.dice("owner") * 3)]!;
  const ticket = psa.add("tickets", blankTicket(psa), id);
  Object.assign(ticket, {
    summary: `${machine.hostname} ${machine.online ? "is slow" : "does not answer"}`,
    board: reference(board),
    status: reference(status),
    company: reference(company),
    contact: reference(contact),
    contactName: `${contact["firstName"]} ${contact["lastName"]}`,
    type: reference(tables.types.find((row) => row.id === board.id * 100 + 50)),
    owner: machine.dice("owned") < 0.75 ? reference(member) : null,
    priority: reference(tables.priorities[Math.floor(machine.dice("priority") * 3)]),
    closedFlag: status["closedStatus"] === true,
    requiredDate: psa.time(-3),
    _info: { lastUpdated: at, updatedBy: "MRivera", dateEntered: psa.time(90), enteredBy: "portal" },
  });
  psa.attached.set(id, [60_000 + (machine.id % 1000)]);
  psa.add("notes", noteOf(psa, ticket, `Looked at ${machine.hostname}.`, "internalAnalysisFlag"));
  psa.add("notes", noteOf(psa, ticket, "It happens every morning.", "detailDescriptionFlag"));
  psa.add("tasks", { ticketId: id, notes: "Call back", closedFlag: false, member: reference(member), priority: 1 });
  timeOf(psa, ticket, member, machine);
}

/** Every field that conditions may ask for, so that an unknown one can be told apart. */
export const blankTicket = ({ time }: PsaWorld) => ({
  summary: "",
  recordType: "ServiceTicket",
  board: null,
  status: null,
  company: null,
  contact: null,
  contactName: null,
  contactEmailAddress: null,
  contactPhoneNumber: null,
  type: null,
  owner: null,
  priority: null,
  agreement: null,
  requiredDate: null,
  closedFlag: false,
  actualHours: 0,
  resources: null,
  isInSla: true,
  initialDescription: null,
  _info: { lastUpdated: time(0), dateEntered: time(0), updatedBy: "api", enteredBy: "api" },
});

export const noteOf = ({ time, tables }: PsaWorld, ticket: Row, text: string, flag: string) => ({
  noteType: "TicketNote",
  ticket: { id: ticket.id, summary: ticket["summary"] },
  text,
  detailDescriptionFlag: false,
  internalAnalysisFlag: false,
  resolutionFlag: false,
  issueFlag: false,
  member: reference(tables.members[0]),
  contact: null,
  _info: { lastUpdated: time(1) },
  [flag]: true,
});

function timeOf(psa: PsaWorld, ticket: Row, member: Row, machine: Machine) {
  const hours = 0.5 + Math.floor(machine.dice("hours") * 4) / 2;
  const daysAgo = 1 + machine.dice("worked") * 20;
  psa.add("timeEntries", {
    ...blankTime(),
    company: ticket["company"],
    chargeToId: ticket.id,
    chargeToType: "ServiceTicket",
    ticket: { id: ticket.id, summary: ticket["summary"] },
    member: reference(member),
    timeStart: psa.time(daysAgo),
    timeEnd: psa.time(daysAgo - hours / 24),
    actualHours: hours,
    notes: `Worked on ${machine.hostname}.`,
    workType: reference(psa.tables.workTypes[0]),
  });
  ticket["actualHours"] = hours;
  if (machine.dice("booked") < 0.3)
    psa.add("scheduleEntries", {
      objectId: ticket.id,
      name: ticket["summary"],
      member: reference(member),
      dateStart: psa.time(-0.2),
      dateEnd: psa.time(-0.2 - 1 / 24),
      type: { id: 4, identifier: "S" },
      hours: 1,
      doneFlag: false,
    });
}

export const blankTime = () => ({
  company: null,
  chargeToId: null,
  chargeToType: null,
  ticket: null,
  member: null,
  timeStart: null,
  timeEnd: null,
  actualHours: 0,
  billableOption: "Billable",
  notes: null,
  workType: null,
  workRole: null,
  agreement: null,
  agreementHours: null,
  invoice: null,
});
