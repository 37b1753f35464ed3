import { expect } from "vitest";
import { demoKeys } from "../../fakes/keys.ts";
import { refused } from "../../fakes/trouble.ts";
import type { PsaWorld, Row } from "../../fakes/world-connectwise-psa.ts";
import type { Ids, Suite, VendorCase } from "./case.ts";

const world = (ids: Ids): PsaWorld => ids.fakes["connectwise-psa"].states.get(demoKeys["connectwise-psa"].companyId)!;
const contoso = (ids: Ids) => world(ids).company("CONT");
const inside = (row: Row, field: string) => row[field] as Row;

/** The first ticket of Contoso on the help desk, open. */
const ticket = (ids: Ids) =>
  world(ids).tables.tickets.find(
    (row) =>
      inside(row, "company").id === contoso(ids).id &&
      !row["closedFlag"] &&
      inside(row, "board")["name"] === "Help Desk",
  )!;
const later = (ids: Ids, hours: number) => world(ids).time(-hours / 24);

const SEARCH = "POST /service/tickets/search";

const cases: readonly VendorCase[] = [
  {
    tool: "cwpsa_search_tickets",
    args: () => ({ company: "contoso", board: "Help Desk", priority: "critical", closed: false, limit: 5 }),
    uses: [SEARCH],
    check: ({ tickets }) => {
      expect(tickets.length).toBeGreaterThan(0);
      for (const each of tickets)
        expect(each).toMatchObject({
          company: "Contoso Dental",
          board: "Help Desk",
          priority: "Priority 1 - Critical",
        });
      const changed = tickets.map(({ updatedAt }: { updatedAt: string }) => updatedAt);
      expect(changed).toEqual([...changed].sort().reverse());
    },
  },
  {
    tool: "cwpsa_search_tickets",
    args: () => ({ text: '27" monitor', since: "2020-01-01T00:00:00Z" }),
    uses: [SEARCH],
    check: ({ tickets }) => expect(tickets).toMatchObject([{ id: 1002, summary: '27" monitor flickers' }]),
  },
  {
    tool: "cwpsa_get_ticket",
    args: (ids) => ({ id: ticket(ids).id }),
    uses: ["GET /service/tickets/{id}", "GET /service/tickets/{parentId}/allNotes"],
    check: (value, ids) => {
      expect(value.ticket).toMatchObject({ id: ticket(ids).id, companyId: contoso(ids).id, closed: false });
      expect(value.notes).toMatchObject([
        { member: "MRivera", internal: true, text: expect.stringMatching(/^Looked at CONT/) },
        { internal: false, text: "It happens every morning." },
        { internal: true, text: expect.stringMatching(/\[secret\]$/) },
      ]);
      expect(value).not.toHaveProperty("time");
    },
  },
  {
    tool: "cwpsa_get_ticket",
    args: (ids) => ({ id: ticket(ids).id, include: ["tasks", "time", "configurations", "schedule"] }),
    uses: [
      "GET /service/tickets/{id}",
      "GET /service/tickets/{parentId}/tasks",
      "GET /service/tickets/{parentId}/configurations",
      "GET /service/tickets/{parentId}/scheduleentries",
      "GET /time/entries",
    ],
    check: (value, ids) => {
      expect(value.tasks).toMatchObject([{ text: "Call back", done: false }]);
      expect(value.time).toMatchObject([{ hours: ticket(ids)["actualHours"] }]);
      expect(value.configurations).toEqual(world(ids).attached.get(ticket(ids).id));
    },
  },
  {
    tool: "cwpsa_search_companies",
    args: () => ({ name: "o", type: "Client", status: "Active" }),
    uses: ["GET /company/companies"],
    check: ({ companies }) => {
      expect(companies.map(({ identifier }: Row) => identifier)).toEqual(["CONT", "FAB", "NWL"]);
      expect(companies[0]).toMatchObject({ id: 21, name: "Contoso Dental", phone: "2065550100" });
    },
  },
  {
    tool: "cwpsa_company_overview",
    partly: true,
    args: (ids) => ({ id: contoso(ids).id }),
    uses: [
      "GET /company/companies/{id}",
      "GET /company/contacts",
      "GET /company/companies/{parentId}/sites",
      "GET /service/tickets/count",
      SEARCH,
      "GET /finance/agreements",
      "GET /company/configurations/count",
    ],
    check: (value, ids) => {
      const { tickets, configurations } = world(ids).tables;
      const own = (row: Row) => inside(row, "company").id === contoso(ids).id;
      expect(value).toMatchObject({
        company: { name: "Contoso Dental" },
        openTickets: tickets.filter((row) => own(row) && !row["closedFlag"]).length,
        configurations: configurations.filter(own).length,
        agreements: [{ name: "Managed Services - CONT" }],
      });
      expect(value.contacts).toHaveLength(3);
      expect(value.sites).toHaveLength(2);
    },
  },
  {
    tool: "cwpsa_search_contacts",
    args: () => ({ lastName: "o'brien", email: "contoso-dental" }),
    uses: ["GET /company/contacts"],
    check: ({ contacts }) =>
      expect(contacts).toEqual([
        {
          id: 2101,
          firstName: "Bruno",
          lastName: "O'Brien",
          company: "Contoso Dental",
          phone: "2065552110",
          emails: ["bruno.obrien@contoso-dental.example"],
        },
      ]),
  },
  {
    tool: "cwpsa_search_configurations",
    args: (ids) => ({ companyId: contoso(ids).id, deviceIdentifier: String(ids.machine("CONT-SEA-FS01").id) }),
    uses: ["GET /company/configurations"],
    check: ({ configurations }, ids) =>
      expect(configurations).toMatchObject([
        { name: "CONT-SEA-FS01", type: "Server", serialNumber: ids.machine("CONT-SEA-FS01").serial },
      ]),
  },
  {
    tool: "cwpsa_list_choices",
    args: () => ({ kind: "statuses", boardId: 1 }),
    uses: ["GET /service/boards/{parentId}/statuses"],
    check: ({ choices }) => {
      expect(choices[0]).toEqual({ id: 100, name: "New", closed: false });
      expect(choices.at(-1)).toEqual({ id: 104, name: ">Closed", closed: true });
    },
  },
  ...(
    [
      ["boards", "GET /service/boards", "Help Desk"],
      ["priorities", "GET /service/priorities", "Priority 1 - Critical"],
      ["sources", "GET /service/sources", "Phone"],
      ["work_types", "GET /time/workTypes", "Regular"],
      ["work_roles", "GET /time/workRoles", "Engineer"],
    ] as const
  ).map(
    ([kind, operation, name]): VendorCase => ({
      tool: "cwpsa_list_choices",
      args: () => ({ kind }),
      uses: [operation],
      check: ({ choices }) => expect(choices[0]).toMatchObject({ id: 1, name }),
    }),
  ),
  {
    tool: "cwpsa_list_choices",
    args: () => ({ kind: "types", boardId: 2 }),
    uses: ["GET /service/boards/{parentId}/types"],
    check: ({ choices }) => expect(choices.map(({ name }: Row) => name)).toEqual(["Incident", "Request"]),
  },
  {
    tool: "cwpsa_list_choices",
    args: () => ({ kind: "members" }),
    uses: ["GET /system/members"],
    check: ({ choices }) =>
      expect(choices[0]).toEqual({ id: 101, identifier: "MRivera", firstName: "Maya", lastName: "Rivera" }),
  },
  {
    tool: "cwpsa_dispatch_board",
    args: (ids) => ({ board: "Help Desk", from: later(ids, 0), until: later(ids, 24) }),
    uses: ["GET /system/members", "GET /schedule/entries", SEARCH],
    check: (value, ids) => {
      const { scheduleEntries, tickets } = world(ids).tables;
      expect(value.members.map(({ identifier }: Row) => identifier)).toEqual(["JBerg", "MRivera", "TOkada"]);
      expect(value.bookedHours.sum).toBe(scheduleEntries.length);
      const open = tickets.filter((row) => !row["closedFlag"] && inside(row, "board").id === 1);
      expect(value.openTickets.count).toBe(open.length);
      expect(value.unowned.length).toBe(open.filter((row) => row["owner"] === null).length);
    },
  },
  {
    tool: "cwpsa_agreement_usage",
    args: (ids) => ({ companyId: contoso(ids).id, from: later(ids, -24 * 60), until: later(ids, 0) }),
    uses: ["GET /finance/agreements", "GET /finance/agreements/{parentId}/additions", "GET /time/entries"],
    check: (value, ids) => {
      const hours = world(ids)
        .tables.timeEntries.filter((row) => inside(row, "company").id === contoso(ids).id)
        .reduce((sum, row) => sum + Number(row["actualHours"]), 0);
      expect(value.agreements).toMatchObject([{ id: 501, name: "Managed Services - CONT", units: "Hours", limit: 20 }]);
      expect(value.additions).toContainEqual({ agreementId: 501, product: "BACKUP-TB", quantity: 11 });
      expect(value.hours.sum).toBe(hours);
      expect(value.hours.by.agreement).toEqual({ "Managed Services - CONT": hours });
    },
  },
  {
    tool: "cwpsa_list_time_entries",
    args: (ids) => ({ member: "mrivera", companyId: contoso(ids).id, unbilled: true, limit: 3 }),
    uses: ["GET /time/entries"],
    check: ({ entries }) => {
      expect(entries.length).toBeGreaterThan(0);
      for (const entry of entries) expect(entry.member).toBe("MRivera");
    },
  },
  {
    tool: "cwpsa_list_invoices",
    args: (ids) => ({ companyId: contoso(ids).id, only: "unpaid" }),
    uses: ["GET /finance/invoices"],
    check: ({ invoices }) =>
      expect(invoices).toMatchObject([{ number: "70001", total: 500, balance: 500, currency: "USD" }]),
  },
  {
    tool: "cwpsa_search_opportunities",
    args: () => ({ stage: "2.Qualification", rep: "MRivera", open: true }),
    uses: ["GET /sales/opportunities"],
    check: ({ opportunities }) =>
      expect(opportunities.map(({ name }: Row) => name)).toEqual(["Firewall refresh CONT", "Firewall refresh FAB"]),
  },
  {
    tool: "cwpsa_project_status",
    args: (ids) => ({ companyId: contoso(ids).id, closed: false }),
    uses: ["GET /project/projects", "GET /project/projects/{parentId}/phases", "POST /project/tickets/search"],
    check: (value) => {
      expect(value.projects).toMatchObject([{ id: 301, budgetHours: 40, actualHours: 12.5, done: 0.35 }]);
      expect(value.phases).toMatchObject([{ projectId: 301, name: "Prepare", actualHours: 6 }, { name: "Migrate" }]);
      expect(value.openTickets).toMatchObject([{ projectId: 301, summary: "Order hardware" }]);
    },
  },
  {
    tool: "cwpsa_create_ticket",
    args: () => ({
      company: "contoso",
      board: "help desk",
      summary: "Printer jams again",
      text: "Tray 2.",
      priority: "Priority 1 - Critical",
      owner: "tokada",
      contactId: 2100,
    }),
    uses: [
      "GET /company/companies",
      "GET /service/boards",
      "GET /service/priorities",
      "GET /system/members",
      "POST /service/tickets",
    ],
    check: ({ ticket: made }, ids) => {
      expect(made).toMatchObject({
        board: "Help Desk",
        status: "New",
        priority: "Priority 1 - Critical",
        owner: "TOkada",
      });
      expect(world(ids).tables.tickets.find(({ id }) => id === made.id)).toMatchObject({
        summary: "Printer jams again",
        company: { identifier: "CONT" },
        contact: { id: 2100 },
      });
    },
  },
  {
    tool: "cwpsa_update_ticket",
    args: (ids) => ({
      id: ticket(ids).id,
      status: "waiting customer",
      type: "Request",
      owner: "JBerg",
      due: "2026-12-01T10:00:00.5+01:00",
    }),
    uses: [
      "GET /service/tickets/{id}",
      "GET /service/boards/{parentId}/statuses",
      "GET /service/boards/{parentId}/types",
      "GET /system/members",
      "PATCH /service/tickets/{id}",
    ],
    check: (value, ids) => {
      expect(value.ticket).toMatchObject({ id: ticket(ids).id, status: "Waiting Customer", owner: "JBerg" });
      expect(ticket(ids)).toMatchObject({ type: { name: "Request" }, requiredDate: "2026-12-01T09:00:00Z" });
    },
  },
  {
    tool: "cwpsa_add_ticket_note",
    args: (ids) => ({ ticketId: ticket(ids).id, text: "Ordered a part." }),
    uses: ["POST /service/tickets/{parentId}/notes"],
    check: (value, ids) => {
      expect(value.internal).toBe(true);
      expect(world(ids).tables.notes.find(({ id }) => id === value.id)).toMatchObject({
        detailDescriptionFlag: false,
        processNotifications: false,
      });
    },
  },
  {
    tool: "cwpsa_add_ticket_note",
    args: (ids) => ({ ticketId: ticket(ids).id, text: "It is done.", internal: false, mail: true }),
    uses: ["POST /service/tickets/{parentId}/notes"],
    asks: true,
    check: (value, ids) =>
      expect(world(ids).tables.notes.find(({ id }) => id === value.id)).toMatchObject({
        detailDescriptionFlag: true,
        internalAnalysisFlag: false,
        processNotifications: true,
      }),
  },
  {
    tool: "cwpsa_log_time",
    args: (ids) => ({
      ticketId: ticket(ids).id,
      member: "TOkada",
      start: "2026-11-20T08:00:00-01:00",
      hours: 0.5,
      notes: "Changed the tray.",
      workType: "after hours",
    }),
    uses: ["GET /system/members", "GET /time/workTypes", "POST /time/entries"],
    check: ({ entry }, ids) => {
      expect(entry.hours).toBe(0.5);
      expect(world(ids).tables.timeEntries.find(({ id }) => id === entry.id)).toMatchObject({
        chargeToType: "ServiceTicket",
        timeStart: "2026-11-20T09:00:00Z",
        member: { identifier: "TOkada" },
        workType: { name: "After Hours" },
      });
    },
  },
  {
    tool: "cwpsa_schedule_ticket",
    args: (ids) => ({
      ticketId: ticket(ids).id,
      member: "JBerg",
      start: "2026-11-21T09:00:00Z",
      end: "2026-11-21T10:30:00Z",
    }),
    uses: ["GET /system/members", "GET /schedule/types", "POST /schedule/entries"],
    check: (value, ids) => {
      expect(world(ids).tables.scheduleEntries.find(({ id }) => id === value.id)).toMatchObject({
        objectId: ticket(ids).id,
        dateStart: "2026-11-21T09:00:00Z",
        hours: 1.5,
        type: { id: 4, identifier: "S" },
      });
    },
  },
  {
    tool: "cwpsa_attach_configuration",
    args: (ids) => ({ ticketId: ticket(ids).id, configurationId: world(ids).tables.configurations[3]!.id }),
    uses: ["POST /service/tickets/{parentId}/configurations"],
    check: ({ configurationId }, ids) => {
      expect(configurationId).toBe(world(ids).tables.configurations[3]!.id);
      expect(world(ids).attached.get(ticket(ids).id)).toContain(configurationId);
    },
  },
  {
    tool: "cwpsa_close_ticket",
    args: (ids) => ({ id: ticket(ids).id, resolution: "New tray.", status: "completed" }),
    asks: true,
    uses: [
      "GET /service/tickets/{id}",
      "GET /service/boards/{parentId}/statuses",
      "POST /service/tickets/{parentId}/notes",
      "PATCH /service/tickets/{id}",
    ],
    check: (value, ids) => {
      expect(value).toMatchObject({
        status: "Completed",
        done: ["note", "closed"],
        failed: [],
      });
      expect(world(ids).tables.notes.at(-1)).toMatchObject({ text: "New tray.", resolutionFlag: true });
    },
  },
];

export const connectwisePsa: Suite = {
  cases,
  tools: 20,
  writes: [
    "cwpsa_add_ticket_note",
    "cwpsa_attach_configuration",
    "cwpsa_close_ticket",
    "cwpsa_create_ticket",
    "cwpsa_log_time",
    "cwpsa_schedule_ticket",
    "cwpsa_update_ticket",
  ],
  labels: [
    "GET /service/boards",
    "GET /service/boards/{parentId}/statuses",
    "GET /service/boards/{parentId}/types",
    "GET /service/priorities",
    "GET /system/members",
    "GET /time/workTypes",
    "GET /time/workRoles",
  ],
  failing: {
    tool: "cwpsa_search_companies",
    args: {},
    path: "GET /company/companies",
    refusal: (status, words) =>
      refused(status, {
        code: "InvalidObject",
        message: "company object is invalid",
        errors: [{ code: "InvalidField", message: words, resource: "company", field: "name" }],
      }),
  },
  requirements: {
    cwpsa_search_companies: "VEN-18",
    cwpsa_search_tickets: "VEN-21",
    cwpsa_search_contacts: "VEN-21",
    cwpsa_search_configurations: "VEN-21",
    cwpsa_list_time_entries: "VEN-24",
  },
};
