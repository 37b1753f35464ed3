import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { verifyToken } from "../../../gateway/oauth/verifier.ts";
import {
  authorizationRequest,
  Browser,
  exchange,
  json,
  refresh,
  signIn,
  type Tokens,
  tokenRequest,
  walk,
} from "./browser.ts";
import { DOCS, type House, ISSUER, openHouse, type Person, RMM } from "./house.ts";

let house: House;
let person: Person;
beforeAll(async () => {
  house = await openHouse();
});
beforeEach(async () => {
  person = await house.person();
  await person.connect("acme-rmm");
  await person.connect("acme-docs");
});
afterAll(() => house.close());

const works = async (token: string) => (await verifyToken(house.app, token)) !== undefined;
const tokensOf = async (answer: Response) => (await answer.json()) as Tokens;

async function code(changes: Record<string, string> = {}) {
  const request = authorizationRequest(changes);
  const { result } = await walk(new Browser(house), request.url, { person });
  return { code: result.code!, verifier: request.verifier };
}

/** Moves the clock of gateway and library alike. */
const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);

async function withClock(work: () => Promise<void>) {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  try {
    await work();
  } finally {
    vi.useRealTimers();
  }
}

describe("trading a code", () => {
  it("gives an opaque token that says who calls, and a refresh token without asking for one (OAU-01, OAU-03)", async () => {
    const tokens = await signIn(house, person);
    expect(tokens).toMatchObject({ token_type: "Bearer", expires_in: 600, scope: "acme-rmm:read" });
    expect(tokens.access_token).toMatch(/^[\w-]{43}$/);
    expect(tokens.refresh_token).toMatch(/^[\w-]{43}$/);
    expect(await verifyToken(house.app, tokens.access_token)).toMatchObject({
      userId: person.id,
      orgId: person.org,
      role: "owner",
      clientName: "Claude Code",
      audience: RMM,
      reach: new Map([["acme-rmm", expect.stringMatching(/^con_/)]]),
      policy: { version: 1, document: { switches: { write: false } } },
      scopes: new Set(["acme-rmm:read"]),
    });
  });

  it("works once; a second time ends what the first one gave", async () => {
    const { code: used, verifier } = await code();
    const first = await tokensOf(await exchange(house, used, verifier));
    expect(await works(first.access_token)).toBe(true);
    const again = await exchange(house, used, verifier);
    expect([again.status, (await tokensOf(again)).error]).toEqual([400, "invalid_grant"]);
    expect(await works(first.access_token)).toBe(false);
    expect((await refresh(house, first.refresh_token)).status).toBe(400);
  });

  it("works once also when two trade it side by side", async () => {
    const { code: used, verifier } = await code();
    const answers = await Promise.all([exchange(house, used, verifier), exchange(house, used, verifier)]);
    const given = await Promise.all(answers.filter(({ status }) => status === 200).map(tokensOf));
    expect(given.length).toBeLessThan(2);
    for (const { access_token } of given) expect(await works(access_token)).toBe(false);
  });

  it.each([
    ["another verifier", { code_verifier: "x".repeat(43) }, "invalid_grant"],
    ["no verifier", { code_verifier: "" }, "invalid_grant"],
    ["another redirect", { redirect_uri: "http://localhost:1/callback" }, "invalid_grant"],
    ["another vendor's resource", { resource: DOCS }, "invalid_target"],
    ["another code", { code: "x".repeat(43) }, "invalid_grant"],
  ])("is refused with %s", async (_case, changes, error) => {
    const { code: good, verifier } = await code();
    const answer = await exchange(house, good, verifier, changes as Record<string, string>);
    expect([answer.status, (await tokensOf(answer)).error]).toEqual([400, error]);
  });

  it("is refused to another client", async () => {
    const body = { redirect_uris: ["http://localhost/callback"], token_endpoint_auth_method: "none" };
    const other = (await (await house.fetch(`${ISSUER}/oauth/register`, json(body))).json()) as { client_id: string };
    const { code: good, verifier } = await code();
    const answer = await exchange(house, good, verifier, { client_id: other.client_id });
    expect([answer.status, (await tokensOf(answer)).error]).toEqual([400, "invalid_grant"]);
  });

  it("is refused after a minute", () =>
    withClock(async () => {
      const { code: old, verifier } = await code();
      pass(76);
      expect((await exchange(house, old, verifier)).status).toBe(400);
    }));
});

describe("other grants and clients", () => {
  it.each(["password", "implicit", "urn:ietf:params:oauth:grant-type:device_code"])(
    "%s does not exist (OAU-01)",
    async (grant_type) => {
      const answer = await tokenRequest(house, { grant_type, client_id: "x", username: "a", password: "b" });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      const known = await tokenRequest(house, { grant_type, client_id: "https://claude.example/oauth/client.json" });
      expect([known.status, (await tokensOf(known)).error]).toEqual([400, "unsupported_grant_type"]);
    },
  );

  it("client_credentials is for programs of an organisation alone (OAU-01, OAU-13)", async () => {
    const client_id = "https://claude.example/oauth/client.json";
    const answer = await tokenRequest(house, { grant_type: "client_credentials", client_id, resource: RMM });
    expect(answer.status).toBe(400);
    expect(await tokensOf(answer)).not.toHaveProperty("access_token");
  });

  it("a client that was deleted hears invalid_client with 401, the sign to register again", async () => {
    const answer = await refresh(house, "x".repeat(43), { client_id: "gone" });
    expect([answer.status, (await tokensOf(answer)).error]).toEqual([401, "invalid_client"]);
  });

  it("answers are never stored, good or bad", async () => {
    const { code: good, verifier } = await code();
    for (const answer of [await exchange(house, good, verifier), await exchange(house, "x", verifier)])
      expect(answer.headers.get("cache-control")).toBe("no-store");
  });
});

describe("refreshing (OAU-18)", () => {
  it("rotates and keeps the resource that was asked for", async () => {
    const first = await signIn(house, person, { resource: `${ISSUER}/acme-rmm/mcp` });
    const second = await tokensOf(await refresh(house, first.refresh_token));
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await verifyToken(house.app, second.access_token)).toMatchObject({ audience: RMM });
    const third = await tokensOf(await refresh(house, second.refresh_token, { resource: `${ISSUER}/acme-rmm/mcp` }));
    expect(await works(third.access_token)).toBe(true);
  });

  it("is refused for another vendor and for more than was given", async () => {
    const tokens = await signIn(house, person);
    const other = await refresh(house, tokens.refresh_token, { resource: DOCS });
    expect([other.status, (await tokensOf(other)).error]).toEqual([400, "invalid_target"]);
    const more = await refresh(house, tokens.refresh_token, { scope: "acme-rmm:read acme-rmm:write" });
    expect([more.status, (await tokensOf(more)).error]).toEqual([400, "invalid_scope"]);
  });

  it("works for five at once with one token, each use inside the window audited", async () => {
    const tokens = await signIn(house, person);
    const answers = await Promise.all(Array.from({ length: 5 }, () => refresh(house, tokens.refresh_token)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    for (const answer of answers) {
      const { access_token, refresh_token } = await tokensOf(answer);
      expect(await works(access_token)).toBe(true);
      expect((await refresh(house, refresh_token)).status).toBe(200);
    }
    const reuses = (await house.events("token.reuse")).filter(({ org_id }) => org_id === person.org);
    expect(reuses).toHaveLength(4);
    expect(reuses[0]).toMatchObject({ rule: "within-grace", vendor: "acme-rmm", actor_id: person.id });
  });

  it("with a used token after the window ends the whole family, audited", () =>
    withClock(async () => {
      const first = await signIn(house, person);
      const second = await tokensOf(await refresh(house, first.refresh_token));
      pass(61);
      const late = await refresh(house, first.refresh_token);
      expect([late.status, (await tokensOf(late)).error]).toEqual([400, "invalid_grant"]);
      expect(await works(second.access_token)).toBe(false);
      expect((await refresh(house, second.refresh_token)).status).toBe(400);
      const [ended] = (await house.events("grant.revoke")).filter(({ org_id }) => org_id === person.org);
      expect(ended).toMatchObject({ rule: "token-reused", actor_type: "system" });
    }));

  it("access ends by itself after ten minutes, and a fresh one is had without signing in", () =>
    withClock(async () => {
      const tokens = await signIn(house, person);
      pass(601);
      expect(await works(tokens.access_token)).toBe(false);
      expect((await refresh(house, tokens.refresh_token)).status).toBe(200);
    }));
});

describe("what ends access at once (OAU-04)", () => {
  it.each([
    [
      "a disabled person",
      (p: Person) => house.app.db.updateTable("users").set({ disabled_at: 1 }).where("id", "=", p.id).execute(),
    ],
    [
      "an ended membership",
      (p: Person) => house.app.db.updateTable("memberships").set({ active: 0 }).where("user_id", "=", p.id).execute(),
    ],
    [
      "a revoked grant",
      (p: Person) =>
        house.app.db.updateTable("oauth_grants").set({ revoked_at: 1 }).where("user_id", "=", p.id).execute(),
    ],
    [
      "an erased person",
      (p: Person) => house.app.db.updateTable("users").set({ erased_at: 1 }).where("id", "=", p.id).execute(),
    ],
  ])("%s: the next call and the next refresh", async (_case, end) => {
    const tokens = await signIn(house, person);
    await end(person);
    expect(await works(tokens.access_token)).toBe(false);
    expect((await refresh(house, tokens.refresh_token)).status).toBe(400);
  });

  it.each(["access_token", "refresh_token"] as const)(
    "a client that gives its %s back ends the grant",
    async (which) => {
      const tokens = await signIn(house, person);
      const body = new URLSearchParams({ token: tokens[which], client_id: "https://claude.example/oauth/client.json" });
      expect((await house.fetch(`${ISSUER}/oauth/revoke`, { method: "POST", body })).status).toBe(200);
      expect(await works(tokens.access_token)).toBe(false);
      expect((await refresh(house, tokens.refresh_token)).status).toBe(400);
      const [ended] = (await house.events("grant.revoke")).filter(({ org_id }) => org_id === person.org);
      expect(ended).toMatchObject({ rule: "revoked-by-client" });
    },
  );

  it("another client cannot revoke it", async () => {
    const registration = { redirect_uris: ["http://localhost/callback"], token_endpoint_auth_method: "none" };
    const other = (await (await house.fetch(`${ISSUER}/oauth/register`, json(registration))).json()) as {
      client_id: string;
    };
    const tokens = await signIn(house, person);
    const body = new URLSearchParams({ token: tokens.access_token, client_id: other.client_id });
    expect((await house.fetch(`${ISSUER}/oauth/revoke`, { method: "POST", body })).status).toBe(200);
    expect(await works(tokens.access_token)).toBe(true);
  });
});

describe("one vendor, one token (OAU-09)", () => {
  it("a token of one vendor is none at another, and each has its own grant", async () => {
    const browser = new Browser(house);
    const rmm = await signIn(house, person, {}, { browser });
    const docs = await signIn(house, person, { resource: DOCS, scope: "acme-docs:read" }, { browser });
    const [one, two] = [
      await verifyToken(house.app, rmm.access_token),
      await verifyToken(house.app, docs.access_token),
    ];
    expect([one?.audience, two?.audience]).toEqual([RMM, DOCS]);
    expect(one?.grantId).not.toBe(two?.grantId);
    const body = new URLSearchParams({
      token: docs.refresh_token,
      client_id: "https://claude.example/oauth/client.json",
    });
    await house.fetch(`${ISSUER}/oauth/revoke`, { method: "POST", body });
    expect([await works(rmm.access_token), await works(docs.access_token)]).toEqual([true, false]);
  });

  it("another vendor's scope in a token admits to nothing", async () => {
    const tokens = await signIn(house, person);
    const { db } = house.app;
    const row = await db
      .selectFrom("oauth_artifacts")
      .selectAll()
      .where("model", "=", "AccessToken")
      .where("user_id", "=", person.id)
      .executeTakeFirstOrThrow();
    const payload = JSON.stringify({ ...JSON.parse(row.payload), scope: "acme-docs:read acme-docs:write" });
    await db.updateTable("oauth_artifacts").set({ payload }).where("id_hash", "=", row.id_hash).execute();
    expect((await verifyToken(house.app, tokens.access_token))?.scopes).toEqual(new Set());
  });

  it("a refresh token or a code is no access token", async () => {
    const tokens = await signIn(house, person);
    expect(await works(tokens.refresh_token)).toBe(false);
    expect(await works((await code()).code)).toBe(false);
    expect(await works("")).toBe(false);
  });
});
