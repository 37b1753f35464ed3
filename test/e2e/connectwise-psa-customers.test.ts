import { describe, expect, it } from "vitest";
import { demoKeys } from "../fakes/keys.ts";
import { useFakes } from "../fakes/use.ts";
import type { Row, Table } from "../fakes/world-connectwise-psa.ts";
import { connection, vendorOf } from "./vendor.ts";

/** People who may see one company of ConnectWise PSA only. */
const fakes = useFakes();
const psa = fakes["connectwise-psa"].states.get(demoKeys["connectwise-psa"].companyId)!;
const { tables } = psa;
const [ours, theirs] = tables.companies as [Row, Row];
const companyOf = (row: Row) => (row["company"] as Row).id;
const first = (table: Table, company: Row) => tables[table].find((row) => companyOf(row) === company.id)!;
const ticketOf = (company: Row) => tables.tickets.find((row) => companyOf(row) === company.id && !row["closedFlag"])!;
const [own, foreign] = [ticketOf(ours), ticketOf(theirs)];

const call = (tool: string, args: object, ids = [ours.id]) =>
  connection("connectwise-psa", { boundary: { ids: new Set(ids.map(String)) } }).call(`cwpsa_${tool}`, { ...args });

async function answerOf(tool: string, args: object) {
  const result = await call(tool, args);
  if (!result.ok) throw result.error;
  // biome-ignore lint/suspicious/noExplicitAny: each tool answers in its own shape
  return result.value as any;
}

const REFUSED = { ok: false, error: { code: "OUTSIDE_CUSTOMERS" } };
const changes = () =>
  fakes.exchanges.filter(({ method, outside, template }) => !outside && method !== "GET" && !/search$/.test(template));
const at = (days: number) => psa.time(-days);

describe("lists", () => {
  it.each([
    ["search_tickets", "tickets"],
    ["search_contacts", "contacts"],
    ["search_configurations", "configurations"],
    ["list_invoices", "invoices"],
    ["search_opportunities", "opportunities"],
  ])("%s is of the one company (TEN-03, TEN-04)", async (tool, key) => {
    const rows = (await answerOf(tool, { limit: 100 }))[key] as { company: string }[];
    expect([...new Set(rows.map(({ company }) => company))]).toEqual([ours["name"]]);
  });

  it("of companies and of time are too (TEN-03, TEN-04)", async () => {
    expect((await answerOf("search_companies", {})).companies).toMatchObject([{ id: ours.id }]);
    const mine = tables.tickets.filter((row) => companyOf(row) === ours.id).map(({ id }) => id);
    for (const { ticketId } of (await answerOf("list_time_entries", { limit: 100 })).entries)
      expect(mine).toContain(ticketId);
  });
});

it("tells what another company has and what does not exist alike (TEN-04)", async () => {
  const include = ["notes", "tasks", "time", "configurations", "schedule"];
  for (const [tool, args, mine, other] of [
    ["get_ticket", (id: number) => ({ id, include }), own, foreign],
    ["company_overview", (id: number) => ({ id }), ours, theirs],
  ] as const) {
    expect(await call(tool, args(mine.id)), tool).toMatchObject({ ok: true });
    const there = await call(tool, args(other.id));
    expect(there, tool).toMatchObject(REFUSED);
    expect(await call(tool, args(999_999)), tool).toEqual(there);
  }
});

describe("agreements and projects", () => {
  const month = { from: at(-40), until: at(1) };

  it("come with additions, hours and phases where they are the company's (TEN-03, TEN-04)", async () => {
    for (const by of [{ companyId: ours.id }, { agreementId: first("agreements", ours).id }]) {
      const { agreements, additions, hours } = await answerOf("agreement_usage", { ...by, ...month });
      expect(agreements).toMatchObject([{ id: first("agreements", ours).id }]);
      expect(additions).toHaveLength(2);
      expect(Object.keys(hours.by.agreement)).toEqual([first("agreements", ours)["name"]]);
    }
    for (const by of [{ companyId: ours.id }, { projectId: first("projects", ours).id }]) {
      const { projects, phases, openTickets } = await answerOf("project_status", by);
      expect(projects).toMatchObject([{ id: first("projects", ours).id }]);
      expect(phases.length * openTickets.length).toBeGreaterThan(0);
    }
  });

  it("of another company are told like those that do not exist (TEN-04)", async () => {
    for (const [tool, key, id, more] of [
      ["agreement_usage", "agreementId", first("agreements", theirs).id, month],
      ["agreement_usage", "companyId", theirs.id, month],
      ["project_status", "projectId", first("projects", theirs).id, {}],
      ["project_status", "companyId", theirs.id, {}],
    ] as const)
      expect(await call(tool, { [key]: id, ...more }), `${tool} ${key}`).toEqual(
        await call(tool, { [key]: 999_999, ...more }),
      );
    fakes.clear();
    await call("agreement_usage", { agreementId: first("agreements", theirs).id, ...month });
    await call("project_status", { projectId: first("projects", theirs).id });
    expect(fakes.exchanges.map(({ template }) => template)).not.toContainEqual(
      expect.stringMatching(/additions|phases/),
    );
  });
});

const member = { member: "MRivera" };

it.each([
  ["update_ticket", "id", { priority: "Priority 2 - High" }],
  ["add_ticket_note", "ticketId", { text: "Seen." }],
  ["log_time", "ticketId", { ...member, start: at(-1), hours: 0.5 }],
  ["schedule_ticket", "ticketId", { ...member, start: at(1), end: at(1.1) }],
  ["attach_configuration", "ticketId", { configurationId: first("configurations", ours).id }],
  ["close_ticket", "id", { resolution: "Done.", status: "Completed" }],
] as const)("%s changes a ticket of the company and no other's (TEN-04)", async (tool, key, args) => {
  expect(await call(tool, { ...args, [key]: foreign.id })).toMatchObject(REFUSED);
  expect(changes()).toEqual([]);
  expect(await call(tool, { ...args, [key]: own.id })).toMatchObject({ ok: true });
  expect(changes().length).toBeGreaterThan(0);
});

it("hangs no configuration of another company on a ticket (TEN-04)", async () => {
  const configurationId = first("configurations", theirs).id;
  const there = await call("attach_configuration", { ticketId: own.id, configurationId });
  expect(there).toMatchObject(REFUSED);
  expect(await call("attach_configuration", { ticketId: own.id, configurationId: 999_999 })).toEqual(there);
  expect(changes()).toEqual([]);
});

it("makes a ticket for the company alone, and for no contact of another, who would be mailed (TEN-04)", async () => {
  const args = { company: String(ours["name"]), board: "Help Desk", summary: "Scanner does not mail" };
  expect(await call("create_ticket", { ...args, company: String(theirs["name"]) })).toMatchObject({ ok: false });
  expect(await call("create_ticket", { ...args, contactId: first("contacts", theirs).id })).toMatchObject(REFUSED);
  expect(changes()).toEqual([]);
  expect(await call("create_ticket", { ...args, contactId: first("contacts", ours).id })).toMatchObject({ ok: true });
  expect(changes()).toHaveLength(1);
});

it("changes nothing of another company with tools that are off until switched on (TEN-04)", async () => {
  const contact = (company: Row) => first("contacts", company).id;
  for (const [tool, args] of [
    ["create_company", { identifier: "Tailspin", name: "Tailspin Toys" }],
    ["update_company", { id: theirs.id, phoneNumber: "x" }],
    ["create_contact", { firstName: "Ada", companyId: theirs.id }],
    ["create_contact", { firstName: "Ada" }],
    ["update_contact", { id: contact(theirs), title: "x" }],
    ["add_company_note", { parentId: theirs.id, text: "x" }],
    ["merge_tickets", { parentId: own.id, mergeTicketIds: [own.id, foreign.id] }],
    ["merge_tickets", { parentId: foreign.id, mergeTicketIds: [own.id] }],
    ["bundle_tickets", { parentId: own.id, childTicketIds: [foreign.id] }],
    ["create_activity", { name: "Call", companyId: theirs.id }],
    ["create_activity", { name: "Call", companyId: ours.id, contactId: contact(theirs) }],
    ["create_activity", { name: "Call" }],
    ["delete_ticket", { id: foreign.id }],
    ["delete_time_entry", { id: first("timeEntries", theirs).id }],
  ] as const)
    expect(await call(tool, args), `${tool} ${JSON.stringify(args)}`).toMatchObject(REFUSED);
  expect(changes()).toEqual([]);
});

it("refuses what does not say whose it is, with the reason, and asks nothing for it (TEN-04)", async () => {
  for (const [tool, args, reason] of [
    ["list_purchase_orders", {}, "They belong to the whole account."],
    ["list_timesheets", {}, "A time sheet holds time for several companies."],
    ["list_documents", { recordId: own.id, recordType: "Ticket" }, "It names a record of any kind by one number."],
  ] as const)
    expect(await call(tool, args), tool).toMatchObject({
      error: { message: `This cannot be limited to the customers you may see. ${reason}` },
    });
  expect(fakes.exchanges.filter(({ outside }) => !outside)).toEqual([]);
  const refused = vendorOf("connectwise-psa").tools.filter(({ customers }) => customers === "refused");
  expect(refused.map(({ name }) => name.replace("cwpsa_", "")).sort()).toEqual([
    "create_company",
    "dispatch_board",
    "list_audit_trail",
    "list_documents",
    "list_purchase_orders",
    "list_timesheets",
    "submit_timesheet",
  ]);
});
