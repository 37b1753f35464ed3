import { describe, expect, it } from "vitest";
import { demoKeys } from "../fakes/keys.ts";
import { useFakes } from "../fakes/use.ts";
import { connection, vendorOf } from "./vendor.ts";

/** People who may see one client of Halo only. */
const fakes = useFakes();
const halo = fakes.halopsa.states.get(demoKeys.halopsa.host)!;
const { world } = halo;
const [ours, theirs] = ["Contoso", "Fabrikam"].map(
  (name) => world.companies.find((each) => each.name.startsWith(name))!,
);
const ticketOf = (client: number) =>
  halo.tickets.find(({ client_id, hasbeenclosed }) => client_id === client && !hasbeenclosed)!;
const own = ticketOf(ours!.id);
const foreign = ticketOf(theirs!.id);
const userOf = (client: number) => halo.users.find(({ client_id }) => client_id === client)!;
const siteOf = (client: number) => world.sites.find(({ company }) => company.id === client)!;

const call = (tool: string, args: object, ids = [ours!.id]) =>
  connection("halopsa", { boundary: { ids: new Set(ids.map(String)) } }).call(tool, { ...args });

async function answerOf(tool: string, args: object) {
  const result = await call(tool, args);
  if (!result.ok) throw result.error;
  // biome-ignore lint/suspicious/noExplicitAny: each tool answers in its own shape
  return result.value as any;
}

const REFUSED = { ok: false, error: { code: "OUTSIDE_CUSTOMERS" } };
const changes = () => fakes.exchanges.filter(({ method, outside }) => method !== "GET" && !outside);
const day = (days: number) => new Date(world.now + days * 86_400_000).toISOString();

describe("lists", () => {
  const clientsOf = (rows: { client: string }[]) => [...new Set(rows.map(({ client }) => client))];

  it.each([
    ["halo_search_tickets", { state: "all", limit: 100 }, "tickets"],
    ["halo_tickets_at_risk", { hours: 720 }, "tickets"],
    ["halo_search_users", { limit: 100 }, "users"],
    ["halo_search_assets", { limit: 100 }, "assets"],
    ["halo_list_invoices", {}, "invoices"],
    ["halo_list_appointments", { from: day(-30), until: day(30) }, "appointments"],
  ] as const)("%s is of the one client (TEN-03, TEN-04)", async (tool, args, key) => {
    expect(clientsOf((await answerOf(tool, args))[key])).toEqual([ours!.name]);
  });

  it("search and the list of clients are too (TEN-03, TEN-04)", async () => {
    expect((await answerOf("halo_search_clients", {})).clients).toEqual([expect.objectContaining({ id: ours!.id })]);
    const found = await answerOf("halo_search", { text: "on" });
    expect(clientsOf([...found.tickets, ...found.assets])).toEqual([ours!.name]);
    expect(found.clients).toEqual([{ id: ours!.id, name: ours!.name }]);
    const mine = halo.users.filter(({ client_id }) => client_id === ours!.id).map(({ id }) => id);
    for (const { id } of found.users) expect(mine).toContain(id);
    expect(found.articles).toBeUndefined();
  });
});

it("tells what another client has and what does not exist alike (TEN-04)", async () => {
  const machineOf = (client: number) => world.machines.find(({ site }) => site.company.id === client)!.id;
  const bounds: [string, (id: number) => object, number, number][] = [
    [
      "halo_get_ticket",
      (ticketId) => ({ ticketId, include: ["actions", "assets", "attachments"] }),
      own.id,
      foreign.id,
    ],
    ["halo_search_assets", (assetId) => ({ assetId }), machineOf(ours!.id), machineOf(theirs!.id)],
    ["halo_client_overview", (clientId) => ({ clientId }), ours!.id, theirs!.id],
    ["halo_search_tickets", (clientId) => ({ clientId }), ours!.id, theirs!.id],
    ["halo_get_user", (id) => ({ id }), userOf(ours!.id).id, userOf(theirs!.id).id],
  ];
  for (const [tool, args, mine, other] of bounds) {
    expect(await call(tool, args(mine)), tool).toMatchObject({ ok: true });
    const there = await call(tool, args(other));
    expect(there, tool).toMatchObject(REFUSED);
    expect(await call(tool, args(999_999)), tool).toEqual(there);
  }
  const usage = { contractId: 801, from: day(-90).slice(0, 10) };
  expect(await call("halo_contract_usage", usage)).toMatchObject({ ok: true });
  expect(await call("halo_contract_usage", usage, [theirs!.id])).toMatchObject(REFUSED);
});

it.each([
  ["halo_update_ticket", { priority: "Low" }],
  ["halo_add_note", { text: "Seen." }],
  ["halo_log_time", { hours: 0.5, note: "Looked." }],
  ["halo_email_client", { to: "avery@contoso-dental.example", subject: "Ticket", text: "Hello." }],
  ["halo_book_appointment", { agent: "Dana Reyes", start: day(1), end: day(1.1), subject: "Visit" }],
  ["halo_close_ticket", { note: "Done." }],
] as const)("%s changes a ticket of the client and no other's (TEN-04)", async (tool, args) => {
  expect(await call(tool, { ...args, ticketId: foreign.id })).toMatchObject(REFUSED);
  expect(changes()).toEqual([]);
  expect(await call(tool, { ...args, ticketId: own.id })).toMatchObject({ ok: true });
  expect(changes()).toHaveLength(1);
});

it("makes a ticket for the client alone, since one of another's user would be the other's (TEN-04)", async () => {
  const ticket = { summary: "Scanner does not mail", type: "Incident" };
  const make = (clientId: number, userId?: number) =>
    call("halo_create_ticket", { ...ticket, clientId, ...(userId !== undefined && { userId }) });
  expect(await make(theirs!.id)).toMatchObject(REFUSED);
  expect(await make(ours!.id, userOf(theirs!.id).id)).toMatchObject(REFUSED);
  expect(changes()).toEqual([]);
  expect(await make(ours!.id)).toMatchObject({ ok: true });
  expect(await make(ours!.id, userOf(ours!.id).id)).toMatchObject({ ok: true });
});

it("books nothing that is no ticket's, because it would be nobody's (TEN-04)", async () => {
  const visit = { agent: "Dana Reyes", start: day(1), end: day(1.1), subject: "Visit" };
  expect(await call("halo_book_appointment", visit)).toMatchObject(REFUSED);
  expect(changes()).toEqual([]);
});

it("moves no user to or from another client, and makes no client (TEN-04)", async () => {
  const [mine, other] = [userOf(ours!.id).id, userOf(theirs!.id).id];
  for (const [tool, args] of [
    ["halo_save_user", { id: mine, siteId: siteOf(theirs!.id).id }],
    ["halo_save_user", { id: other, siteId: siteOf(ours!.id).id }],
    ["halo_save_user", { id: other, notes: "x" }],
    ["halo_save_user", { firstname: "Avery", surname: "New", siteId: siteOf(theirs!.id).id }],
    ["halo_save_user", { firstname: "Avery", surname: "New" }],
    ["halo_save_client", { id: theirs!.id, notes: "x" }],
    ["halo_save_client", { name: "Tailspin Toys" }],
    ["halo_delete_ticket", { id: foreign.id }],
  ] as const)
    expect(await call(tool, args), `${tool} ${JSON.stringify(args)}`).toMatchObject(REFUSED);
  expect(changes()).toEqual([]);
});

it("refuses what does not say whose it is, with the reason, and asks nothing for it (TEN-04)", async () => {
  for (const [tool, reason] of [
    ["halo_search_knowledge_base", "Articles may be for some clients only."],
    ["halo_list_reports", "They belong to the whole account."],
    ["halo_list_purchase_orders", "They belong to the whole account."],
  ] as const)
    expect(await call(tool, {}), tool).toMatchObject({
      error: { message: `This cannot be limited to the customers you may see. ${reason}` },
    });
  expect(fakes.exchanges.filter(({ outside }) => !outside)).toEqual([]);
  const refused = vendorOf("halopsa").tools.filter(({ customers }) => customers === "refused");
  expect(refused.map(({ name }) => name).sort()).toEqual([
    "halo_list_purchase_orders",
    "halo_list_reports",
    "halo_search_knowledge_base",
  ]);
});

it("asks whose a user is without a client beside it, which might change the answer (TEN-04)", async () => {
  await call("halo_create_ticket", { summary: "x", type: "Incident", clientId: ours!.id, userId: userOf(ours!.id).id });
  const asked = fakes.exchanges.filter(({ template }) => template === "/Users/{id}");
  expect(asked.map(({ url }) => url.search)).toEqual([""]);
});
