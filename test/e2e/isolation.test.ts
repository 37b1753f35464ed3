import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { demoKeys, otherKeys, type VendorSlug } from "../fakes/keys.ts";
import { type Served, serveFakes } from "../fakes/serve.ts";
import { type Authorized, authorize, refresh } from "./authorize.ts";
import type { Browser } from "./browser.ts";
import { suites } from "./cases.ts";
import { connectClient } from "./clients.ts";
import { browserOf, type Gateway, type Person, startGateway } from "./gateway.ts";

/** Two people of two MSPs on one gateway, with accounts at the same vendors that hold the same ids. */
interface Party {
  name: string;
  person: Person;
  keys: typeof demoKeys | typeof otherKeys;
  browser: Browser;
  tokens: Record<VendorSlug, Authorized>;
  connected: Record<VendorSlug, boolean>;
  /** What each vendor answers this person when nobody else is there. */
  alone: Record<VendorSlug, string>;
}

const slugs = Object.keys(suites) as VendorSlug[];
let served: Served;
let gateway: Gateway;
let parties: [Party, Party];

beforeAll(async () => {
  served = await serveFakes({ validate: true });
  gateway = await startGateway({ origins: served.origins });
  const party = async (name: string, email: string, keys: Party["keys"]): Promise<Party> => {
    const person = await gateway.person(email);
    const browser = browserOf(gateway);
    const tokens = {} as Party["tokens"];
    for (const vendor of slugs)
      tokens[vendor] = await authorize(gateway, browser, { vendor, person, keys: keys[vendor] });
    return {
      name,
      person,
      keys,
      browser,
      tokens,
      connected: Object.fromEntries(slugs.map((slug) => [slug, true])) as Party["connected"],
      alone: {} as Party["alone"],
    };
  };
  parties = [
    await party("Bluepeak IT", "ann@bluepeak.example", demoKeys),
    await party("Harbor & Finch IT", "bob@harbor.example", otherKeys),
  ];
  for (const who of [0, 1] as const)
    for (const vendor of slugs) {
      const party = parties[who];
      party.alone[vendor] = await perform(party, { who, vendor, what: "call" });
    }
}, 120_000);

afterAll(async () => {
  await gateway?.close();
  await served?.close();
});

type Act = {
  who: 0 | 1;
  vendor: VendorSlug;
  what: "list" | "call" | "settings" | "refresh" | "revoke" | "connect" | "replace";
};

const act: fc.Arbitrary<Act> = fc.record({
  who: fc.constantFrom(0 as const, 1 as const),
  vendor: fc.constantFrom(...slugs),
  what: fc.constantFrom("list", "call", "call", "call", "settings", "refresh", "revoke", "connect", "replace"),
});

it("asks questions that tell the two apart, of equal ids", () => {
  for (const vendor of slugs) {
    const [ann, bob] = parties.map(({ alone }) => alone[vendor]);
    expect(ann, vendor).not.toBe(bob);
    expect(ann!.length, vendor).toBeGreaterThan(100);
  }
});

it("shows two people nothing of each other, however their calls interleave (TEN-01)", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 14 }), async (acts) => {
      served.fakes.clear();
      const said: [string, string] = ["", ""];
      // Each person does one thing after another; the two do so side by side.
      const mine = (who: 0 | 1) =>
        acts
          .filter((each) => each.who === who)
          .reduce(async (before, each) => {
            await before;
            said[who] += await perform(parties[who], each);
          }, Promise.resolve());
      await Promise.all([mine(0), mine(1)]);

      expect(said[0]).not.toContain("Harbor & Finch IT");
      expect(said[0]).not.toContain(parties[1].person.email);
      expect(said[1]).not.toContain(parties[0].person.email);
      expect(said[1].match(/Contoso Dental(?! - (Seattle|Tacoma) \(Harbor| \(Harbor)/)).toBeNull();
      for (const { vendor, headers, url, body, account } of served.requests) {
        const stranger = account === "Bluepeak IT" ? otherKeys : account && demoKeys;
        const sent = `${[...headers].join()} ${url} ${body}`;
        if (stranger) for (const secret of secretsOf(vendor, stranger)) expect(sent).not.toContain(secret);
      }
    }),
    { numRuns: 20, endOnFailure: true },
  );
}, 120_000);

it("writes every row of the audit log for the organisation of who acted", async () => {
  const rows = await gateway.app.db
    .selectFrom("audit_events")
    .select(["org_id", "actor_id"])
    .where("actor_type", "=", "user")
    .execute();
  const orgs = await gateway.app.db.selectFrom("memberships").select(["user_id", "org_id"]).execute();
  expect(rows.length).toBeGreaterThan(20);
  for (const { org_id, actor_id } of rows)
    expect(orgs.find(({ user_id }) => user_id === actor_id)?.org_id).toBe(org_id);
});

it("opens no connection of one for the token of the other (OAU-09)", async () => {
  const [ann, bob] = parties;
  for (const vendor of slugs) await perform(ann, { who: 0, vendor, what: "connect" });
  const other = vendorPath(bob.tokens["datto-rmm"], "itglue");
  expect((await other).status).toBe(401);
  const connection = await gateway.app.db
    .selectFrom("connections")
    .select("id")
    .where("owner_id", "=", ann.person.id)
    .where("vendor", "=", "itglue")
    .where("status", "!=", "revoked")
    .executeTakeFirstOrThrow();
  const page = await bob.browser.get(`/connect/itglue?replace=${connection.id}`);
  expect(page.status).toBe(404);
  expect(page.html).not.toContain(ann.person.email);
});

it("keeps each account to its own four calls at a time; one does not wait for the other (VEN-26)", async () => {
  for (const [who, party] of parties.entries())
    await perform(party, { who: who as 0 | 1, vendor: "itglue", what: "connect" });
  served.fakes.clear();
  const busyKey = demoKeys.itglue.apiKey;
  const { promise: otherIsDone, resolve: letBusyGo } = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  served.fakes.itglue.trouble.next(
    async ({ request }) => {
      if (request.headers.get("x-api-key") !== busyKey) return undefined;
      most = Math.max(most, ++running);
      await otherIsDone; // for ever, if the other had to wait for these
      running--;
      return undefined;
    },
    { match: "GET /organizations", times: 100 },
  );
  const ask = async (party: Party, calls: number) => {
    const client = await connectClient("2026-07-28", `${gateway.url}/v1/itglue`, party.tokens.itglue.accessToken);
    const answers = await Promise.all(Array.from({ length: calls }, () => client.callTool(question("itglue"))));
    for (const answer of answers) expect(answer.isError ?? false).toBe(false);
    await client.close();
  };
  const busy = ask(parties[0], 40);
  await vi.waitFor(() => expect(running).toBe(4), { timeout: 10_000 });
  await ask(parties[1], 2);
  letBusyGo();
  await busy;
  expect([most, running]).toEqual([4, 0]);
});

const vendorPath = ({ accessToken }: Authorized, vendor: string) =>
  fetch(`${gateway.url}/v1/${vendor}`, {
    method: "POST",
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    body: "{}",
  });

/** Does one thing and gives back everything that person got to see. */
async function perform(party: Party, { vendor, what }: Act): Promise<string> {
  const { browser, tokens, keys, connected } = party;
  switch (what) {
    case "list":
    case "call": {
      const client = await connectClient("2026-07-28", `${gateway.url}/v1/${vendor}`, tokens[vendor].accessToken);
      try {
        if (what === "list") return JSON.stringify(await client.listTools());
        const answer = await client.callTool(question(vendor));
        expect(answer.isError ?? false, JSON.stringify(answer)).toBe(!connected[vendor]);
        // Cursors are sealed anew each time.
        const { next_cursor, ...said } = answer.structuredContent ?? {};
        const text = JSON.stringify(answer.isError ? answer : said);
        if (!answer.isError && party.alone[vendor]) expect(text).toBe(party.alone[vendor]);
        return text;
      } finally {
        await client.close();
      }
    }
    case "refresh": {
      const { status, body } = await refresh(gateway, tokens[vendor]);
      expect(status).toBe(200);
      Object.assign(tokens[vendor], { accessToken: body.access_token, refreshToken: body.refresh_token });
      return "";
    }
    case "settings":
      return (await browser.get("/settings")).html + (await browser.get("/settings/vendors")).html;
    case "revoke": {
      let seen = "";
      for (let row = await ownConnection(party, vendor); row; row = await ownConnection(party, vendor)) {
        const question = await browser.get(`/settings/revoke?connection=${row.id}`);
        seen += question.html + (await browser.submit(question, {}, "/settings/revoke")).html;
      }
      connected[vendor] = false;
      return seen;
    }
    case "connect":
    case "replace": {
      const row = what === "replace" ? await ownConnection(party, vendor) : undefined;
      const form = await browser.get(`/connect/${vendor}${row ? `?replace=${row.id}` : ""}`);
      const done = await browser.submit(
        form,
        Object.fromEntries(Object.entries(keys[vendor]).map(([name, value]) => [`credential.${name}`, value])),
      );
      connected[vendor] = true;
      return form.html + done.html;
    }
  }
}

const ownConnection = ({ person }: Party, vendor: string) =>
  gateway.app.db
    .selectFrom("connections")
    .select("id")
    .where("owner_id", "=", person.id)
    .where("vendor", "=", vendor)
    .where("status", "!=", "revoked")
    .orderBy("created_at", "desc")
    .executeTakeFirst();

/** Where both have the same scripts, these tell nothing. */
const otherQuestions: Partial<Record<VendorSlug, string>> = {
  superops: "superops_search_clients",
  "connectwise-automate": "cwa_list_clients",
  autotask: "autotask_search_companies",
};

/** One reading tool of each vendor, asked the same by both. */
function question(vendor: VendorSlug) {
  const other = otherQuestions[vendor];
  if (other) return { name: other, arguments: {} };
  const { tool, args } = suites[vendor].failing;
  return { name: tool, arguments: args };
}

const secretsOf = (vendor: string, keys: Party["keys"]): string[] =>
  gateway.app.vendors
    .get(vendor)!
    .credentials.fields.filter(({ secret }) => secret)
    .map(({ name }) => (keys[vendor as VendorSlug] as Record<string, string>)[name])
    .filter((value) => value !== undefined);
