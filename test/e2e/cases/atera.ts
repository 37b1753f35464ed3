import { expect } from "vitest";
import { demoKeys } from "../../fakes/keys.ts";
import { refused } from "../../fakes/trouble.ts";
import { technician } from "../../fakes/world-atera.ts";
import type { Ids, Suite, VendorCase } from "./case.ts";

const world = (ids: Ids) => ids.fakes.atera.states.get(demoKeys.atera.apiKey)!;
const alertOn = (ids: Ids, device: string) => world(ids).alerts.find(({ DeviceName }) => DeviceName === device)!;
const contoso = (ids: Ids) => world(ids).world.companies[0]!;
const anna = (ids: Ids) => world(ids).contacts[0]!;
const ticket = (ids: Ids) => world(ids).tickets[0]!;

const cases: VendorCase[] = [
  {
    tool: "atera_list_customers",
    args: () => ({ name: "contoso" }),
    uses: ["GET /api/v3/customers"],
    check: ({ customers, coverage }, ids) => {
      expect(customers).toEqual([
        { id: contoso(ids).id, name: "Contoso Dental", domain: "contoso-dental.example", phone: "+1-206-555-0100" },
      ]);
      expect(coverage).toMatchObject({ asked: 4, complete: true });
    },
  },
  {
    tool: "atera_list_agents",
    args: () => ({ online: false, limit: 100 }),
    uses: ["GET /api/v3/agents"],
    check: ({ agents }) => {
      expect(agents).toContainEqual(expect.objectContaining({ machine: "CONT-TAC-DC02", online: false }));
      expect(agents.every(({ online }: { online: boolean }) => online === false)).toBe(true);
    },
  },
  {
    tool: "atera_list_agents",
    args: (ids) => ({ customerId: contoso(ids).id, limit: 5 }),
    uses: ["GET /api/v3/agents/customer/{customerId}"],
    check: ({ agents, next_cursor }) => {
      expect(agents).toHaveLength(5);
      expect(next_cursor).toEqual(expect.any(String));
    },
  },
  {
    tool: "atera_list_agents",
    args: () => ({ machineName: "FAB-HO-SQL01" }),
    uses: ["GET /api/v3/agents/machine/{machineName}"],
    check: ({ agents }) => expect(agents).toMatchObject([{ machine: "FAB-HO-SQL01", type: "Server", online: true }]),
  },
  {
    tool: "atera_get_agent",
    args: (ids) => ({ agentId: ids.machine("CONT-SEA-FS01").id }),
    uses: ["GET /api/v3/agents/{agentId}"],
    check: ({ agent }, ids) => {
      const { uid, ip, mac, serial } = ids.machine("CONT-SEA-FS01");
      expect(agent).toMatchObject({ deviceGuid: uid, machine: "CONT-SEA-FS01", ips: [ip], macs: [mac], serial });
      expect(JSON.stringify(agent)).not.toContain("never-show");
    },
  },
  {
    tool: "atera_list_alerts",
    args: () => ({ severity: "Critical" }),
    uses: ["GET /api/v3/alerts"],
    check: ({ alerts, coverage }) => {
      expect(alerts.map(({ device }: { device: string }) => device)).toEqual(["CONT-TAC-DC02", "CONT-SEA-FS01"]);
      // All open ones were read to find two: the filter is ours, and the answer says so.
      expect(coverage.complete).toBe(true);
      expect(coverage.asked).toBeGreaterThan(40);
    },
  },
  {
    tool: "atera_resolve_alert",
    args: (ids) => ({ alertId: alertOn(ids, "FAB-HO-SQL01").AlertID }),
    uses: ["PUT /api/v3/alerts/{alertId}", "GET /api/v3/alerts/{alertId}"],
    check: ({ alert }, ids) => {
      expect(alert).toMatchObject({ device: "FAB-HO-SQL01", resolved: true, resolvedAt: expect.any(String) });
      expect(alertOn(ids, "FAB-HO-SQL01").state).toBe("Resolved");
    },
  },
  {
    tool: "atera_list_tickets",
    args: (ids) => ({ customerId: contoso(ids).id, status: "Open" }),
    uses: ["GET /api/v3/tickets"],
    check: ({ tickets }) =>
      expect(tickets.map(({ title }: { title: string }) => title)).toEqual(
        expect.arrayContaining(["Scanner jams", "Backup failed"]),
      ),
  },
  {
    tool: "atera_get_ticket",
    args: (ids) => ({ ticketId: ticket(ids).TicketID }),
    uses: [
      "GET /api/v3/tickets/{ticketId}",
      "GET /api/v3/tickets/{ticketId}/comments",
      "GET /api/v3/tickets/{ticketId}/workhours",
      "GET /api/v3/tickets/{ticketId}/workhoursrecords",
    ],
    check: (value, ids) => {
      expect(value).toMatchObject({
        ticket: { title: "Scanner jams", technicianId: technician.id, contactId: anna(ids).EndUserID },
        billableHours: 1.5,
        otherHours: 0.25,
        entries: [{ technician: "Maya Rivera", billable: true, text: "On the phone" }],
      });
      expect(value.comments[0].text).toContain("It happened again.");
      expect(value.comments[0].text).not.toMatch(/<|steal/);
      expect(value.comments[1]).toMatchObject({ internal: true });
    },
  },
  {
    tool: "atera_create_ticket",
    args: (ids) => ({ title: "Door badge", description: "Lost it.", email: anna(ids).Email, priority: "High" }),
    uses: ["POST /api/v3/tickets"],
    check: ({ ticketId }, ids) => {
      const made = world(ids).tickets.find(({ TicketID }) => TicketID === ticketId)!;
      expect(made).toMatchObject({ TicketTitle: "Door badge", TicketPriority: "High", CustomerID: contoso(ids).id });
    },
  },
  {
    tool: "atera_create_ticket",
    args: () => ({
      title: "Welcome",
      description: "New starter.",
      email: "zoe@contoso-dental.example",
      firstName: "Zoe",
      lastName: "Lind",
      status: "Pending",
    }),
    nameless: true, // the contact is new, and so nobody's yet
    uses: ["POST /api/v3/tickets"],
    check: ({ ticketId }, ids) => {
      const { EndUserEmail, TicketStatus } = world(ids).tickets.find(({ TicketID }) => TicketID === ticketId)!;
      expect([EndUserEmail, TicketStatus]).toEqual(["zoe@contoso-dental.example", "Pending"]);
      world(ids).contacts.pop();
    },
  },
  {
    tool: "atera_update_ticket",
    args: (ids) => ({ ticketId: ticket(ids).TicketID, status: "Pending", priority: "Critical" }),
    uses: ["PUT /api/v3/tickets/{ticketId}"],
    check: ({ ticketId }, ids) => {
      expect(ticketId).toBe(ticket(ids).TicketID);
      expect(ticket(ids)).toMatchObject({
        TicketStatus: "Pending",
        TicketPriority: "Critical",
        TicketTitle: "Scanner jams",
      });
    },
  },
  {
    tool: "atera_add_comment",
    args: (ids) => ({ ticketId: ticket(ids).TicketID, text: "Ordered a part.", technicianId: technician.id }),
    uses: ["POST /api/v3/tickets/{ticketId}/comments"],
    check: ({ done }, ids) => {
      expect(done).toEqual(["note"]);
      expect(world(ids).comments.get(ticket(ids).TicketID)!.at(-1)).toMatchObject({
        Comment: "Ordered a part.",
        IsInternal: true,
      });
    },
  },
  {
    tool: "atera_list_contacts",
    args: (ids) => ({ email: anna(ids).Email }),
    uses: ["GET /api/v3/contacts"],
    check: ({ contacts }, ids) =>
      expect(contacts).toMatchObject([{ id: anna(ids).EndUserID, firstName: "Anna", customer: "Contoso Dental" }]),
  },
  {
    tool: "atera_list_contacts",
    args: (ids) => ({ customerId: contoso(ids).id }),
    uses: ["GET /api/v3/contacts"],
    check: ({ contacts, coverage }) => {
      expect(contacts).toHaveLength(4);
      expect(coverage.asked).toBe(16);
    },
  },
  {
    tool: "atera_list_devices",
    args: (ids) => ({ kind: "snmp", customerId: contoso(ids).id }),
    uses: ["GET /api/v3/devices/snmpdevices"],
    check: ({ devices }, ids) => {
      expect(devices).toContainEqual(
        expect.objectContaining({ name: "CONT-SEA-PRN01", host: ids.machine("CONT-SEA-PRN01").ip }),
      );
      expect(JSON.stringify(devices)).not.toContain("never-show");
    },
  },
  {
    tool: "atera_list_devices",
    args: () => ({ kind: "http" }),
    uses: ["GET /api/v3/devices/httpdevices"],
    check: ({ devices }) =>
      expect(devices[0]).toMatchObject({ url: "https://www.contoso-dental.example/", urlUp: true }),
  },
  {
    tool: "atera_get_patches",
    args: (ids) => ({ agentId: ids.machine("CONT-SEA-FS01").id }),
    uses: [
      "GET /api/v3/agents/{agentId}",
      "GET /api/v3/agents/{deviceGuid}/available-patches",
      "GET /api/v3/agents/{deviceGuid}/installed-patches",
    ],
    check: (value) => {
      expect(value).toMatchObject({ machine: "CONT-SEA-FS01", available: [{ kb: "KB5050001", class: "Security" }] });
      expect(value.installed).toHaveLength(30);
    },
  },
  {
    tool: "atera_search_knowledge_base",
    args: () => ({ text: "spooler" }),
    uses: ["GET /api/v3/knowledgebases"],
    check: ({ articles, coverage }) => {
      expect(articles).toHaveLength(1);
      expect(articles[0]).toMatchObject({ id: 907, product: "Printers" });
      expect(articles[0].text).toContain("Clear the spooler folder.");
      expect(coverage).toMatchObject({ asked: 12, complete: true });
    },
  },
  {
    tool: "atera_agent_health",
    args: (ids) => ({ agentId: ids.machine("CONT-SEA-FS01").id }),
    uses: ["GET /api/v3/agents/{agentId}", "GET /api/v3/agents/{deviceGuid}/available-patches", "GET /api/v3/alerts"],
    check: (value) =>
      expect(value).toMatchObject({
        agent: { machine: "CONT-SEA-FS01", online: true },
        missingPatches: [{ name: "2026-11 Cumulative Update" }],
        alerts: [{ title: "Disk almost full", severity: "Critical" }],
      }),
  },
  {
    tool: "atera_triage_alerts",
    args: () => ({ severity: "Critical" }),
    uses: ["GET /api/v3/alerts", "GET /api/v3/agents/{agentId}"],
    check: (value) => {
      expect(value.totals).toMatchObject({ count: 2 });
      expect(value.first).toMatchObject([
        { device: "CONT-TAC-DC02", online: false },
        { device: "CONT-SEA-FS01", online: true },
      ]);
    },
  },
  {
    tool: "atera_alert_to_ticket",
    args: (ids) => ({
      alertId: alertOn(ids, "CONT-SEA-FS01").AlertID,
      title: "Free space on FS01",
      contactId: anna(ids).EndUserID,
      note: "Drive D: again.",
      technicianId: technician.id,
      resolve: true,
    }),
    uses: [
      "GET /api/v3/alerts/{alertId}",
      "POST /api/v3/tickets",
      "POST /api/v3/tickets/{ticketId}/comments",
      "PUT /api/v3/alerts/{alertId}",
    ],
    check: (value, ids) => {
      expect(value).toMatchObject({ alert: { device: "CONT-SEA-FS01" }, done: ["ticket", "resolved", "noted"] });
      const made = world(ids).tickets.find(({ TicketID }) => TicketID === value.ticketId)!;
      expect(made.FirstComment).toBe("Drive D: has 41 GB of 1,862 GB left.");
      expect(alertOn(ids, "CONT-SEA-FS01").state).toBe("Resolved");
    },
  },
  {
    tool: "atera_customer_overview",
    args: (ids) => ({ customerId: contoso(ids).id }),
    uses: [
      "GET /api/v3/customers/{customerId}",
      "GET /api/v3/agents/customer/{customerId}",
      "GET /api/v3/tickets",
      "GET /api/v3/contracts/customer/{customerId}",
      "GET /api/v3/alerts",
    ],
    check: (value) => {
      expect(value).toMatchObject({
        customer: { name: "Contoso Dental" },
        contracts: [{ name: "Gold", active: true }],
      });
      expect(value.agents.count).toBe(20);
      expect(value.alerts.length).toBeGreaterThan(0);
      expect(value.coverage.asked).toBeGreaterThan(0);
    },
  },
];

export const atera: Suite = {
  cases,
  tools: 18,
  writes: [
    "atera_add_comment",
    "atera_alert_to_ticket",
    "atera_create_ticket",
    "atera_resolve_alert",
    "atera_update_ticket",
  ],
  failing: {
    tool: "atera_list_tickets",
    args: {},
    path: "GET /api/v3/tickets",
    refusal: (status, words) => refused(status, { Message: words }),
  },
  requirements: { atera_list_customers: "VEN-16", atera_list_tickets: "VEN-21", atera_list_alerts: "VEN-21" },
};
