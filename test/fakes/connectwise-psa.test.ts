import { existsSync, readFileSync } from "node:fs";
import { setupServer } from "msw/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkAnswer } from "./answers.ts";
import { createPsaFake, readPsa } from "./connectwise-psa.ts";
import { readCondition } from "./connectwise-psa-conditions.ts";
import { createWorld } from "./world.ts";

const keys = {
  site: "na.myconnectwise.net",
  companyId: "bluepeak",
  publicKey: "PublicKey",
  privateKey: "private-key",
  clientId: "00000000-0000-4000-8000-000000000001",
};
const fake = createPsaFake([{ keys, world: createWorld({ now: Date.parse("2026-11-20T12:00:00Z") }) }]);
const server = setupServer(...fake.handlers);
beforeAll(() => server.listen());
afterAll(() => server.close());

const base = "https://api-na.myconnectwise.net/v2026_4/apis/3.0";
const psa = (path: string, { method = "GET", body }: { method?: string; body?: unknown } = {}) =>
  fetch(base + path, {
    method,
    headers: {
      authorization: `Basic ${btoa("bluepeak+PublicKey:private-key")}`,
      clientid: keys.clientId,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const ids = async (query: string) =>
  ((await (await psa(`/company/companies?${query}`)).json()) as { id: number }[]).map(({ id }) => id);

it("tells the codebase to anybody and answers keys only there", async () => {
  const found = await fetch("https://na.myconnectwise.net/login/companyinfo/bluepeak");
  expect(await found.json()).toMatchObject({ Codebase: "v2026_4/" });
  expect((await fetch(`${base}/system/info`)).status).toBe(401);
  expect((await psa("/system/info")).status).toBe(200);
});

it("pages with a Link header and picks fields", async () => {
  const first = await psa("/service/tickets/search?pageSize=2&fields=id,company/name", { method: "POST", body: {} });
  expect(await first.json()).toEqual([
    { id: 1001, company: { name: "Contoso Dental" } },
    { id: 1002, company: { name: "Contoso Dental" } },
  ]);
  expect(first.headers.get("link")).toMatch(
    /^<https:\/\/api-na\.myconnectwise\.net\/v2026_4\/apis\/3\.0\/service\/tickets\/search\?.*page=2>; rel="next", /,
  );
  const all = await psa("/company/companies");
  expect(all.headers.get("link")).toBeNull();
});

it("reads conditions", async () => {
  expect(await ids(`conditions=${encodeURIComponent('name contains "o" and status/id = 1')}`)).toEqual([21, 22, 23]);
  expect(await ids(`conditions=${encodeURIComponent("identifier in ('NWL', 'FAB')")}`)).toEqual([22, 23]);
  expect(await ids(`childConditions=${encodeURIComponent('types/name="Prospect"')}`)).toEqual([24]);
  const refused = await psa(`/company/companies?conditions=${encodeURIComponent('types/name = "Client"')}`);
  expect(await refused.json()).toMatchObject({ code: "ApiFindCondition", message: expect.stringContaining("child") });
  const row = { a: { b: "x" }, n: 3, at: "2026-11-20T10:00:00Z", none: null, flag: false };
  for (const yes of [
    'a/b = "X" and n > 2',
    "(n = 1 or n = 3) and flag = False",
    "at > [2026-11-20T09:00:00Z] and none = null and a/b != null",
    'a/b not contains "y" and a/b like "x%"',
  ])
    expect(readCondition(yes)(row), yes).toBe(true);
  for (const bad of ['a = "b', "a =", "a = 1 b = 2", "at > [2026-11-20T09:00:00.123Z]"])
    expect(() => readCondition(bad), bad).toThrow();
});

it("changes whole fields only, and takes no fractions of seconds", async () => {
  const patch = (body: unknown) => psa("/service/tickets/1001", { method: "PATCH", body });
  const replace = (path: string, value: unknown) => [{ op: "replace", path, value }];
  expect(await (await patch(replace("owner", { id: 102 }))).json()).toMatchObject({ owner: { identifier: "TOkada" } });
  expect(await (await patch(replace("owner/id", 103))).json()).toMatchObject({ owner: { identifier: "TOkada" } });
  expect((await patch(replace("status", { id: 201 }))).status).toBe(400);
  expect((await patch(replace("requiredDate", "2026-12-01T00:00:00.000Z"))).status).toBe(400);
});

const published = new URL(
  "../../../shared/vendor-specs/connectwise-psa/cwm-msp-core.derived.openapi.json",
  import.meta.url,
);

it.skipIf(!existsSync(published))("answers every mapped read as the vendor's document says (DOC-07)", async () => {
  const document = readPsa(readFileSync(published, "utf8"));
  const lists = [
    ..."/service/boards /service/priorities /service/sources /system/members /time/entries /time/workTypes".split(" "),
    ..."/time/workRoles /schedule/types /schedule/entries /company/companies /company/contacts".split(" "),
    ..."/company/configurations /finance/agreements /finance/invoices /sales/opportunities /project/projects".split(
      " ",
    ),
    ..."/service/tickets/count /company/configurations/count /system/info".split(" "),
  ].map((path) => [path, path] as const);
  const within = [
    ..."notes allNotes tasks configurations scheduleentries"
      .split(" ")
      .slice(1)
      .map((part) => [`/service/tickets/{parentId}/${part}`, `/service/tickets/1001/${part}`] as const),
    ["/service/tickets/{id}", "/service/tickets/1001"],
    ["/service/boards/{parentId}/statuses", "/service/boards/1/statuses"],
    ["/service/boards/{parentId}/types", "/service/boards/1/types"],
    ["/company/companies/{id}", "/company/companies/21"],
    ["/company/companies/{parentId}/sites", "/company/companies/21/sites"],
    ["/finance/agreements/{parentId}/additions", "/finance/agreements/501/additions"],
    ["/project/projects/{parentId}/phases", "/project/projects/301/phases"],
  ] as const;
  const problems: string[] = [];
  for (const [template, path] of [...lists, ...within]) {
    const response = await psa(path);
    problems.push(...checkAnswer(document, "GET", template, response.status, await response.json()));
  }
  for (const path of ["/service/tickets/search", "/project/tickets/search"]) {
    const response = await psa(path, { method: "POST", body: {} });
    problems.push(...checkAnswer(document, "POST", path, response.status, await response.json()));
  }
  expect(problems).toEqual([]);
});
