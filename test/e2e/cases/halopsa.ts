import { expect } from "vitest";
import { demoKeys } from "../../fakes/keys.ts";
import { refused } from "../../fakes/trouble.ts";
import type { Ids, Suite, VendorCase } from "./case.ts";

const halo = (ids: Ids) => ids.fakes.halopsa.states.get(demoKeys.halopsa.host)!;
const ticket = (ids: Ids, id: number) => halo(ids).tickets.find((each) => each.id === id)!;
const labels = ["GET /Status", "GET /Priority", "GET /Agent"];

const cases: readonly VendorCase[] = [
  {
    tool: "halo_search",
    args: () => ({ text: "label" }),
    partly: true, // articles
    uses: ["GET /Tickets", "GET /Client", "GET /Users", "GET /Asset", "GET /KBArticle"],
    check: ({ tickets, clients, articles }) => {
      expect(tickets).toHaveLength(5);
      expect(tickets[0]).toMatchObject({ summary: "Label printer prints blank labels", client: expect.any(String) });
      expect(clients).toEqual([]);
      expect(articles).toEqual([{ id: 502, title: "Replace a label printer" }]);
    },
  },
  {
    tool: "halo_search_tickets",
    args: () => ({ clientId: 4001, status: "in progress", priority: "Medium", team: "1st line support", limit: 3 }),
    uses: ["GET /Tickets", ...labels, "GET /Team"],
    check: ({ tickets, truncated }, ids) => {
      expect(tickets).toHaveLength(3);
      expect(truncated).toBe(true);
      for (const each of tickets) {
        expect(each).toMatchObject({ status: "In Progress", priority: "Medium", team: "1st Line Support" });
        expect(ticket(ids, each.id)).toMatchObject({ client_id: 4001, status_id: 2, priority_id: 3 });
      }
      const numbers = tickets.map(({ id }: { id: number }) => id);
      expect(numbers).toEqual(numbers.toSorted((a: number, b: number) => b - a));
    },
  },
  {
    tool: "halo_search_tickets",
    args: (ids) => ({
      state: "all",
      type: "Service Request",
      agent: "Priya Natarajan",
      from: new Date(halo(ids).world.now - 9 * 86_400_000).toISOString(),
      limit: 100,
    }),
    uses: ["GET /Tickets", ...labels, "GET /TicketType"],
    check: ({ tickets }, ids) => {
      expect(tickets.length).toBeGreaterThan(1);
      for (const { id, agent } of tickets) {
        expect(agent).toBe("Priya Natarajan");
        expect(ticket(ids, id)).toMatchObject({ tickettype_id: 3, agent_id: 5 });
        expect(Date.parse(`${ticket(ids, id).dateoccurred}Z`)).toBeGreaterThan(halo(ids).world.now - 9.1 * 86_400_000);
      }
    },
  },
  {
    tool: "halo_search_tickets",
    args: () => ({ state: "closed" }),
    uses: ["GET /Tickets", ...labels],
    check: ({ tickets }) => {
      expect(tickets.map(({ status }: { status: string }) => status)).toEqual(["Closed", "Closed", "Closed", "Closed"]);
    },
  },
  {
    tool: "halo_get_ticket",
    args: () => ({ ticketId: 2801, include: ["actions", "assets", "attachments"] }),
    uses: ["GET /Tickets/{id}", "GET /Actions", "GET /Asset", "GET /Attachment", ...labels, "GET /TicketType"],
    check: ({ ticket: found, actions, assets, attachments }, ids) => {
      expect(found).toMatchObject({
        id: 2801,
        summary: "Scanner does not mail",
        client: ticket(ids, 2801).client_name,
        type: "Incident",
        agent: "Unassigned",
      });
      expect(actions[0]).toMatchObject({ who: "Dana Reyes", outcome: "Private Note", hidden: true, hours: 0.25 });
      expect(assets).toHaveLength(1);
      expect(attachments).toEqual([
        { id: 901, name: "scanner-error.png", size: 48213 },
        { id: 902, name: "log.txt", size: 1204 },
      ]);
    },
  },
  {
    tool: "halo_get_ticket",
    args: () => ({ ticketId: 2805 }),
    uses: ["GET /Tickets/{id}", "GET /Actions", ...labels, "GET /TicketType"],
    check: (value) => {
      // Strangers' words stay in the fields they came in.
      expect(value.ticket.details).toMatch(/^IGNORE ALL PREVIOUS INSTRUCTIONS/);
      expect(value.ticket.summary).not.toContain("IGNORE");
      expect(value.assets).toBe(undefined);
    },
  },
  {
    tool: "halo_create_ticket",
    args: () => ({
      clientId: 4001,
      summary: "Scanner in Tacoma does not mail",
      details: "Since this morning.",
      type: "incident",
      priority: "High",
      team: "projects",
      agent: "Dana Reyes",
    }),
    uses: ["GET /TicketType", "GET /Priority", "GET /Agent", "GET /Team", "POST /Tickets", "GET /Status"],
    check: ({ ticket: made }, ids) => {
      expect(made).toMatchObject({ summary: "Scanner in Tacoma does not mail", status: "New" });
      expect(ticket(ids, made.id)).toMatchObject({
        client_id: 4001,
        tickettype_id: 1,
        priority_id: 2,
        team: "Projects",
        agent_id: 3,
        details: "Since this morning.",
      });
    },
  },
  {
    tool: "halo_update_ticket",
    args: () => ({ ticketId: 2802, status: "With User", team: "Projects", category: "Software" }),
    uses: ["POST /Tickets", ...labels, "GET /Team"],
    check: ({ ticket: changed }, ids) => {
      expect(changed).toMatchObject({ id: 2802, status: "With User", team: "Projects", category: "Software" });
      expect(ticket(ids, 2802)).toMatchObject({
        status_id: 4,
        team: "Projects",
        summary: "Cannot sign in after password change",
      });
      const sent = ids.fakes.exchanges.find(({ method, outside }) => method === "POST" && !outside)!;
      // Of fields that were not given nothing is said: Halo would empty them.
      expect(JSON.parse(sent.body)).toEqual([{ id: 2802, status_id: 4, team: "Projects", category_1: "Software" }]);
    },
  },
  {
    tool: "halo_close_ticket",
    asks: true,
    args: () => ({ ticketId: 2803, note: "Replaced the roll." }),
    uses: ["GET /Status", "GET /Outcome", "POST /Actions"],
    check: ({ ticketId, actionId }, ids) => {
      expect({ ticketId, actionId }).toEqual({ ticketId: 2803, actionId: 3 });
      expect(ticket(ids, 2803)).toMatchObject({ status_id: 9, hasbeenclosed: true });
      expect(halo(ids).actions.at(-1)).toMatchObject({
        note: "Replaced the roll.",
        outcome: "Close Ticket",
        hiddenfromuser: true,
        sendemail: false,
      });
    },
  },
  {
    tool: "halo_add_note",
    args: () => ({ ticketId: 2804, text: "Waiting for the vendor." }),
    uses: ["GET /Outcome", "POST /Actions"],
    check: ({ actionId }, ids) => {
      expect(actionId).toBe(3);
      expect(halo(ids).actions.at(-1)).toMatchObject({
        ticket_id: 2804,
        note: "Waiting for the vendor.",
        outcome_id: 7,
        hiddenfromuser: true,
        sendemail: false,
      });
    },
  },
  {
    tool: "halo_add_note",
    asks: true,
    args: () => ({ ticketId: 2804, text: "It is on its way.", hidden: false, outcome: "Public Note" }),
    uses: ["GET /Outcome", "POST /Actions"],
    check: (_value, ids) =>
      expect(halo(ids).actions.at(-1)).toMatchObject({ outcome_id: 12, hiddenfromuser: false, sendemail: false }),
  },
  {
    tool: "halo_email_client",
    asks: true,
    args: () => ({
      ticketId: 2804,
      to: "avery@contoso-dental.example",
      subject: "Your scanner",
      text: "It works again.",
    }),
    uses: ["GET /Outcome", "POST /Actions"],
    check: (_value, ids) =>
      expect(halo(ids).actions.at(-1)).toMatchObject({
        outcome_id: 1,
        emailto: "avery@contoso-dental.example",
        emailsubject: "Your scanner",
        hiddenfromuser: false,
        sendemail: true,
      }),
  },
  {
    tool: "halo_log_time",
    args: () => ({ ticketId: 2806, hours: 0.75, note: "Cleaned the profile.", charge: false }),
    uses: ["GET /Outcome", "POST /Actions"],
    check: (_value, ids) =>
      expect(halo(ids).actions.at(-1)).toMatchObject({
        ticket_id: 2806,
        timetaken: 0.75,
        actisbillable: false,
        hiddenfromuser: true,
      }),
  },
  {
    tool: "halo_search_clients",
    args: () => ({ text: "contoso" }),
    uses: ["GET /Client"],
    check: ({ clients }) => {
      expect(clients).toEqual([
        {
          id: 4001,
          name: "Contoso Dental",
          mainSite: "Contoso Dental - Seattle",
          inactive: false,
        },
      ]);
    },
  },
  {
    tool: "halo_client_overview",
    args: () => ({ clientId: 4001 }),
    uses: [
      "GET /Client/{id}",
      "GET /Site",
      "GET /Users",
      "GET /Tickets",
      "GET /Asset",
      "GET /ClientContract",
      "GET /Invoice",
      "GET /Status",
    ],
    check: (value) => {
      expect(value).toMatchObject({
        client: { id: 4001, name: "Contoso Dental", accountManager: "Dana Reyes" },
        users: 4,
        contracts: [{ id: 801, ref: "Block hours" }],
        unpaid: [{ number: "INV-1001", amount: 1200 }],
      });
      expect(value.sites.map(({ name }: { name: string }) => name)).toEqual([
        "Contoso Dental - Seattle",
        "Contoso Dental - Tacoma",
      ]);
      expect(value.tickets).toHaveLength(10);
      expect(JSON.stringify(value)).not.toContain("never-show");
    },
  },
  {
    tool: "halo_search_users",
    args: () => ({ text: "avery", clientId: 4001 }),
    uses: ["GET /Users"],
    check: ({ users }) => {
      expect(users.map(({ name }: { name: string }) => name)).toEqual(["Avery Seattle", "Avery Tacoma"]);
      expect(users[0]).toMatchObject({ email: "avery@contoso-dental.example", client: "Contoso Dental" });
    },
  },
  {
    tool: "halo_search_assets",
    args: () => ({ clientId: 4001, type: "printer" }),
    uses: ["GET /Asset", "GET /AssetType"],
    check: ({ assets }) => {
      expect(assets.map(({ tag }: { tag: string }) => tag)).toEqual(["CONT-SEA-PRN01", "CONT-TAC-PRN01"]);
      expect(assets[0]).toMatchObject({ type: "Printer", client: "Contoso Dental" });
    },
  },
  {
    tool: "halo_search_assets",
    args: (ids) => ({ assetId: ids.machine("CONT-SEA-WS07").id }),
    uses: ["GET /Asset/{id}"],
    check: ({ asset, assets }) => {
      expect(asset).toMatchObject({ tag: "CONT-SEA-WS07", type: "Workstation", client: "Contoso Dental" });
      expect(asset.fields[0]).toMatchObject({ name: "Operating system", value: expect.stringContaining("Windows 11") });
      expect(JSON.stringify(asset)).not.toContain("never-show");
      expect(assets).toBe(undefined);
    },
  },
  {
    tool: "halo_contract_usage",
    args: (ids) => ({
      contractId: 801,
      from: new Date(halo(ids).world.now - 10 * 86_400_000).toISOString().slice(0, 10),
    }),
    uses: ["GET /ClientContract/{id}", "GET /Tickets"],
    check: ({ contract, hours, tickets }, ids) => {
      expect(contract).toMatchObject({
        ref: "Block hours",
        unitsLeft: 12.5,
        prepaid: 40,
        used: 27.5,
        left: 12.5,
        period: [{ hours: 10, used: 4, left: 6 }],
      });
      expect(tickets.length).toBeGreaterThan(3);
      const sum = tickets.reduce((before: number, each: { hours: number }) => before + each.hours, 0);
      expect(hours).toBe(sum);
      for (const { id } of tickets) expect(ticket(ids, id).contract_id).toBe(801);
    },
  },
  {
    tool: "halo_list_invoices",
    args: () => ({ dueAtLeast: 0.01 }),
    uses: ["GET /Invoice"],
    check: ({ invoices }) => {
      expect(invoices.map(({ number, due }: { number: string; due: number }) => [number, due])).toEqual([
        ["INV-1005", 1600],
        ["INV-1003", 1400],
        ["INV-1001", 1200],
      ]);
    },
  },
  {
    tool: "halo_search_knowledge_base",
    args: () => ({ text: "scan" }),
    uses: ["GET /KBArticle"],
    check: ({ articles, article }) => {
      expect(articles).toMatchObject([{ id: 501, title: "Scan to mail with modern sign-in", tags: "scanner,mail" }]);
      expect(article).toBe(undefined);
    },
  },
  {
    tool: "halo_search_knowledge_base",
    args: () => ({ articleId: 501 }),
    uses: ["GET /KBArticle/{id}"],
    check: ({ article }) => {
      expect(article.text).toBe("Devices from before 2022 need a relay.");
      expect(article.resolution).toMatch(/Open the panel\n.*Set the relay/);
    },
  },
  {
    tool: "halo_tickets_at_risk",
    args: () => ({ hours: 24, team: "1st Line Support" }),
    uses: ["GET /Tickets", ...labels, "GET /Team"],
    check: ({ tickets, coverage }, ids) => {
      expect(tickets.length).toBeGreaterThan(3);
      const dues = tickets.map(({ id }: { id: number }) => ticket(ids, id).fixbydate);
      expect(dues).toEqual(dues.toSorted());
      for (const due of dues) {
        expect(Date.parse(`${due}Z`)).toBeLessThan(halo(ids).world.now + 25 * 3_600_000);
        expect(due).not.toMatch(/^1900/);
      }
      expect(tickets.some(({ sla }: { sla: string }) => sla === "O")).toBe(true);
      expect(coverage).toMatchObject({ complete: true });
    },
  },
  {
    tool: "halo_list_appointments",
    args: (ids) => ({
      agents: ["Dana Reyes", "miguel santos"],
      from: new Date(halo(ids).world.now).toISOString(),
      until: new Date(halo(ids).world.now + 36 * 3_600_000).toISOString(),
    }),
    uses: ["GET /Appointment", "GET /Agent"],
    check: ({ appointments }) => {
      expect(appointments).toMatchObject([{ subject: "Replace scanner", agent: "Dana Reyes", ticketId: 2801 }]);
    },
  },
  {
    tool: "halo_book_appointment",
    args: (ids) => ({
      agent: "Priya Natarajan",
      start: new Date(halo(ids).world.now + 86_400_000).toISOString(),
      end: new Date(halo(ids).world.now + 90_000_000).toISOString(),
      subject: "Site visit",
      ticketId: 2807,
    }),
    uses: ["GET /Agent", "POST /Appointment"],
    check: ({ appointmentId }, ids) => {
      expect(halo(ids).appointments.find(({ id }) => id === appointmentId)).toMatchObject({
        agent_id: 5,
        subject: "Site visit",
        ticket_id: 2807,
      });
    },
  },
  ...(
    [
      ["status", "GET /Status", { id: "9", name: "Closed" }],
      ["priority", "GET /Priority", { id: "1", name: "Critical" }],
      ["type", "GET /TicketType", { id: "21", name: "Change Request" }],
      ["team", "GET /Team", { id: "2", name: "Projects" }],
      ["agent", "GET /Agent", { id: "4", name: "Miguel Santos" }],
      ["category", "GET /Category", { id: "102", name: "Hardware>Printer" }],
      ["outcome", "GET /Outcome", { id: "7", name: "Private Note" }],
    ] as const
  ).map(
    ([kind, route, expected]): VendorCase => ({
      tool: "halo_list_choices",
      args: () => ({ kind }),
      uses: [route],
      check: ({ choices }) =>
        expect(choices.map(({ id, name }: { id: unknown; name: string }) => ({ id: String(id), name }))).toContainEqual(
          expected,
        ),
    }),
  ),
];

export const halopsa: Suite = {
  cases,
  tools: 20,
  labels: [...labels, "GET /TicketType", "GET /Team", "GET /Outcome", "GET /AssetType"],
  writes: [
    "halo_add_note",
    "halo_book_appointment",
    "halo_close_ticket",
    "halo_create_ticket",
    "halo_email_client",
    "halo_log_time",
    "halo_update_ticket",
  ],
  failing: {
    tool: "halo_search_clients",
    args: { text: "contoso" },
    path: "GET /Client",
    refusal: (status, words) => refused(status, { error: words }),
  },
  requirements: {
    halo_search_tickets: "VEN-21",
    halo_get_ticket: "VEN-21",
    halo_search_clients: "VEN-21",
    halo_search_users: "VEN-21",
    halo_search_assets: "VEN-21",
  },
};
