import { describe, expect, it } from "vitest";
import { demoKeys } from "../fakes/keys.ts";
import { useFakes } from "../fakes/use.ts";
import { connection, vendorOf } from "./vendor.ts";

/** People who may see one company of Autotask only. */
const fakes = useFakes();
const { tables, world } = fakes.autotask.states.get(demoKeys.autotask.userName)!;
const [ours, theirs] = world.companies.map(({ autotaskId }) => Number(autotaskId)) as [number, number];
const of = (entity: string, field: string, value: unknown) => tables[entity]!.filter((row) => row[field] === value);
const first = (entity: string, company: number) => of(entity, "companyID", company)[0]!;
const [own, foreign] = [first("Tickets", ours), first("Tickets", theirs)];
const [project, otherProject] = [first("Projects", ours), first("Projects", theirs)];

const call = (tool: string, args: object, ids = [ours]) =>
  connection("autotask", { boundary: { ids: new Set(ids.map(String)) } }).call(`autotask_${tool}`, { ...args });

async function answerOf(tool: string, args: object, ids = [ours]) {
  const result = await call(tool, args, ids);
  if (!result.ok) throw result.error;
  // biome-ignore lint/suspicious/noExplicitAny: each tool answers in its own shape
  return result.value as any;
}

const REFUSED = { ok: false, error: { code: "OUTSIDE_CUSTOMERS" } };
const changes = () =>
  fakes.exchanges.filter(({ method, outside, template }) => !outside && method !== "GET" && !/query/.test(template));
const today = new Date(world.now).toISOString().slice(0, 10);

describe("a ticket", () => {
  it("comes with its notes, time and the rest, by id and by number (TEN-03, TEN-04)", async () => {
    for (const by of [{ id: own.id }, { number: own["ticketNumber"] }]) {
      const { ticket, notes, time, toDo, attachments } = await answerOf("get_ticket", by);
      expect(ticket.number).toBe(own["ticketNumber"]);
      expect([notes.length, time.length, toDo.length, attachments.length]).toEqual([3, 2, 1, 1]);
    }
  });

  it("of another company is told like one that does not exist (TEN-04)", async () => {
    const numbers = of("Tickets", "companyID", ours).map((row) => row["ticketNumber"]);
    const number = of("Tickets", "companyID", theirs).find((row) => !numbers.includes(row["ticketNumber"]))!;
    for (const [theirOne, none] of [
      [{ id: foreign.id }, { id: 999_999 }],
      [{ number: number["ticketNumber"] }, { number: "T20260101.9999" }],
    ] as const) {
      const there = await call("get_ticket", theirOne);
      expect(there.ok).toBe(false);
      expect(await call("get_ticket", none)).toEqual(there);
    }
  });
});

describe("lists", () => {
  it.each([
    ["search_tickets", "tickets"],
    ["search_contacts", "contacts"],
    ["search_configuration_items", "items"],
    ["search_contracts", "contracts"],
    ["search_projects", "projects"],
    ["search_invoices", "invoices"],
  ])("%s is of the one company (TEN-03, TEN-04)", async (tool, key) => {
    const rows = (await answerOf(tool, { limit: 100 }))[key] as { companyId: number }[];
    expect([...new Set(rows.map(({ companyId }) => companyId))]).toEqual([ours]);
  });

  it("of what names a ticket, a contract, a project or a quote are of the company's own (TEN-03, TEN-04)", async () => {
    const idsOf = (entity: string) => of(entity, "companyID", ours).map(({ id }) => id);
    for (const [tool, field, entity] of [
      ["search_time_entries", "ticketId", "Tickets"],
      ["search_ticket_notes", "ticketId", "Tickets"],
      ["search_ticket_attachments", "ticketId", "Tickets"],
      ["search_tasks", "projectId", "Projects"],
      ["search_phases", "projectId", "Projects"],
      ["search_quote_items", "quoteId", "Quotes"],
    ] as const) {
      const answer = await answerOf(tool, { limit: 100 });
      const rows = Object.values(answer).find(Array.isArray) as Record<string, number>[];
      expect(rows.length, tool).toBeGreaterThan(0);
      for (const row of rows) expect(idsOf(entity), tool).toContain(row[field]);
    }
  });

  it("have what hangs on contracts and projects (TEN-04)", async () => {
    const { services } = await answerOf("search_contracts", { withServices: true });
    expect(services.length).toBeGreaterThan(0);
    expect((await answerOf("search_projects", {})).tasks.map((task: { projectId: number }) => task.projectId)).toEqual([
      project.id,
      project.id,
    ]);
  });
});

it("counts the hours of a contract's own tickets and tasks, and of no other's (TEN-04)", async () => {
  const contractId = first("Contracts", ours).id;
  const before = await answerOf("contract_usage", { contractId });
  expect(before.worked).toBeGreaterThan(0);
  const taskOf = (id: number) => of("Tasks", "projectID", id)[0]!.id;
  const [entry] = of("TimeEntries", "contractID", contractId);
  const onTask = (id: number, taskID: number | null) =>
    tables["TimeEntries"]!.push({ ...entry, id, ticketID: null, taskID, contractID: contractId, hoursWorked: 4 });
  onTask(39_001, taskOf(project.id));
  onTask(39_002, taskOf(otherProject.id));
  onTask(39_003, null);
  expect((await answerOf("contract_usage", { contractId })).worked).toBe(before.worked + 4);
  expect(await call("contract_usage", { contractId }, [theirs])).toMatchObject(REFUSED);
  tables["TimeEntries"]!.splice(-3);
});

const note = { title: "Called", text: "Called back." };
const work = { resource: "Maya Rivera", hours: 0.5, date: today, summary: "Looked at it." };

it.each([
  ["update_ticket", "id", { priority: "Low" }],
  ["add_ticket_note", "ticketId", note],
  ["log_time", "ticketId", work],
  ["finish_ticket", "ticketId", { note: "Done." }],
] as const)("%s changes a ticket of the company and no other's (TEN-04)", async (tool, key, args) => {
  expect(await call(tool, { ...args, [key]: foreign.id })).toMatchObject(REFUSED);
  expect(changes()).toEqual([]);
  expect(await call(tool, { ...args, [key]: own.id })).toMatchObject({ ok: true });
  expect(changes().length).toBeGreaterThan(0);
});

it("logs time on the company's tasks alone, also beside a ticket of its own (TEN-04)", async () => {
  const [mine, other] = [project, otherProject].map(({ id }) => of("Tasks", "projectID", id)[0]!.id);
  expect(await call("log_time", { ...work, taskId: other })).toMatchObject(REFUSED);
  expect(await call("log_time", { ...work, taskId: other, ticketId: own.id })).toMatchObject(REFUSED);
  expect(changes()).toEqual([]);
  expect(await call("log_time", { ...work, taskId: mine })).toMatchObject({ ok: true });
});

it("makes a ticket for the company alone, of things that are the company's (TEN-04)", async () => {
  const args = { title: "Scanner does not mail", priority: "Low", queue: "Service Desk" };
  expect(await call("create_ticket", { ...args, company: String(theirs) })).toMatchObject({ ok: false });
  expect(changes()).toEqual([]);
  expect(await call("create_ticket", { ...args, company: "Contoso" })).toMatchObject({ ok: true });
  const { client } = connection("autotask", { boundary: { ids: new Set([String(ours)]) } });
  const made = { companyID: ours, title: "x", status: 1, priority: 3, queueID: 8 };
  const things = { contactID: "Contacts", configurationItemID: "ConfigurationItems", contractID: "Contracts", projectID: "Projects" }; // biome-ignore format: one thought
  const { createTicket, patchTicket } = client as Record<string, (fields: object) => Promise<unknown>>;
  fakes.clear();
  for (const [field, entity] of Object.entries(things)) {
    const other = { [field]: first(entity, theirs).id };
    await expect(createTicket!({ ...made, ...other }), field).rejects.toMatchObject(REFUSED.error);
    await expect(patchTicket!({ id: own.id, ...other }), field).rejects.toMatchObject(REFUSED.error);
  }
  expect(changes()).toEqual([]);
  const mine = Object.entries(things).map(([field, entity]) => [field, first(entity, ours).id]);
  await createTicket!({ ...made, ...Object.fromEntries(mine) });
  expect(changes()).toHaveLength(1);
});

it("changes nothing of another company with tools that are off until switched on (TEN-04)", async () => {
  const contact = (company: number) => first("Contacts", company).id;
  const dates = { startDateTime: `${today}T08:00:00Z`, endDateTime: `${today}T09:00:00Z` };
  for (const [tool, args] of [
    ["create_task", { parentId: otherProject.id, title: "x", status: 1 }],
    ["create_task", { parentId: project.id, phaseId: of("Phases", "projectID", otherProject.id)[0]!.id, title: "x" }],
    ["create_project", { companyId: theirs, projectName: "x", ...dates }],
    ["create_project", { companyId: ours, contractId: first("Contracts", theirs).id, projectName: "x", ...dates }],
    ["create_contact", { parentId: theirs, firstName: "Ada", lastName: "New", isActive: 1 }],
    ["update_contact", { parentId: theirs, id: contact(theirs), note: "x" }],
    ["update_contact", { parentId: ours, id: contact(theirs), note: "x" }],
    ["update_company", { id: theirs, phone: "x" }],
    ["create_company_note", { parentId: theirs, note: "x" }],
    ["create_company_note", { parentId: ours, contactId: contact(theirs), note: "x" }],
    ["create_service_call", { companyId: theirs, ...dates }],
    ["delete_time_entry", { id: of("TimeEntries", "ticketID", foreign.id)[0]!.id }],
  ] as const)
    expect(await call(tool, args), `${tool} ${JSON.stringify(args)}`).toMatchObject(REFUSED);
  expect(changes()).toEqual([]);
});

it("refuses what does not say whose it is, with the reason, and asks nothing for it (TEN-04)", async () => {
  for (const [tool, reason] of [
    ["search_articles", "Articles may be for some companies only."],
    ["search_expense_reports", "A report may hold expenses for several companies."],
  ] as const)
    expect(await call(tool, {}), tool).toMatchObject({
      error: { message: `This cannot be limited to the customers you may see. ${reason}` },
    });
  expect(fakes.exchanges.filter(({ outside }) => !outside)).toEqual([]);
  const refused = vendorOf("autotask").tools.filter(({ customers }) => customers === "refused");
  expect(refused.map(({ name }) => name.replace("autotask_", "")).sort()).toEqual([
    "company_overview",
    "create_company",
    "search_articles",
    "search_expense_reports",
    "triage_queue",
  ]);
});
