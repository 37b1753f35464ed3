import { expect } from "vitest";
import { demoKeys } from "../../fakes/keys.ts";
import { refused } from "../../fakes/trouble.ts";
import type { Ids, Suite, VendorCase } from "./case.ts";

const world = (ids: Ids) => ids.fakes.syncro.states.get(demoKeys.syncro.apiToken)!;
const contoso = (ids: Ids) => world(ids).customers[0]!;
const ticket = (ids: Ids) => world(ids).tickets[0]!;
const alertOn = (ids: Ids, computer: string) => world(ids).alerts.find((alert) => alert.computer_name === computer)!;
const name = ({ name }: { name: string }) => name;

const cases: VendorCase[] = [
  {
    tool: "syncro_search",
    args: () => ({ text: "contoso" }),
    uses: ["GET /search"],
    check: ({ results }, ids) =>
      expect(results).toEqual([
        { kind: "customer", id: contoso(ids).id, business: "Contoso Dental", firstName: "Front", lastName: "Desk" },
      ]),
  },
  {
    tool: "syncro_list_customers",
    args: () => ({ businessName: "northwind" }),
    uses: ["GET /customers"],
    check: ({ customers }) => expect(customers.map(name)).toEqual(["Northwind Legal"]),
  },
  {
    tool: "syncro_get_customer",
    args: (ids) => ({ customerId: contoso(ids).id }),
    uses: ["GET /customers/{id}", "GET /contacts", "GET /customers/{customer_id}/phones"],
    check: (value) => {
      expect(value).toMatchObject({ customer: { name: "Contoso Dental" }, phones: [{ label: "Office" }] });
      expect(value.contacts.map(name)).toEqual(["Anna Berg", "Ben Cole"]);
    },
  },
  {
    tool: "syncro_list_tickets",
    args: (ids) => ({ customerId: contoso(ids).id, status: "Not Closed" }),
    uses: ["GET /tickets"],
    check: ({ tickets }) => {
      expect(tickets.map(({ subject }: { subject: string }) => subject)).toEqual(["Scanner jams", "Slow logon"]);
      expect(tickets[0]).toMatchObject({ technician: "Maya Rivera", customer: "Contoso Dental" });
    },
  },
  {
    tool: "syncro_get_ticket",
    args: (ids) => ({ ticketId: ticket(ids).id }),
    uses: ["GET /tickets/{id}", "GET /tickets/{id}/comments"],
    check: (value, ids) => {
      expect(value.ticket).toMatchObject({ number: ticket(ids).number, subject: "Scanner jams" });
      expect(value.comments[0]).toMatchObject({ subject: "Initial Issue", hidden: false });
    },
  },
  {
    tool: "syncro_get_ticket",
    args: (ids) => ({ number: String(ticket(ids).number) }),
    uses: ["GET /tickets", "GET /tickets/{id}", "GET /tickets/{id}/comments"],
    check: (value, ids) => expect(value.ticket).toMatchObject({ id: ticket(ids).id }),
  },
  {
    tool: "syncro_create_ticket",
    args: (ids) => ({
      customerId: contoso(ids).id,
      subject: "Door badge",
      text: "Lost it.",
      type: "incident",
      technician: "sam",
      priority: "1 High",
    }),
    uses: ["GET /tickets/settings", "POST /tickets"],
    check: (value, ids) => {
      const made = world(ids).tickets.find(({ id }) => id === value.ticket.id)!;
      expect(made).toMatchObject({ ticket_type_id: 9, user_id: 32, priority: "1 High", number: value.ticket.number });
      expect(made.comments).toMatchObject([{ subject: "Initial Issue", body: "Lost it.", hidden: false }]);
      expect(world(ids).mails).toEqual([]);
    },
  },
  {
    tool: "syncro_update_ticket",
    args: (ids) => ({ ticketId: ticket(ids).id, status: "In Progress", technician: "Sam Okafor" }),
    uses: ["GET /tickets/settings", "PUT /tickets/{id}"],
    check: (value, ids) => {
      expect(value.ticket).toMatchObject({ status: "In Progress", technician: "Sam Okafor", priority: "2 Normal" });
      // Only what was given is sent: the others stay.
      const sent = ids.fakes.syncro.exchanges.find(({ method }) => method === "PUT")!.body;
      expect(JSON.parse(sent)).toEqual({ status: "In Progress", user_id: 32 });
    },
  },
  {
    tool: "syncro_add_comment",
    args: (ids) => ({ ticketId: ticket(ids).id, text: "Ordered a part." }),
    uses: ["POST /tickets/{id}/comment"],
    check: ({ done }, ids) => {
      expect(done).toEqual(["hidden"]);
      expect(ticket(ids).comments.at(-1)).toMatchObject({ body: "Ordered a part.", hidden: true });
      expect(world(ids).mails).toEqual([]);
    },
  },
  {
    tool: "syncro_log_time",
    args: (ids) => ({
      ticketId: ticket(ids).id,
      start: "2026-11-20T09:00:00Z",
      minutes: 20,
      notes: "On the phone",
      charge: true,
    }),
    uses: ["POST /tickets/{id}/timer_entry", "POST /tickets/{id}/charge_timer_entry"],
    check: (value, ids) => {
      expect(value.done).toEqual(["timer", "charged"]);
      expect(ticket(ids).ticket_timers.find(({ id }) => id === value.timerId)).toMatchObject({
        end_time: "2026-11-20T09:20:00.000Z",
        recorded: true,
      });
    },
  },
  {
    tool: "syncro_finish_ticket",
    args: (ids) => ({
      ticketId: ticket(ids).id,
      text: "Cleaned the rollers.",
      minutes: 15,
      start: "2026-11-20T10:00:00Z",
    }),
    uses: ["POST /tickets/{id}/timer_entry", "POST /tickets/{id}/comment", "PUT /tickets/{id}"],
    check: (value, ids) => {
      expect(value).toMatchObject({
        status: "Resolved",
        done: ["time", "comment", "ticket"],
        failed: [],
        notTried: [],
      });
      expect(ticket(ids)).toMatchObject({ status: "Resolved" });
    },
  },
  {
    tool: "syncro_list_assets",
    args: (ids) => ({ customerId: contoso(ids).id, type: "printer" }),
    uses: ["GET /customer_assets"],
    check: ({ assets, coverage }) => {
      expect(assets.map(name)).toEqual(["CONT-SEA-PRN01", "CONT-TAC-PRN01"]);
      expect(coverage).toMatchObject({ asked: 24, complete: true });
    },
  },
  {
    tool: "syncro_get_asset",
    args: (ids) => ({ assetId: ids.machine("CONT-SEA-FS01").id }),
    uses: ["GET /customer_assets/{id}", "GET /customer_assets/{id}/patches"],
    check: (value, ids) => {
      expect(value).toMatchObject({
        asset: { name: "CONT-SEA-FS01", inventory: { kabuto_live_ip: ids.machine("CONT-SEA-FS01").ip } },
        lacking: [{ status: "Missing Patches" }, { title: "Display driver" }],
        lackingTotal: 2,
        installed: [{ kb: "KB5026361" }],
      });
      expect(JSON.stringify(value)).not.toContain("never-show");
    },
  },
  {
    tool: "syncro_list_alerts",
    args: () => ({ limit: 2 }),
    uses: ["GET /rmm_alerts"],
    check: ({ alerts, truncated }) => {
      expect(alerts).toMatchObject([{ computer: "CONT-SEA-FS01" }, { computer: "CONT-TAC-DC02" }]);
      expect(truncated).toBe(true);
    },
  },
  {
    tool: "syncro_list_alerts",
    args: (ids) => ({ state: "all", customerId: world(ids).customers[1]!.id }),
    uses: ["GET /rmm_alerts"],
    check: ({ alerts, coverage }, ids) => {
      expect(alerts.length).toBeGreaterThan(5);
      for (const { customerId } of alerts) expect(customerId).toBe(world(ids).customers[1]!.id);
      expect(coverage).toMatchObject({ asked: 42, complete: true });
    },
  },
  {
    tool: "syncro_mute_alert",
    args: (ids) => ({ alertId: alertOn(ids, "CONT-TAC-DC02").id, for: "2-days" }),
    uses: ["POST /rmm_alerts/{id}/mute"],
    check: ({ done }, ids) => {
      expect(done).toBe("true");
      expect(world(ids).mutes.get(alertOn(ids, "CONT-TAC-DC02").id)).toBe("2-days");
    },
  },
  {
    tool: "syncro_alert_to_ticket",
    args: (ids) => ({ alertId: alertOn(ids, "CONT-SEA-FS01").id, muteFor: "1-day" }),
    uses: ["GET /rmm_alerts/{id}", "POST /tickets", "POST /rmm_alerts/{id}/mute"],
    check: (value, ids) => {
      expect(value).toMatchObject({ alert: { computer: "CONT-SEA-FS01" }, done: ["ticket", "muted"] });
      const made = world(ids).tickets.find(({ id }) => id === value.ticket.id)!;
      expect(made).toMatchObject({ subject: "Low disk space", asset_ids: [ids.machine("CONT-SEA-FS01").id] });
      expect(made.comments[0]!.body).toBe("Low disk space on CONT-SEA-FS01");
    },
  },
  {
    tool: "syncro_customer_overview",
    args: (ids) => ({ customerId: contoso(ids).id }),
    uses: ["GET /customers/{id}", "GET /tickets", "GET /customer_assets", "GET /invoices", "GET /contracts"],
    check: (value) => {
      expect(value).toMatchObject({
        customer: { name: "Contoso Dental" },
        assets: { count: 24 },
        contracts: [{ name: "Managed Gold" }],
        invoicesCoverage: { asked: 8, complete: true },
        contractsCoverage: { asked: 4, complete: true },
      });
      expect(value.unpaid).toHaveLength(2);
    },
  },
  {
    tool: "syncro_patch_report",
    args: (ids) => ({ customerId: contoso(ids).id, atMost: 40 }),
    uses: ["GET /customer_assets", "GET /customer_assets/{id}/patches"],
    check: ({ patches, coverage }) => {
      expect(patches[0]).toMatchObject({ asset: "CONT-SEA-DC01", kb: "KB5027538", status: "Missing Patches" });
      // Printers have no patches, and the answer says how many could not be read.
      expect(coverage).toMatchObject({ asked: 24, answered: 22, failed: 2 });
    },
  },
  {
    tool: "syncro_list_invoices",
    args: (ids) => ({ unpaid: true, ticketId: ticket(ids).id }),
    uses: ["GET /invoices"],
    check: ({ invoices }) => expect(invoices).toMatchObject([{ number: "INV-00", paid: false }, { number: "INV-01" }]),
  },
  {
    tool: "syncro_list_choices",
    args: () => ({}),
    uses: ["GET /tickets/settings"],
    check: (value) => {
      expect(value.statuses).toContain("In Progress");
      expect(value.users.map(name)).toEqual(["Maya Rivera", "Sam Okafor"]);
    },
  },
];

export const syncro: Suite = {
  cases,
  tools: 19,
  writes: [
    "syncro_add_comment",
    "syncro_alert_to_ticket",
    "syncro_create_ticket",
    "syncro_finish_ticket",
    "syncro_log_time",
    "syncro_mute_alert",
    "syncro_update_ticket",
  ],
  failing: {
    tool: "syncro_list_tickets",
    args: {},
    path: "GET /tickets",
    refusal: (status, words) => refused(status, { success: false, message: [words] }),
  },
  requirements: { syncro_list_customers: "VEN-15", syncro_list_tickets: "VEN-21", syncro_list_alerts: "VEN-21" },
};
