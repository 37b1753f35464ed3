import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Pending } from "../../../gateway/oauth/interactions.ts";
import { verifyToken } from "../../../gateway/oauth/verifier.ts";
import { authorizationRequest, Browser, json, location, signIn, walk } from "./browser.ts";
import { CIMD_CLIENT, type House, ISSUER, openHouse, type Person, RMM } from "./house.ts";

let house: House;
let person: Person;
let browser: Browser;
beforeAll(async () => {
  house = await openHouse();
});
beforeEach(async () => {
  person = await house.person();
  browser = new Browser(house);
});
afterAll(() => house.close());

/** Goes to the prompt and stays there. */
async function upTo(prompt: Pending["prompt"], changes: Record<string, string> = {}) {
  let to = location(await browser.open(authorizationRequest(changes).url));
  for (;;) {
    while (!to.startsWith("/interaction/")) to = location(await browser.open(to));
    const pending = (await (await browser.open(to)).json()) as Pending;
    if (pending.prompt === prompt) return { path: to, pending };
    if (pending.prompt === "connect") await person.connect("acme-rmm");
    to = location(await post(`${to}/${pending.prompt}`));
  }
}

const post = (path: string, body: object = {}, from = browser) =>
  from.open(path, json({ userId: person.id, signedInAt: Date.now(), scopes: [], ...body }));

const follow = async (answer: Response) => location(await browser.open(location(answer)));

describe("what the consent page is told (OAU-20)", () => {
  it("client, host, redirect, organisation, person and each scope in words", async () => {
    const { pending } = await upTo("consent", { scope: "acme-rmm:read acme-rmm:write" });
    expect(pending).toMatchObject({
      prompt: "consent",
      client: { id: CIMD_CLIENT.id, name: "Claude Code", kind: "cimd", host: "claude.example" },
      redirect: { host: "localhost", loopback: true, privateScheme: false },
      resource: { url: RMM, vendor: "acme-rmm", title: "Acme RMM" },
      userId: person.id,
      orgId: person.org,
      orgName: "Ada",
      writesEnabled: false,
      scopes: [
        {
          scope: "acme-rmm:read",
          access: "read",
          words: "See what you can see in Acme RMM",
          optional: false,
          ticked: true,
        },
        {
          scope: "acme-rmm:write",
          access: "write",
          words: expect.stringContaining("Change"),
          optional: true,
          ticked: true,
        },
      ],
    });
  });

  it("a private scheme instead of a host", async () => {
    const redirect_uri = "cursor://anysphere.cursor-mcp/oauth/callback";
    const client = (await (
      await house.fetch(
        `${ISSUER}/oauth/register`,
        json({ redirect_uris: [redirect_uri], token_endpoint_auth_method: "none" }),
      )
    ).json()) as { client_id: string };
    const { pending } = await upTo("login", { client_id: client.client_id, redirect_uri });
    expect(pending.redirect).toEqual({ host: "cursor:", loopback: false, privateScheme: true });
    expect(pending.client.kind).toBe("dcr");
  });
});

describe("consent", () => {
  it("gives only what was ticked, and remembers what was not", async () => {
    const scope = "acme-rmm:read acme-rmm:write";
    const tokens = await signIn(house, person, { scope }, { browser, scopes: ["acme-rmm:read"] });
    expect(tokens.scope).toBe("acme-rmm:read");
    const [event] = (await house.events("consent.grant")).filter(({ org_id }) => org_id === person.org);
    expect(event).toMatchObject({
      given: ["acme-rmm:read"],
      refused: ["acme-rmm:write"],
      vendor: "acme-rmm",
      actor_id: person.id,
    });
  });

  it("cannot give what was not asked", async () => {
    const tokens = await signIn(house, person, {}, { browser, scopes: ["acme-rmm:write", "acme-docs:read", "openid"] });
    expect(tokens.scope).toBe("acme-rmm:read");
  });

  it("always gives read with write", async () => {
    const scope = "acme-rmm:write";
    const tokens = await signIn(house, person, { scope }, { browser, scopes: ["acme-rmm:write"] });
    expect(tokens.scope).toBe("acme-rmm:read acme-rmm:write");
  });

  it("binds the connection that was chosen", async () => {
    const [older, newer] = [await person.connect("acme-rmm"), await person.connect("acme-rmm")];
    for (const id of [older, newer]) {
      const tokens = await signIn(house, person, {}, { connections: { "acme-rmm": id } });
      expect((await verifyToken(house.app, tokens.access_token))?.reach).toEqual(new Map([["acme-rmm", id]]));
    }
  });

  it("cannot bind somebody else's connection", async () => {
    const theirs = await (await house.person()).connect("acme-rmm");
    const { path } = await upTo("consent");
    const answer = await post(`${path}/consent`, { connections: { "acme-rmm": theirs } });
    expect([answer.status, await answer.json()]).toMatchObject([403, { name: "InteractionRefused" }]);
  });

  it("sent twice at once gives one grant, and each answer leads on", async () => {
    const { path } = await upTo("consent");
    const answers = await Promise.all([post(`${path}/consent`), post(`${path}/consent`)]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect((await house.events("consent.grant")).filter(({ org_id }) => org_id === person.org)).toHaveLength(1);
    expect(await follow(answers[1]!)).toContain("code=");
  });

  it("sent twice gives one grant", async () => {
    const { path } = await upTo("consent");
    const first = location(await post(`${path}/consent`));
    expect(location(await post(`${path}/consent`))).toBe(first);
    expect(
      await house.app.db.selectFrom("oauth_grants").where("user_id", "=", person.id).selectAll().execute(),
    ).toHaveLength(1);
  });

  it("refused goes back to the client, audited", async () => {
    const { path } = await upTo("consent");
    const to = await follow(await post(`${path}/abort`));
    expect(Object.fromEntries(new URL(to).searchParams)).toMatchObject({
      error: "access_denied",
      state: "state-1",
      iss: ISSUER,
    });
    const [event] = (await house.events("consent.refuse")).filter(({ org_id }) => org_id === person.org);
    expect(event).toMatchObject({ status: "denied", actor_id: person.id });
  });
});

describe("whose authorization it is", () => {
  it("only the person who signed in for it finishes connecting and consent (OAU-22)", async () => {
    const other = await house.person("Eve");
    await other.connect("acme-rmm");
    for (const prompt of ["connect", "consent"] as const) {
      const { path } = await upTo(prompt);
      const answer = await post(`${path}/${prompt}`, { userId: other.id });
      expect([prompt, answer.status, await answer.json()]).toMatchObject([prompt, 403, { name: "InteractionRefused" }]);
    }
  });

  it("another browser cannot go on with it", async () => {
    const { path } = await upTo("consent");
    const elsewhere = new Browser(house);
    expect((await elsewhere.open(path)).status).toBe(400);
    expect((await post(`${path}/consent`, {}, elsewhere)).status).toBe(400);
    expect((await elsewhere.open(location(await post(`${path}/consent`)))).status).toBe(400);
  });

  it("a step cannot be skipped or answered out of order", async () => {
    const { path } = await upTo("login");
    for (const step of ["connect", "consent"]) expect((await post(`${path}/${step}`)).status).toBe(400);
  });

  it("connecting is not done while nothing is connected", async () => {
    const { path } = await upTo("connect");
    const answer = await post(`${path}/connect`);
    expect([answer.status, await answer.json()]).toMatchObject([403, { message: "Acme RMM is not connected yet." }]);
  });

  it("credentials the vendor refuses have to be replaced first", async () => {
    const connection = await person.connect("acme-rmm");
    const status = (value: "active" | "error") =>
      house.app.db.updateTable("connections").set({ status: value }).where("id", "=", connection).execute();
    await status("error");
    const { path } = await upTo("connect");
    expect((await post(`${path}/connect`)).status).toBe(403);
    await status("active");
    expect((await post(`${path}/connect`)).status).toBe(303);
  });

  it("'not you?' asks again who it is, and the old person's applications stay", async () => {
    await person.connect("acme-rmm");
    const before = await signIn(house, person, {}, { browser });
    const { path } = await upTo("consent");
    const other = await house.person("Grace");
    const again = location(await post(`${path}/switch`));
    const { prompts, result } = await walk(browser, again, { person: other });
    expect(prompts).toEqual(["login", "connect", "consent"]);
    expect(result).toHaveProperty("code");
    const [grant] = await house.app.db.selectFrom("oauth_grants").selectAll().where("user_id", "=", other.id).execute();
    expect(grant).toMatchObject({ org_id: other.org });
    expect(await verifyToken(house.app, before.access_token)).toBeDefined();
  });
});

describe("how recently somebody must have signed in", () => {
  const ANCIENT = Date.now() - 3_600_000;

  it("a session that was there before does", async () => {
    await person.connect("acme-rmm");
    const { result } = await walk(browser, authorizationRequest().url, { person, signedInAt: ANCIENT });
    expect(result).toHaveProperty("code");
  });

  it.each([
    ["prompt=login", { prompt: "login" }],
    ["max_age", { max_age: "60", scope: "openid acme-rmm:read" }],
  ])("it does not with %s", async (_case, changes) => {
    await person.connect("acme-rmm");
    const { path, pending } = await upTo("login", changes);
    expect(pending.signInAfter).toBeGreaterThan(ANCIENT);
    expect((await post(`${path}/login`, { signedInAt: ANCIENT })).status).toBe(403);
    expect((await post(`${path}/login`, { signedInAt: Date.now() + 1000 })).status).toBe(303);
  });
});

it("a finished authorization cannot be finished again", async () => {
  const { path } = await upTo("consent");
  const resume = location(await post(`${path}/consent`));
  expect(location(await browser.open(resume))).toContain("code=");
  expect((await browser.open(resume)).status).toBe(400);
  expect((await browser.open(path)).status).toBe(400);
});

it("an unknown way to ask, a lost cookie and a forged one end on a page of ours", async () => {
  const { path } = await upTo("login");
  browser.cookies.clear();
  expect((await browser.open(path)).status).toBe(400);
  const uid = path.split("/").at(-1)!;
  browser.cookies.set("oauth_step|/", { path: "/", value: uid });
  browser.cookies.set("oauth_step.sig|/", { path: "/", value: "forged" });
  expect((await browser.open(path)).status).toBe(400);
});

it("cookies signed with a key that was rotated still count, new ones are signed with the first", async () => {
  const keys = ["a".repeat(8) + "0123456789abcdef".repeat(2), "b".repeat(8) + "fedcba9876543210".repeat(2)];
  const rotated = await openHouse({ COOKIE_KEYS: keys.join(",") });
  const elsewhere = new Browser(rotated);
  const path = location(await elsewhere.open(authorizationRequest().url));
  const sign = (key: string) =>
    createHmac("sha1", key)
      .update(`oauth_step=${path.split("/").at(-1)}`)
      .digest("base64url");
  const signature = elsewhere.cookies.get(`oauth_step.sig|${path}`);
  expect(signature?.value).toBe(sign(keys[0]!));
  signature!.value = sign(keys[1]!);
  expect((await elsewhere.open(path)).status).toBe(200);
  signature!.value = sign("another key");
  expect((await elsewhere.open(path)).status).toBe(400);
  await rotated.close();
});
