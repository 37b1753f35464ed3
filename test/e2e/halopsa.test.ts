import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { coreOperations } from "../../generator/intake/mapped.ts";
import type { HaloFake } from "../fakes/halopsa.ts";
import { demoKeys, otherKeys } from "../fakes/keys.ts";
import { down, refused } from "../fakes/trouble.ts";
import { useFakes } from "../fakes/use.ts";
import { ajvFor, readDocument, unknownFields } from "../fakes/validate.ts";
import { connection, toolOf } from "./vendor.ts";

const fakes = useFakes();
const halo: HaloFake = fakes.halopsa;
const state = halo.states.get(demoKeys.halopsa.host)!;
const calls = () => fakes.exchanges.filter(({ outside }) => !outside);
const tokens = () => fakes.exchanges.filter(({ template }) => template === "/auth/token");

async function answerOf(tool: string, args: object, keys: Record<string, string> = demoKeys.halopsa) {
  const result = await connection("halopsa", { keys }).call(tool, args);
  if (!result.ok) throw result.error;
  return result.value as Record<string, unknown>;
}

it("exchanges client credentials once, at the customer's own host and with the tenant in the address (VEN-14)", async () => {
  const { call, verify } = connection("halopsa");
  await verify();
  await call("halo_search_clients", {});
  await call("halo_search_users", {});
  expect(tokens()).toHaveLength(1);
  const [token] = tokens();
  expect(token!.url.href).toBe(`https://${demoKeys.halopsa.host}/auth/token?tenant=${demoKeys.halopsa.tenant}`);
  expect(Object.fromEntries(new URLSearchParams(token!.body))).toEqual({
    grant_type: "client_credentials",
    client_id: demoKeys.halopsa.clientId,
    client_secret: demoKeys.halopsa.clientSecret,
    scope: "all",
  });
  for (const { url, headers } of calls()) {
    expect(url.href).toMatch(/^https:\/\/bluepeak\.halopsa\.com\/api\//);
    expect(url.href).not.toContain(demoKeys.halopsa.clientSecret);
    expect(headers.get("authorization")).toMatch(/^Bearer halo-token-/);
  }
});

it("takes the address as people paste it, and no other site's (VEN-14)", async () => {
  await answerOf(
    "halo_search_clients",
    {},
    { ...demoKeys.halopsa, host: " https://Bluepeak.HaloPSA.com/tickets?x=1 " },
  );
  expect(calls()[0]!.url.host).toBe("bluepeak.halopsa.com");
  for (const host of ["http://127.0.0.1", "localhost", "10.0.0.5", "user@evil.example@bluepeak.halopsa.com"])
    expect(() => connection("halopsa", { keys: { ...demoKeys.halopsa, host } }), host).toThrow();
});

it("fetches a new token once when Halo ends one early, and repeats the call (OAU-19)", async () => {
  const { call } = connection("halopsa");
  await call("halo_search_clients", {});
  halo.expireTokens();
  expect((await call("halo_search_clients", {})).ok).toBe(true);
  expect(fakes.exchanges.map(({ template, status }) => `${template} ${status}`).slice(2)).toEqual([
    "/Client 401",
    "/auth/token 200",
    "/Client 200",
  ]);
});

it("says that nobody has signed in when there is no secret and no sign-in (VEN-14)", async () => {
  const result = await connection("halopsa", { keys: { ...halo.native } }).call("halo_search_clients", {});
  expect(result).toMatchObject({ ok: false, error: { code: "NOT_CONNECTED" } });
  expect(fakes.exchanges).toEqual([]);
});

it("reads reference lists that are bare arrays at one Halo and envelopes at another (VEN-21)", async () => {
  const mine = await answerOf("halo_list_choices", { kind: "status" });
  const theirs = await answerOf("halo_list_choices", { kind: "status" }, otherKeys.halopsa);
  expect(mine["choices"]).toEqual(theirs["choices"]);
  expect(mine["choices"]).toContainEqual({ id: 9, name: "Closed" });
});

it("pages with pageinate and page_no, from a cursor without a gap or a repeat (VEN-24)", async () => {
  const seen: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await answerOf("halo_search_tickets", { limit: 30, ...(cursor && { cursor }) });
    seen.push(...(page["tickets"] as { id: number }[]).map(({ id }) => id));
    cursor = page["next_cursor"] as string | undefined;
  } while (cursor);
  const open = state.tickets.filter(({ hasbeenclosed }) => !hasbeenclosed).map(({ id }) => id);
  expect(seen).toEqual(open.toSorted((a, b) => b - a));
  const asked = calls().filter(({ template }) => template === "/Tickets");
  for (const { url } of asked) {
    expect(url.searchParams.get("pageinate")).toBe("true");
    expect(Number(url.searchParams.get("page_no"))).toBeGreaterThan(0);
    expect(url.searchParams.get("page_size")).toBe("30");
    expect(url.searchParams.get("open_only")).toBe("true");
    expect(url.searchParams.has("datesearch")).toBe(false);
  }
});

it("names the field that dates are about only when there are dates", async () => {
  await answerOf("halo_search_tickets", { until: "2026-01-01T00:00:00Z", state: "all" });
  const { searchParams } = calls().find(({ template }) => template === "/Tickets")!.url;
  expect([searchParams.get("datesearch"), searchParams.get("enddate"), searchParams.has("startdate")]).toEqual([
    "dateoccured",
    "2026-01-01T00:00:00Z",
    false,
  ]);
});

it("asks for labels once an hour, not once a call, and keeps those of two MSPs apart (VEN-21)", async () => {
  const { call } = connection("halopsa");
  for (let index = 0; index < 3; index++) await call("halo_search_tickets", { status: "New" });
  expect(calls().filter(({ template }) => template === "/Status")).toHaveLength(1);
  halo.states.get(otherKeys.halopsa.host)!.statuses[0]!.name = "Fresh";
  const other = await answerOf("halo_search_tickets", { status: "fresh" }, otherKeys.halopsa);
  expect((other["tickets"] as { status: string }[])[0]).toMatchObject({ status: "Fresh" });
  halo.states.get(otherKeys.halopsa.host)!.statuses[0]!.name = "New";
});

it("names the valid statuses when one is not known, and sends nothing", async () => {
  const result = await connection("halopsa").call("halo_update_ticket", { ticketId: 2801, status: "Done" });
  expect(result).toMatchObject({ ok: false, error: { code: "NO_MATCH" } });
  if (!result.ok) expect(JSON.stringify(result.error)).toMatch(/New.*In Progress.*With User.*Closed/);
  expect(calls().filter(({ method }) => method === "POST")).toEqual([]);
});

it("wraps what it changes in an array, with the id to change and without one to make (VEN-21)", async () => {
  await answerOf("halo_update_ticket", { ticketId: 2808, priority: "Low" });
  await answerOf("halo_add_note", { ticketId: 2808, text: "Hello" });
  const sent = calls()
    .filter(({ method }) => method === "POST")
    .map(({ body }) => JSON.parse(body) as object[]);
  expect(sent[0]).toEqual([{ id: 2808, priority_id: 4 }]);
  expect(sent[1]).toEqual([{ ticket_id: 2808, outcome_id: 7, note: "Hello", hiddenfromuser: true, sendemail: false }]);
});

it("never makes a second ticket of one that is not there, and passes on what Halo says (VEN-25)", async () => {
  const before = state.tickets.length;
  const result = await connection("halopsa").call("halo_update_ticket", { ticketId: 99, priority: "Low" });
  expect(result).toMatchObject({
    ok: false,
    error: { code: "VENDOR_REJECTED", vendorSaid: "Ticket 99 does not exist" },
  });
  expect(state.tickets).toHaveLength(before);
});

it("tells a refusal that is bare text from one that is an object, and never repeats a change (VEN-25)", async () => {
  halo.trouble.next(() => new Response("Feature is off", { status: 400, headers: { "content-type": "text/plain" } }), {
    match: "POST /Actions",
  });
  const args = { ticketId: 2809, text: "Once" };
  expect(await connection("halopsa").call("halo_add_note", args)).toMatchObject({
    ok: false,
    error: { code: "VENDOR_REJECTED" },
  });
  halo.trouble.next(down(503), { match: "POST /Actions", times: 5 });
  expect(await connection("halopsa").call("halo_add_note", args)).toMatchObject({
    ok: false,
    error: { code: "VENDOR_UNAVAILABLE" },
  });
  expect(calls().filter(({ method }) => method === "POST")).toHaveLength(2);
});

it("answers the rest of an overview when one part may not be read (VEN-25)", async () => {
  halo.trouble.next(refused(403, {}), { match: "GET /Invoice" });
  const overview = await answerOf("halo_client_overview", { clientId: 4001 });
  expect(overview["client"]).toMatchObject({ name: "Contoso Dental" });
  expect(overview["unpaid"]).toBe(undefined);
});

it("maps no SQL, no secrets of others, no impersonation and no delete", () => {
  const mapped = coreOperations(readFileSync("vendors.yaml", "utf8"), "halopsa")!;
  expect(mapped.length).toBeGreaterThan(20);
  for (const operation of mapped) {
    expect(operation).toMatch(/^(GET|POST) /);
    expect(operation).not.toMatch(
      /\/(Report|CustomQuery|PasswordField|Control|Certificate|IntegrationConfiguration|ImpersonationRequest|Webhook)\b/,
    );
  }
  expect(mapped.filter((operation) => operation.startsWith("POST "))).toEqual([
    "POST /Actions",
    "POST /Appointment",
    "POST /Tickets",
  ]);
});

const { document, complete } = readDocument("halopsa");
it.skipIf(!complete)(
  "is played by a fake that sends no field but the vendor's own, in the vendor's types (DOC-07)",
  async () => {
    const { client } = connection("halopsa");
    const ask = client as unknown as Record<string, (...args: object[]) => AsyncIterable<object> | Promise<object>>;
    const lists: Record<string, [schema: string, args?: object]> = {
      listTickets: ["Faults"],
      listActions: ["Actions", { ticket_id: 2801 }],
      listAttachments: ["Attachment", { ticket_id: 2801 }],
      listClients: ["Area"],
      listSites: ["Site"],
      listUsers: ["Users"],
      listAssets: ["Device"],
      listContracts: ["ContractHeader"],
      listInvoices: ["InvoiceHeader"],
      listArticles: ["KBEntry"],
      listAppointments: ["Appointment"],
      listStatuses: ["TStatus"],
      listPriorities: ["Policy"],
      listTicketTypes: ["RequestType"],
      listTeams: ["SectionDetail"],
      listAgents: ["Uname"],
      listCategories: ["CategoryDetail"],
      listOutcomes: ["TOutcome"],
      listAssetTypes: ["Xtype"],
    };
    const ajv = ajvFor(document);
    for (const [name, [schema, args = {}]] of Object.entries(lists)) {
      const validate = ajv.compile({ $ref: `vendor#/components/schemas/${schema}` });
      let count = 0;
      for await (const item of ask[name]!(args) as AsyncIterable<object>) {
        // Moments come without the Z that the document's format asks for.
        const given = Object.fromEntries(
          Object.entries(item)
            .filter(([, value]) => value !== null)
            .map(([key, value]) => [key, /^\d{4}-\d\d-\d\dT[\d:]{8}$/.test(String(value)) ? `${value}Z` : value]),
        );
        expect(unknownFields(document, { $ref: `#/components/schemas/${schema}` }, given, name)).toEqual([]);
        expect(validate(given), `${name}: ${ajv.errorsText(validate.errors)}`).toBe(true);
        count++;
      }
      expect(count, name).toBeGreaterThan(0);
    }
  },
);

it("lets a person decide before a customer is mailed, shown a note or loses an open ticket, and about nothing else (VEN-23)", () => {
  expect(toolOf("halo_email_client").confirm).toMatchObject({ ask: expect.stringContaining("{to}") });
  expect(toolOf("halo_close_ticket").confirm?.when).toBe(undefined);
  const { confirm } = toolOf("halo_add_note");
  expect([true, false].map((hidden) => confirm?.when?.({ hidden }))).toEqual([false, true]);
  for (const name of ["halo_create_ticket", "halo_update_ticket", "halo_log_time", "halo_book_appointment"])
    expect(toolOf(name).confirm).toBe(undefined);
});
