import fc from "fast-check";
import { expect, it } from "vitest";
import { readCondition } from "../fakes/connectwise-psa-conditions.ts";
import { demoKeys, otherKeys } from "../fakes/keys.ts";
import { secrets } from "../fakes/nasty.ts";
import { down, refused } from "../fakes/trouble.ts";
import { useFakes } from "../fakes/use.ts";
import { connection } from "./vendor.ts";

const slug = "connectwise-psa";
const fakes = useFakes();
const psa = fakes[slug];
const state = psa.states.get(demoKeys[slug].companyId)!;
const calls = () => psa.exchanges.filter(({ outside }) => !outside);
const lobby = () => psa.exchanges.filter(({ outside }) => outside);

async function answerOf(tool: string, args: object, keys: Record<string, string> = demoKeys[slug]) {
  const result = await connection(slug, { keys }).call(tool, args);
  if (!result.ok) throw result.error;
  return result.value as Record<string, never>;
}

it("signs in with company, keys and client id at the API's own host, and pins the version (VEN-18)", async () => {
  await answerOf("cwpsa_search_companies", { name: "contoso" });
  const { companyId, publicKey, privateKey, clientId } = demoKeys[slug];
  const [{ url, headers }] = calls() as [(typeof psa.exchanges)[number]];
  expect(url.href).toMatch(/^https:\/\/api-na\.myconnectwise\.net\/v2026_4\/apis\/3\.0\/company\/companies\?/);
  expect(url.href).not.toContain(privateKey);
  expect(Object.fromEntries(headers)).toMatchObject({
    authorization: `Basic ${btoa(`${companyId}+${publicKey}:${privateKey}`)}`,
    clientid: clientId,
    accept: "application/vnd.connectwise.com+json; version=2026.4",
  });
});

it("asks once where the company lives, without a key (VEN-18)", async () => {
  const { call, verify } = connection(slug);
  await verify();
  await call("cwpsa_search_companies", {});
  await call("cwpsa_search_contacts", {});
  expect(lobby().map(({ url }) => url.href)).toEqual(["https://na.myconnectwise.net/login/companyinfo/bluepeak"]);
  expect(lobby()[0]!.headers.has("authorization")).toBe(false);
  expect(calls().map(({ status }) => status)).toEqual([200, 200, 200]);
});

it("finds a server of one's own, on the codebase that it names (VEN-18)", async () => {
  await answerOf("cwpsa_search_companies", {}, otherKeys[slug]);
  expect(psa.exchanges.map(({ url }) => url.origin + url.pathname)).toEqual([
    "https://psa.harbor-finch.example/login/companyinfo/harborfinch",
    "https://psa.harbor-finch.example/v4_6_release/apis/3.0/company/companies",
  ]);
});

it("takes no codebase that is more than a name, and sends no key then (VEN-18)", async () => {
  for (const Codebase of ["../../evil", "v1/../..", "@evil.example/", "", null, { a: 1 }]) {
    psa.trouble.next(() => Response.json({ Codebase }), { match: "GET /login" });
    const result = await connection(slug).call("cwpsa_search_companies", {});
    expect(result, String(Codebase)).toMatchObject({ ok: false, error: { code: "VENDOR_NOT_FOUND" } });
  }
  expect(calls()).toEqual([]);
});

it("says that a company is not known there (VEN-25)", async () => {
  const keys = { ...demoKeys[slug], companyId: "nobody" };
  const result = await connection(slug, { keys }).call("cwpsa_search_companies", {});
  expect(result).toMatchObject({ ok: false, error: { code: "VENDOR_NOT_FOUND" } });
});

it("reads on from a cursor by the Link header, without a gap or a repeat (VEN-24)", async () => {
  psa.trouble.pageSize = 7;
  const seen: number[] = [];
  const { call } = connection(slug);
  let cursor: string | undefined;
  do {
    const result = await call("cwpsa_search_configurations", { limit: 10, ...(cursor && { cursor }) });
    if (!result.ok) throw result.error;
    const page = result.value as { configurations: { id: number }[]; next_cursor?: string; truncated: boolean };
    expect(page.truncated).toBe(page.next_cursor !== undefined);
    seen.push(...page.configurations.map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor);
  const all = [...state.tables.configurations].sort((a, b) => String(a["name"]).localeCompare(String(b["name"])));
  expect(seen).toEqual(all.map(({ id }) => id));
});

it("goes to no other host for a next page (VEN-24)", async () => {
  psa.trouble.next(
    () =>
      Response.json([{ id: 1, name: "A" }], {
        headers: { link: '<https://evil.example/company/companies?page=2>; rel="next"' },
      }),
    { match: "GET /company/companies" },
  );
  await connection(slug).call("cwpsa_search_companies", { limit: 50 });
  for (const { url } of psa.exchanges) expect(url.host).toMatch(/^(api-)?na\.myconnectwise\.net$/);
});

it("asks for the fields that its tools name, and drops others that come all the same", async () => {
  psa.trouble.next(
    () => Response.json([{ id: 1, firstName: "Ada", portalPassword: secrets.github, _info: { token: secrets.aws } }]),
    { match: "GET /company/contacts" },
  );
  const { contacts } = await answerOf("cwpsa_search_contacts", {});
  expect(contacts).toEqual([{ id: 1, firstName: "Ada" }]);
  expect(calls()[0]!.url.searchParams.get("fields")).toBe(
    "communicationItems,company/id,company/name,defaultPhoneNbr,firstName,id,lastName",
  );
});

it("keeps every value of a filter in its quotes", { timeout: 60_000 }, async () => {
  const { call } = connection(slug);
  const text = fc.oneof(
    fc.string({ minLength: 1, maxLength: 30 }),
    fc.constantFrom(
      `" or id > 0 or name contains "`,
      `' or 1 = 1`,
      `\\" or id > 0`,
      `a" b' c`,
      "%",
      "[2026-01-01]",
      "a\nb",
    ),
  );
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      fakes.clear();
      const result = await call("cwpsa_search_tickets", { text: value, company: "no such company" });
      if (!result.ok) {
        expect(result.error.code).toBe("INVALID_INPUT");
        expect(psa.exchanges.filter(({ template }) => template.includes("search"))).toEqual([]);
        return;
      }
      expect(result.value).toMatchObject({ tickets: [] });
      const { conditions } = JSON.parse(calls().at(-1)!.body) as { conditions: string };
      expect(readCondition(conditions)({ summary: "other", company: { name: "Contoso" } })).toBe(false);
    }),
    { numRuns: 60 },
  );
});

it("asks for items of a list in childConditions, as plain conditions are refused there", async () => {
  await answerOf("cwpsa_search_contacts", { email: "ada@", lastName: "O'Brien" });
  const { searchParams } = calls()[0]!.url;
  expect(searchParams.get("childConditions")).toBe('communicationItems/value contains "ada@"');
  expect(searchParams.get("conditions")).toBe(`lastName contains "O'Brien" and inactiveFlag = false`);
});

it("writes dates in brackets, in UTC and whole seconds", async () => {
  await answerOf("cwpsa_search_tickets", { since: "2026-11-20T08:30:00.25+02:00" });
  expect(JSON.parse(calls()[0]!.body)).toEqual({
    orderBy: "_info/lastUpdated desc",
    conditions: "_info/lastUpdated > [2026-11-20T06:30:00Z]",
  });
});

it("sends a change as replacements of whole fields, and none when nothing is to change", async () => {
  await answerOf("cwpsa_update_ticket", { id: 1003, priority: "priority 2 - high", due: "2026-12-24T00:00:00Z" });
  const { body, headers } = calls().find(({ method }) => method === "PATCH")!;
  expect(headers.get("content-type")).toMatch(/^application\/json/);
  expect(JSON.parse(body)).toEqual([
    { op: "replace", path: "priority", value: { id: 2 } },
    { op: "replace", path: "requiredDate", value: "2026-12-24T00:00:00Z" },
  ]);
  fakes.clear();
  expect(await connection(slug).call("cwpsa_update_ticket", { id: 1003 })).toMatchObject({
    ok: false,
    error: { code: "INVALID_INPUT" },
  });
  expect(calls().filter(({ method }) => method !== "GET")).toEqual([]);
});

it("names the statuses of the ticket's own board when one is not known, and changes nothing (VEN-21)", async () => {
  const result = await connection(slug).call("cwpsa_update_ticket", { id: 1003, status: "Escalated" });
  expect(result).toMatchObject({ ok: false, error: { code: "NO_MATCH" } });
  if (!result.ok) expect(JSON.stringify(result.error)).toMatch(/New.*In Progress.*Waiting Customer/);
  // Closing is another tool, which asks a person first.
  if (!result.ok) expect(JSON.stringify(result.error)).not.toContain("Completed");
  expect(calls().filter(({ method }) => method !== "GET")).toEqual([]);
});

it("closes with a closing status only", async () => {
  const result = await connection(slug).call("cwpsa_close_ticket", { id: 1003, resolution: "Done.", status: "New" });
  expect(result).toMatchObject({ ok: false, error: { code: "NO_MATCH" } });
  if (!result.ok) expect(JSON.stringify(result.error)).not.toContain("In Progress");
  expect(calls().filter(({ method }) => method !== "GET")).toEqual([]);
});

it("tells what was done when the second of two changes fails, and repeats neither (VEN-25)", async () => {
  psa.trouble.next(down(503), { match: "PATCH /service/tickets", times: 5 });
  const value = await answerOf("cwpsa_close_ticket", { id: 1003, resolution: "Done.", status: "Completed" });
  expect(value).toMatchObject({ done: ["note"], failed: [{ step: "closed", code: "VENDOR_UNAVAILABLE" }] });
  expect(calls().filter(({ method }) => method === "PATCH")).toHaveLength(1);
});

it("names companies when one name is not enough, and makes no ticket", async () => {
  const make = (company: string) =>
    connection(slug).call("cwpsa_create_ticket", { company, board: "Help Desk", summary: "Test" });
  expect(await make("a")).toMatchObject({ ok: false, error: { code: "AMBIGUOUS" } });
  expect(await make("Nobody Ltd")).toMatchObject({ ok: false, error: { code: "NO_MATCH" } });
  expect(calls().filter(({ template, method }) => method === "POST" && template === "/service/tickets")).toEqual([]);
  expect(await make("21")).toMatchObject({ ok: true });
});

it("asks for members once an hour, and never mixes those of two MSPs", async () => {
  const { call } = connection(slug);
  for (const owner of ["TOkada", "JBerg"]) await call("cwpsa_update_ticket", { id: 1003, owner });
  expect(calls().filter(({ template }) => template === "/system/members")).toHaveLength(1);
  const theirs = psa.states.get(otherKeys[slug].companyId)!;
  theirs.tables.members[1]!["identifier"] = "XOther";
  const other = await answerOf("cwpsa_update_ticket", { id: 1003, owner: "xother" }, otherKeys[slug]);
  expect(other).toMatchObject({ ticket: { owner: "XOther" } });
  expect(await connection(slug).call("cwpsa_update_ticket", { id: 1003, owner: "xother" })).toMatchObject({
    ok: false,
  });
});

it("passes on which field was refused, and that a record is not there (VEN-25)", async () => {
  const noted = await connection(slug).call("cwpsa_add_ticket_note", { ticketId: 999_999, text: "x" });
  expect(noted).toMatchObject({ ok: false, error: { code: "VENDOR_NOT_FOUND" } });
  const logged = await connection(slug).call("cwpsa_log_time", {
    ticketId: 1003,
    member: "TOkada",
    start: "2026-11-20T08:00:00Z",
  });
  expect(logged).toMatchObject({
    ok: false,
    error: { code: "VENDOR_REJECTED", vendorSaid: "Either timeEnd or actualHours is required." },
  });
});

it("does not log the same time twice when the answer is lost (VEN-25)", async () => {
  psa.trouble.next(refused(502, {}), { match: "POST /time/entries" });
  const args = { ticketId: 1003, member: "TOkada", start: "2026-11-20T08:00:00Z", hours: 1 };
  expect((await connection(slug).call("cwpsa_log_time", args)).ok).toBe(false);
  expect(calls().filter(({ template, method }) => method === "POST" && template === "/time/entries")).toHaveLength(1);
});
