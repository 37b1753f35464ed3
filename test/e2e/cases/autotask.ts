import { expect } from "vitest";
import type { Row } from "../../fakes/autotask-business.ts";
import { demoKeys } from "../../fakes/keys.ts";
import { refused } from "../../fakes/trouble.ts";
import type { Ids, Suite, VendorCase } from "./case.ts";

const CONTOSO = 29_683_500;
const FIELDS = {
  tickets: "GET /V1.0/Tickets/entityInformation/fields",
  companies: "GET /V1.0/Companies/entityInformation/fields",
  notes: "GET /V1.0/TicketNotes/entityInformation/fields",
  devices: "GET /V1.0/ConfigurationItems/entityInformation/fields",
  contracts: "GET /V1.0/Contracts/entityInformation/fields",
  projects: "GET /V1.0/Projects/entityInformation/fields",
};
const query = (...entities: string[]) => entities.map((entity) => `POST /V1.0/${entity}/query`);

const table = (ids: Ids, entity: string): Row[] =>
  ids.fakes.autotask.states.get(demoKeys.autotask.userName)!.tables[entity]!;
const ticket = (ids: Ids, index = 0): Row =>
  table(ids, "Tickets").filter((row) => row["companyID"] === CONTOSO)[index]!;
const last = (ids: Ids, entity: string): Row => table(ids, entity).at(-1)!;

const cases: readonly VendorCase[] = [
  {
    tool: "autotask_search_companies",
    args: () => ({ name: "contoso", type: "customer", active: true }),
    uses: [...query("Companies", "Resources"), FIELDS.companies],
    check: ({ companies, truncated }) => {
      expect(companies).toEqual([
        {
          id: CONTOSO,
          name: "Contoso Dental",
          phone: "206-555-0100",
          type: "Customer",
          owner: "Maya Rivera",
        },
      ]);
      expect(truncated).toBe(false);
    },
  },
  {
    tool: "autotask_get_company",
    args: () => ({ id: CONTOSO }),
    uses: ["GET /V1.0/Companies/{id}", ...query("CompanyLocations", "CompanyAlerts", "Resources"), FIELDS.companies],
    check: (value) => {
      expect(value.company).toMatchObject({ name: "Contoso Dental", type: "Customer", city: "Seattle" });
      expect(value.locations).toEqual(["Contoso Dental - Seattle", "Contoso Dental - Tacoma"]);
      expect(value.alerts[0]).toMatch(/^Surgery until noon/);
    },
  },
  {
    tool: "autotask_create_company",
    args: () => ({
      name: "Tailspin Toys",
      type: "Prospect",
      phone: "206-555-0199",
      owner: "maya rivera",
    }),
    uses: ["POST /V1.0/Companies", FIELDS.companies, ...query("Resources")],
    check: (value, ids) => {
      expect(last(ids, "Companies")).toMatchObject({
        id: value.id,
        companyName: "Tailspin Toys",
        companyType: 3,
        ownerResourceID: 29_682_885,
      });
      table(ids, "Companies").pop();
    },
  },
  {
    tool: "autotask_search_contacts",
    args: () => ({ companyId: CONTOSO, firstName: "ann" }),
    uses: query("Contacts"),
    check: ({ contacts }) =>
      expect(contacts).toMatchObject([
        { firstName: "Anna", lastName: "Nguyen", email: "anna@contoso-dental.example", companyId: CONTOSO },
      ]),
  },
  {
    tool: "autotask_search_tickets",
    args: () => ({ companyId: CONTOSO, queue: "Service Desk", notStatus: "complete", resource: "Maya Rivera" }),
    uses: [...query("Tickets", "Resources"), FIELDS.tickets],
    check: ({ tickets }) => {
      expect(tickets).toHaveLength(2);
      expect(tickets[0]).toMatchObject({
        title: "Disk almost full on the file server",
        status: "In Progress",
        priority: "High",
        queue: "Service Desk",
        resource: "Maya Rivera",
      });
      expect(tickets[0].due).toMatch(/Z$/);
    },
  },
  {
    tool: "autotask_search_tickets",
    args: () => ({ status: "New", priority: "Medium", text: "PRINTER" }),
    uses: [...query("Tickets", "Resources"), FIELDS.tickets],
    check: ({ tickets }) => expect(tickets).toHaveLength(4),
  },
  {
    tool: "autotask_get_ticket",
    args: (ids) => ({ id: ticket(ids).id }),
    uses: [
      "GET /V1.0/Tickets/{id}",
      "GET /V1.0/Companies/{id}",
      "GET /V1.0/Contacts/{id}",
      "GET /V1.0/ConfigurationItems/{id}",
      ...query("TicketNotes", "TimeEntries", "TicketChecklistItems", "TicketAttachments", "Resources"),
      FIELDS.tickets,
    ],
    check: (value) => {
      expect(value).toMatchObject({
        ticket: { title: "Disk almost full on the file server", status: "In Progress" },
        company: "Contoso Dental",
        contact: { firstName: "Anna" },
        device: "CONT-SEA-DC01",
        toDo: ["Tell the front desk"],
        attachments: ["Screenshot"],
      });
      // The newest comes first, although the vendor can only list the oldest first.
      const moments = value.notes.map(({ at }: { at: string }) => at);
      expect(moments).toHaveLength(3);
      expect(moments).toEqual(moments.toSorted().reverse());
      expect(value.time.map(({ by }: { by: string }) => by)).toEqual(["Jonas Berg", "Maya Rivera"]);
    },
  },
  {
    tool: "autotask_get_ticket",
    args: (ids) => ({ number: ticket(ids, 3)["ticketNumber"], withWork: false }),
    uses: [...query("Tickets", "Resources"), "GET /V1.0/Companies/{id}", "GET /V1.0/Contacts/{id}", FIELDS.tickets],
    check: (value) => {
      expect(value.ticket).toMatchObject({ title: "Outlook asks for a password again and again" });
      expect(value.notes).toBeUndefined();
      expect(value.device).toBeUndefined();
    },
  },
  {
    tool: "autotask_create_ticket",
    args: () => ({
      company: "contoso",
      title: "Scanner does not mail",
      priority: "high",
      queue: "service desk",
      resource: "Jonas Berg",
      role: "Help Desk Technician",
      due: "2026-12-01T17:00:00+01:00",
    }),
    uses: [
      ...query("Companies", "Resources", "Roles", "ResourceRoles"),
      "POST /V1.0/Tickets",
      "GET /V1.0/Tickets/{id}",
      FIELDS.tickets,
    ],
    check: (value, ids) => {
      const made = last(ids, "Tickets");
      expect(value).toEqual({ id: made.id, number: made["ticketNumber"] });
      expect(made).toMatchObject({
        companyID: CONTOSO,
        status: 1,
        priority: 1,
        assignedResourceID: 29_682_886,
        assignedResourceRoleID: 29_683_586,
        dueDateTime: "2026-12-01T16:00:00Z",
      });
      table(ids, "Tickets").pop();
    },
  },
  {
    tool: "autotask_update_ticket",
    args: (ids) => ({ id: ticket(ids, 4).id, priority: "Critical", resource: "Maya Rivera" }),
    uses: [...query("Resources", "ResourceRoles"), "PATCH /V1.0/Tickets", "GET /V1.0/Tickets/{id}", FIELDS.tickets],
    check: (value, ids) => {
      expect(value.ticket).toMatchObject({ priority: "Critical", resource: "Maya Rivera", status: "In Progress" });
      // What was not given stays as it was.
      expect(ticket(ids, 4)).toMatchObject({
        title: "VPN drops every hour",
        priority: 4,
        assignedResourceRoleID: 29_683_586,
      });
    },
  },
  {
    tool: "autotask_add_ticket_note",
    args: (ids) => ({ ticketId: ticket(ids).id, title: "Ordered", text: "A larger disk, two days." }),
    uses: ["POST /V1.0/Tickets/{parentId}/Notes"],
    check: (value, ids) => {
      expect(last(ids, "TicketNotes")).toMatchObject({
        id: value.id,
        publish: 2,
        noteType: 3,
        ticketID: ticket(ids).id,
      });
      table(ids, "TicketNotes").pop();
    },
  },
  {
    tool: "autotask_log_time",
    args: (ids) => ({
      ticketId: ticket(ids).id,
      resource: "Jonas Berg",
      date: "2026-11-19",
      hours: 1.5,
      summary: "Freed 40 GB.",
    }),
    uses: [...query("Resources", "ResourceRoles"), "POST /V1.0/TimeEntries"],
    check: (value, ids) => {
      expect(value.hours).toBe(1.5);
      expect(last(ids, "TimeEntries")).toMatchObject({
        id: value.id,
        resourceID: 29_682_886,
        roleID: 29_683_587,
        hoursWorked: 1.5,
        ticketID: ticket(ids).id,
      });
      table(ids, "TimeEntries").pop();
    },
  },
  {
    tool: "autotask_finish_ticket",
    args: (ids) => ({
      ticketId: ticket(ids, 5).id,
      resource: "Maya Rivera",
      hours: 0.5,
      date: "2026-11-20",
      summary: "Ran the backup again.",
      note: "It works again.",
      resolution: "The target was full.",
    }),
    uses: [
      ...query("Resources", "ResourceRoles"),
      "POST /V1.0/TimeEntries",
      "POST /V1.0/Tickets/{parentId}/Notes",
      "PATCH /V1.0/Tickets",
    ],
    check: (value, ids) => {
      expect(value.done).toEqual(["time", "noted", "finished"]);
      expect(ticket(ids, 5)).toMatchObject({ status: 5, resolution: "The target was full." });
      expect(last(ids, "TicketNotes")).toMatchObject({ publish: 2, description: "It works again." });
      expect(last(ids, "TimeEntries")).toMatchObject({ hoursWorked: 0.5, roleID: 29_683_586 });
      table(ids, "TicketNotes").pop();
      table(ids, "TimeEntries").pop();
    },
  },
  {
    tool: "autotask_triage_queue",
    args: () => ({ queue: "Service Desk" }),
    uses: ["POST /V1.0/Tickets/query/count", ...query("Tickets", "Resources"), FIELDS.tickets],
    check: (value) => {
      expect(value).toMatchObject({ open: 16, unassigned: 8 });
      expect(value.overdue).toBeGreaterThan(0);
      expect(value.oldest).toHaveLength(10);
      expect(value.oldest[0].number).toMatch(/^T\d{8}\.0001$/);
    },
  },
  {
    tool: "autotask_search_configuration_items",
    args: (ids) => ({ rmmDeviceUid: ids.machine("CONT-SEA-FS01").uid }),
    uses: [...query("ConfigurationItems"), FIELDS.devices],
    check: ({ items }, ids) =>
      expect(items).toMatchObject([
        { name: "CONT-SEA-FS01", type: "Server", serial: ids.machine("CONT-SEA-FS01").serial, companyId: CONTOSO },
      ]),
  },
  {
    tool: "autotask_search_contracts",
    args: () => ({ companyId: CONTOSO, status: "Active", withServices: true }),
    uses: [...query("Contracts", "ContractServices", "Services"), FIELDS.contracts],
    check: (value) => {
      expect(value.contracts).toMatchObject([
        { name: "Block of hours", type: "Block Hours", status: "Active" },
        { name: "Managed services", type: "Recurring Service" },
      ]);
      expect(value.services).toHaveLength(3);
      expect(value.services[1]).toMatchObject({ contractId: 60_101, service: "Managed server", unitPrice: 100 });
      expect(value.coverage).toMatchObject({ asked: 2, complete: true });
    },
  },
  {
    tool: "autotask_contract_usage",
    args: () => ({ contractId: 60_001 }),
    uses: ["GET /V1.0/Contracts/{id}", ...query("ContractBlocks", "TimeEntries")],
    check: (value) => {
      expect(value).toMatchObject({
        contract: "Block of hours",
        bought: 40,
        approved: 26.5,
        worked: 12,
        billable: 6,
      });
    },
  },
  {
    tool: "autotask_search_time_entries",
    args: (ids) => ({ resource: "Jonas Berg", ticketId: ticket(ids).id, from: "2020-01-01" }),
    uses: query("TimeEntries", "Resources"),
    check: ({ entries }) =>
      expect(entries).toMatchObject([{ resource: "Jonas Berg", hours: 1.5, summary: "Changed the part." }]),
  },
  {
    tool: "autotask_search_resources",
    args: () => ({ lastName: "berg" }),
    uses: query("Resources", "ResourceRoles", "Roles"),
    check: (value) => {
      expect(value.resources).toMatchObject([{ firstName: "Jonas", email: "jonas@bluepeak.example" }]);
      expect(value.roles.map(({ role }: { role: string }) => role)).toEqual([
        "Network Engineer",
        "Help Desk Technician",
      ]);
    },
  },
  {
    tool: "autotask_search_projects",
    args: () => ({ companyId: CONTOSO, status: "In Progress" }),
    uses: [...query("Projects", "Tasks"), FIELDS.projects],
    check: (value) => {
      expect(value.projects).toMatchObject([{ name: "Move to Microsoft 365", status: "In Progress" }]);
      expect(value.tasks.map(({ title }: { title: string }) => title)).toEqual(["Migrate mailboxes", "Train people"]);
    },
  },
  {
    tool: "autotask_search_invoices",
    args: () => ({ companyId: CONTOSO, unpaid: true, withItems: true }),
    uses: query("Invoices", "BillingItems"),
    check: (value) => {
      expect(value.invoices).toMatchObject([{ number: "INV-2002", total: 1201 }]);
      expect(value.invoices[0].paid).toBeUndefined();
      expect(value.items).toMatchObject([{ invoiceId: 8002, name: "Managed services", total: 1201 }]);
    },
  },
  {
    tool: "autotask_list_choices",
    args: () => ({ entity: "tickets", field: "subIssueType" }),
    uses: [FIELDS.tickets],
    check: ({ fields }) => {
      expect(fields[0].choices).toContainEqual({ id: "137", label: "Disk", parent: "10" });
    },
  },
  ...(
    [
      ["companies", "companyType", FIELDS.companies],
      ["ticketNotes", "noteType", FIELDS.notes],
      ["timeEntries", "timeEntryType", "GET /V1.0/TimeEntries/entityInformation/fields"],
      ["configurationItems", "configurationItemType", FIELDS.devices],
      ["contracts", "contractType", FIELDS.contracts],
      ["projects", "status", FIELDS.projects],
    ] as const
  ).map(
    ([entity, field, operation]): VendorCase => ({
      tool: "autotask_list_choices",
      args: () => ({ entity, field }),
      uses: [operation],
      check: ({ fields }) => expect(fields[0].choices.length).toBeGreaterThan(0),
    }),
  ),
  {
    tool: "autotask_company_overview",
    args: () => ({ id: CONTOSO }),
    uses: [
      "GET /V1.0/Companies/{id}",
      "POST /V1.0/Tickets/query/count",
      "POST /V1.0/ConfigurationItems/query/count",
      ...query("Tickets", "Contracts", "Contacts"),
      FIELDS.tickets,
    ],
    check: (value, ids) => {
      const machines = ids.datto.world.machines.filter(({ site }) => site.company.name === "Contoso Dental");
      expect(value).toMatchObject({
        name: "Contoso Dental",
        devices: machines.filter(({ kind }) => kind !== "network").length,
        contracts: ["Block of hours", "Managed services"],
        contacts: [{ firstName: "Anna" }],
      });
      expect(value.openTickets).toBeGreaterThan(0);
      expect(value.newest[0].title).toBe("Backup failed last night");
    },
  },
];

export const autotask: Suite = {
  cases,
  tools: 21,
  labels: [...Object.values(FIELDS), ...query("Resources", "Roles", "Services")],
  writes: [
    "autotask_add_ticket_note",
    "autotask_create_company",
    "autotask_create_ticket",
    "autotask_finish_ticket",
    "autotask_log_time",
    "autotask_update_ticket",
  ],
  failing: {
    tool: "autotask_search_contacts",
    args: {},
    path: "POST /V1.0/Contacts/query",
    refusal: (status, words) => refused(status, { errors: [words] }),
  },
  requirements: {
    autotask_search_companies: "VEN-13",
    autotask_create_company: "VEN-21",
    autotask_search_tickets: "VEN-21",
    autotask_search_contacts: "VEN-21",
    autotask_search_configuration_items: "VEN-21",
  },
};
