import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renewEnding } from "../../gateway/connections/sign-in/refresher.ts";
import { type Served, serveFakes } from "../fakes/serve.ts";
import { letChange } from "../gateway/policies.ts";
import { type Authorized, authorize, type Wish } from "./authorize.ts";
import { connectClient, type McpClient } from "./clients.ts";
import { browserOf, type Gateway, PASSWORD, type Person, startGateway } from "./gateway.ts";

/*
 * Halo signs people in itself: no key is typed, the gateway holds a grant of each person's own.
 */
let served: Served;
let gateway: Gateway;
const halo = () => served.fakes.halopsa;
const state = () => halo().states.get(halo().native.host)!;

beforeAll(async () => {
  served = await serveFakes({ validate: true });
  gateway = await startGateway({ origins: served.origins });
}, 30_000);
afterAll(async () => {
  await gateway?.close();
  await served?.close();
});

/** A person who may write. */
async function newPerson(email: string): Promise<Person> {
  const person = await gateway.person(email);
  const { org_id } = await gateway.app.db
    .selectFrom("memberships")
    .select("org_id")
    .where("user_id", "=", person.id)
    .executeTakeFirstOrThrow();
  await letChange(gateway.app, { org: org_id, actor: person.id });
  return person;
}

/** What a person does on Halo's own page: the form is filled in and sent, and Halo sends the browser back. */
const signInAtHalo =
  (login: string, { deny = false } = {}) =>
  async (address: URL): Promise<URL> => {
    const form = await fetch(address);
    expect(form.status).toBe(200);
    expect(await form.text()).toContain("Sign in to Halo");
    const answer = await fetch(address, {
      method: "POST",
      body: new URLSearchParams({ username: login, password: `${login}-at-halo-1`, ...(deny && { deny: "on" }) }),
      redirect: "manual",
    });
    expect(answer.status).toBe(302);
    return new URL(answer.headers.get("location")!);
  };

const connect = (person: Person, login: string, wish: Partial<Wish> = {}): Promise<Authorized> =>
  authorize(gateway, browserOf(gateway), {
    vendor: "halopsa",
    person,
    keys: { ...halo().native, clientSecret: "" },
    scopes: ["halopsa:read", "halopsa:write"],
    atVendor: signInAtHalo(login),
    ...wish,
  });

async function callAs(tokens: Authorized, name: string, args: Record<string, unknown>) {
  const client: McpClient = await connectClient("2026-07-28", `${gateway.url}/v1/halopsa`, tokens.accessToken);
  try {
    return await client.callTool({ name, arguments: args });
  } finally {
    await client.close();
  }
}

const asked = (path: string) => served.requests.filter(({ template }) => template === path);

describe("a person who connects Halo by signing in there (VEN-14, OAU-19)", () => {
  let dana: Authorized;

  it("goes from the client to the gateway, to Halo and back, and then searches tickets", async () => {
    dana = await connect(await newPerson("dana@bluepeak-it.example"), "dana.reyes");
    expect(dana.pages).toContain("(at the vendor)");

    const [authorizing] = asked("/auth/authorize");
    const query = Object.fromEntries(authorizing!.url.searchParams);
    expect(query).toMatchObject({
      tenant: halo().native.tenant,
      response_type: "code",
      client_id: halo().native.clientId,
      redirect_uri: `${gateway.url}/connect/callback/halopsa`,
      scope: "all offline_access",
      code_challenge_method: "S256",
    });
    const [exchange, ...more] = asked("/auth/token");
    expect(more).toEqual([]);
    const form = Object.fromEntries(new URLSearchParams(exchange!.body));
    expect(form).toMatchObject({ grant_type: "authorization_code", client_id: halo().native.clientId });
    expect(form["code_verifier"]).toMatch(/^[\w~.-]{43,128}$/);
    expect(form).not.toHaveProperty("client_secret");

    const answer = await callAs(dana, "halo_search_tickets", { text: "scanner", limit: 2 });
    expect(answer.isError).toBeFalsy();
    expect(answer.structuredContent).toMatchObject({ tickets: [{ summary: "Scanner does not mail" }, {}] });
    for (const { headers } of asked("/Tickets")) {
      expect(headers.get("authorization")).toMatch(/^Bearer halo-token-/);
      expect(headers.get("authorization")).not.toContain(dana.accessToken);
    }
    expect(served.requests.flatMap(({ violations }) => violations)).toEqual([]);
    expect(served.unknown).toEqual([]);
  });

  it("acts as that person, while another acts as themselves", async () => {
    const miguel = await connect(await newPerson("miguel@bluepeak-it.example"), "miguel.santos");
    await callAs(dana, "halo_add_note", { ticketId: 2810, text: "From Dana" });
    await callAs(miguel, "halo_add_note", { ticketId: 2810, text: "From Miguel" });
    const notes = state().actions.filter(({ ticket_id, note }) => ticket_id === 2810 && note.startsWith("From "));
    expect(notes.map(({ note, who_agentid }) => [note, who_agentid])).toEqual([
      ["From Dana", 3],
      ["From Miguel", 4],
    ]);
  });

  it("stays connected when tokens end: one renewal for calls at the same time, and each refresh token once", async () => {
    served.fakes.clear();
    halo().expireTokens();
    const answers = await Promise.all(
      ["scanner", "laptop", "backup"].map((text) => callAs(dana, "halo_search_clients", { text })),
    );
    expect(answers.map(({ isError }) => Boolean(isError))).toEqual([false, false, false]);
    const renewals = asked("/auth/token");
    expect(renewals.map(({ status }) => status)).toEqual([200]);
    const form = Object.fromEntries(new URLSearchParams(renewals[0]!.body));
    expect(
      Object.keys(form)
        .filter((name) => name !== "scope")
        .sort(),
    ).toEqual(["client_id", "grant_type", "refresh_token"]);

    halo().expireTokens();
    expect((await callAs(dana, "halo_search_clients", {})).isError).toBeFalsy();
    const sent = asked("/auth/token").map(({ body }) => new URLSearchParams(body).get("refresh_token"));
    expect(new Set(sent).size).toBe(2);
  });

  it("shows neither code nor token in logs or in the database", async () => {
    const codes = asked("/auth/token").map(({ body }) => new URLSearchParams(body).get("refresh_token") ?? "-");
    const logs = gateway.logs.join("\n");
    for (const secret of [...codes, ...halo().signIn.tokens.keys(), ...halo().signIn.refreshTokens.keys()])
      if (secret !== "-") expect(logs).not.toContain(secret);
    expect(logs).not.toMatch(/halo-(token|refresh|code)-[0-9a-f]{8}/);
    const rows = JSON.stringify(await gateway.app.db.selectFrom("credentials").selectAll().execute());
    expect(rows).not.toMatch(/halo-(token|refresh|code)-/);
  });

  it("gets new tokens in the background before the old ones end, so that no call waits for them", async () => {
    const person = await newPerson("priya@bluepeak-it.example");
    halo().signIn.lifetimeSeconds = 90;
    const priya = await connect(person, "priya.natarajan");
    halo().signIn.lifetimeSeconds = 3600;
    served.fakes.clear();
    expect(await renewEnding(gateway.app)).toBe(0); // not before half of its life
    const before = Date.now() - 120_000;
    await gateway.app.db.updateTable("credentials").set({ created_at: before }).where("expires_at", "is not", null).execute(); // biome-ignore format: one thought
    expect(await renewEnding(gateway.app)).toBe(1);
    expect(await renewEnding(gateway.app)).toBe(0);
    expect(asked("/auth/token").map(({ status }) => status)).toEqual([200]);
    expect((await callAs(priya, "halo_search_clients", {})).isError).toBeFalsy();
    expect(asked("/auth/token")).toHaveLength(1);
  });

  it("is told to sign in again when Halo ends the grant, with the way there", async () => {
    halo().signIn.revokeAll();
    const answer = await callAs(dana, "halo_search_clients", {});
    expect(answer.isError).toBe(true);
    expect(answer.content[0]!.text).toMatch(/^VENDOR_AUTH: HaloPSA ended the sign-in/);
    expect(answer.content[0]!.text).toContain(gateway.url);
  });

  it("sees in settings that the grant is dead, and mends it with one click", async () => {
    const browser = browserOf(gateway);
    const email = "dana@bluepeak-it.example";
    const settings = await browser.submit(await browser.get("/settings/vendors"), { email, password: PASSWORD });
    expect(settings.html).toMatch(/button small primary" type="submit">Sign in again/);
    const away = await browser.submit(settings, {}, "/settings/vendors/sign-in");
    expect(away.left?.pathname).toBe("/auth/authorize");
    const back = await browser.get((await signInAtHalo("dana.reyes")(away.left!)).href);
    expect(back.html).toContain("You are signed in at HaloPSA");
    expect((await callAs(dana, "halo_search_clients", {})).isError).toBeFalsy();
  });
});

describe("a person who does not get through (VEN-14)", () => {
  it("is told so when Halo says no, and nothing is stored", async () => {
    const person = await newPerson("no@bluepeak-it.example");
    await expect(
      connect(person, "priya.natarajan", { atVendor: signInAtHalo("priya.natarajan", { deny: true }) }),
    ).rejects.toThrow(/HaloPSA is not connected/);
    const rows = await gateway.app.db
      .selectFrom("connections")
      .select("id")
      .where("owner_id", "=", person.id)
      .execute();
    expect(rows).toEqual([]);
  });

  it("cannot finish in one browser what began in another", async () => {
    const victim = await newPerson("victim@bluepeak-it.example");
    let address: URL | undefined;
    const stop = async (to: URL): Promise<URL> => {
      address = await signInAtHalo("priya.natarajan")(to);
      throw new Error("stop here");
    };
    await expect(connect(victim, "priya.natarajan", { atVendor: stop })).rejects.toThrow("stop here");
    const before = asked("/auth/token").length;
    for (const signedIn of [false, true]) {
      const other = browserOf(gateway);
      if (signedIn) {
        const { email, password } = await newPerson("attacker@bluepeak-it.example");
        await other.submit(await other.get("/settings/vendors"), { email, password });
      }
      const page = await other.get(address!.href);
      expect([page.status, page.left]).toEqual([400, undefined]);
    }
    expect(asked("/auth/token").length).toBe(before);
    expect(
      await gateway.app.db.selectFrom("connections").select("id").where("owner_id", "=", victim.id).execute(),
    ).toEqual([]);
  });
});
