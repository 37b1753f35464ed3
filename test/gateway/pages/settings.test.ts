import { beforeEach, describe, expect, it } from "vitest";
import { listConnections, noteOutcome, saveConnection } from "../../../gateway/connections/connections.ts";
import { clientSetups } from "../../../gateway/pages/client-setups.ts";
import { decidedBy } from "../policies.ts";
import { fakeClock, PASSWORD, person, type TestApp, testApp } from "../support.ts";
import { monitor, papers, RIGHT } from "./sample-vendors.ts";
import { type Visitor, visitor } from "./visitor.ts";

let app: TestApp;
let ann: Visitor;
let owner: { org: string; user: string };
let clock: ReturnType<typeof fakeClock>;
let status: number;

beforeEach(async () => {
  status = 200;
  clock = fakeClock();
  const fetch = async () => new Response("{}", { status });
  app = await testApp({ vendors: [monitor, papers], lock: {}, now: clock.now, fetch });
  const { user, org, token } = await person(app);
  ann = visitor(app, token);
  owner = { org, user: user.id };
});

async function connected(who = owner, label = "Main account") {
  const parsed = monitor.credentials.parse(RIGHT);
  if (!parsed.ok) throw new Error("The sample is wrong.");
  return await saveConnection(app, { ...who, vendor: "monitor", credentials: parsed.value as object, label });
}

async function allowed(name: string, { org, user } = owner, connection: string | null = null) {
  const grant = {
    id: `grt_${name}`,
    org_id: org,
    user_id: user,
    client_id: `client-${name}`,
    client_name: name,
    resource: "http://localhost:3100/v1/monitor",
    vendor: "monitor",
    connection_id: connection,
    scopes: "monitor:read monitor:write",
    created_at: clock.now(),
    expires_at: clock.now() + 1e9,
    last_used_at: null,
    revoked_at: null,
  };
  await app.db.insertInto("oauth_grants").values(grant).execute();
  return grant.id;
}

describe("a changed password", () => {
  const change = (form: Record<string, string> = {}) => {
    const passwords = { current: PASSWORD, next: "another long enough one", next2: "another long enough one" };
    return ann.submit("/settings/account", "/settings/password", { ...passwords, ...form });
  };
  const live = async () => (await app.db.selectFrom("oauth_grants").select("id").where("revoked_at", "is", null).execute()).length; // biome-ignore format: one thought

  it("leaves authorised apps as they are, or ends them where the person ticks that (OAU-04)", async () => {
    await allowed("Robo");
    await allowed("Other");
    await change();
    expect(await live()).toBe(2);
    await change({ current: "another long enough one", next: PASSWORD, next2: PASSWORD, apps: "end" });
    expect(await live()).toBe(0);
    expect((await ann.get("/settings/account")).body).toContain("2 apps lost access.");
  });

  it.each([
    ["a usual one", "qwertyuiop123"],
    ["a usual one in capitals", "PASSWORDPASSWORD"],
    ["a usual one dressed up", "!!P@ssw0rd2026!!"],
    ["a usual one in words", "correct horse battery staple"],
    ["a pattern", "abababababababab"],
    ["digits in a row", "1234567890123"],
    ["the person's address", "ann@example.com"],
    ["the person's address in capitals", "ANN@EXAMPLE.COM"],
    ["a dressed-up domain", "...example2026..."],
  ])("is not %s", async (_name, next) => {
    const refused = await change({ next, next2: next });
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain("Many people would guess this password.");
  });

  it.each(["four words nobody combines", "Tr7-kkqpz-00-xyzzy", "ann likes 47 green horses"])(
    "may be %s",
    async (next) => expect((await change({ next, next2: next })).statusCode).toBe(303),
  );
});

describe("overview (UI-03)", () => {
  it("shows connections, apps, usage and the way out", async () => {
    const connection = await connected();
    await noteOutcome(app, connection);
    await allowed("Robo");
    const call = { org: owner.org, type: "tool.call", actor: { id: owner.user, type: "user" } } as const;
    await app.audit.record({ ...call, status: "success" });
    await app.audit.record({ ...call, status: "success" });
    await app.audit.record({ ...call, status: "denied" });
    clock.pass(5 * 60_000);
    const { body } = await ann.get("/settings");
    expect(body).toMatch(/Acme Monitor<\/strong>[\s\S]+Working/);
    expect(body).toContain("Main account · last used 5 minutes ago");
    expect(body).toContain("“Robo”");
    expect(body).toContain("may read and change things");
    expect(body).toMatch(/Calls in 30 days<\/dt><dd>3</);
    expect(body).toMatch(/Answered<\/dt><dd>2</);
    expect(body).toMatch(/Refused by rule<\/dt><dd>1</);
    expect(body).toContain('href="/settings/account/delete"');
  });

  it("says when the vendor refuses the keys", async () => {
    await noteOutcome(app, await connected(), { code: "VENDOR_AUTH" });
    const { body } = await ann.get("/settings");
    expect(body).toContain("Keys refused");
    expect(body).toContain("no longer accepts the keys");
  });

  it("ends one app's access after a click on our own form", async () => {
    const id = await allowed("Robo");
    const done = await ann.submit("/settings", "/settings/apps/revoke", { grant: id });
    expect(done.statusCode).toBe(303);
    expect((await ann.get("/settings")).body).not.toContain("“Robo”");
    expect((await ann.post("/settings/apps/revoke", { grant: id })).statusCode).toBe(403);
  });

  it("says so where the app has another access that goes on", async () => {
    const [more, less] = [await allowed("Robo"), await allowed("Again")];
    await app.db.updateTable("oauth_grants").set({ client_id: "client-Robo", client_name: "Robo" }).where("id", "=", less).execute(); // biome-ignore format: one thought
    await ann.submit("/settings", "/settings/apps/revoke", { grant: more });
    expect((await ann.get("/settings")).body).toContain("“Robo” still has 1 other one below");
    await ann.submit("/settings", "/settings/apps/revoke", { grant: less });
    expect((await ann.get("/settings")).body).toContain("The app&#x27;s access has ended.");
  });

  it("shows and ends nothing of other people", async () => {
    const bob = await person(app, "bob@example.com");
    const his = { org: bob.org, user: bob.user.id };
    const connection = await connected(his, "Bob's account");
    const id = await allowed("Bobs-app", his);
    await allowed("Anns-app");
    const { body } = await ann.get("/settings");
    expect(body).not.toMatch(/Bob/);
    expect((await ann.submit("/settings", "/settings/apps/revoke", { grant: id })).statusCode).toBe(404);
    expect((await ann.get(`/settings/revoke?connection=${connection.id}`)).statusCode).toBe(404);
    expect((await visitor(app, bob.token).get("/settings")).body).toContain("Bobs-app");
  });

  it("switches tools that change things on and off, off at first", async () => {
    expect((await ann.get("/settings")).body).toMatch(
      /Allow tools that change things<\/strong><span class="pill ">Off/,
    );
    const writes = async () => (await decidedBy(app.db, owner.org)).switches.write;
    await ann.submit("/settings", "/settings/writes", { enabled: "true" });
    expect(await writes()).toBe(true);
    expect((await ann.get("/settings")).body).toMatch(/<span class="pill warn">On/);
    await ann.submit("/settings", "/settings/writes", { enabled: "false" });
    expect(await writes()).toBe(false);
    expect((await ann.post("/settings/writes", { enabled: "true" })).statusCode).toBe(403);
    expect(await writes()).toBe(false);
  });

  it("leaves that switch to owners and administrators", async () => {
    await app.db.updateTable("memberships").set({ role: "member" }).where("user_id", "=", owner.user).execute();
    const { body } = await ann.get("/settings");
    expect(body).not.toContain('action="/settings/writes"');
    expect(body).toContain("When an owner or admin switches this on, apps");
    expect(body).not.toContain("Switch this on");
  });
});

describe("vendors (UI-04)", () => {
  it("lists every vendor with state, last use, test and replace", async () => {
    const connection = await connected();
    await noteOutcome(app, connection);
    const { body } = await ann.get("/settings/vendors");
    expect(body).toContain("Paper Shelf");
    expect(body).toMatch(/Last used<\/dt><dd>just now/);
    expect(body).toMatch(/Last error<\/dt><dd>none/);
    expect(body).toContain(`href="/connect/monitor?replace&#x3D;${connection.id}"`.replace("&#x3D;", "="));
  });

  it("tests stored keys and says how it went (VLT-12)", async () => {
    const { id } = await connected();
    const test = () => ann.submit("/settings/vendors", "/settings/vendors/test", { connection: id });
    await test();
    expect((await ann.get("/settings/vendors")).body).toContain("accepts the keys of “Main account”");
    status = 401;
    await test();
    const { body } = await ann.get("/settings/vendors");
    expect(body).toContain("does not accept these keys");
    expect(body).not.toContain("Nothing was stored");
    expect(body).toContain("Keys refused");
  });

  it("revokes after a confirmation page; opening that page changes nothing (UI-05)", async () => {
    const { id } = await connected();
    await allowed("Robo", owner, id);
    const page = await ann.get(`/settings/revoke?connection=${id}`);
    expect(page.body).toContain("Revoke “Main account”?");
    expect(page.body).toContain("1 app loses access");
    expect(await listConnections(app.db, owner)).toHaveLength(1);
    expect((await ann.post("/settings/revoke", { connection: id })).statusCode).toBe(403);
    const done = await ann.submit(`/settings/revoke?connection=${id}`, "/settings/revoke", { connection: id });
    expect(done.headers.location).toBe("/settings/vendors");
    expect(await listConnections(app.db, owner)).toEqual([]);
    expect(await app.db.selectFrom("credentials").selectAll().execute()).toEqual([]);
    expect((await ann.get(`/settings/revoke?connection=${id}`)).statusCode).toBe(404);
  });
});

describe("clients (UI-08)", () => {
  const connectors = [
    { slug: "monitor", title: "Acme Monitor", url: "http://localhost:3100/v1/monitor" },
    { slug: "papers", title: "Paper Shelf", url: "http://localhost:3100/v1/papers" },
  ];
  const textsOf = (id: string) =>
    clientSetups(connectors)
      .find((client) => client.id === id)!
      .snippets.map(({ text }) => text);

  it("has texts to copy for every client we know", async () => {
    const { body } = await ann.get("/settings/clients");
    for (const name of [
      "Claude Desktop",
      "Claude Code",
      "VS Code",
      "Cursor",
      "ChatGPT",
      "Copilot Studio",
      "Codex",
      "Responses API",
      "Roo Code",
    ])
      expect(body).toContain(name);
    expect(body).toContain("http://localhost:3100/v1/monitor");
    // One server, not the same tools twice: all vendors already have the tools of each.
    const commands = [...body.matchAll(/claude mcp add --transport http (\S+) (\S+?)</g)].map(([, ...words]) => words);
    expect(commands).toEqual([["vendorsmith", "http://localhost:3100/mcp"]]);
  });

  it("writes configuration files that are valid and have the addresses filled in", () => {
    const [monitorUrl, papersUrl] = connectors.map(({ url }) => url);
    expect(JSON.parse(textsOf("mcp-json")[0]!)).toEqual({
      mcpServers: { monitor: { type: "http", url: monitorUrl }, papers: { type: "http", url: papersUrl } },
    });
    expect(JSON.parse(textsOf("vs-code")[0]!).servers.papers).toEqual({ type: "http", url: papersUrl });
    expect(JSON.parse(textsOf("cursor")[0]!).mcpServers.monitor).toEqual({ url: monitorUrl });
    expect(JSON.parse(textsOf("bridge")[0]!).mcpServers.monitor.args[1]).toBe(monitorUrl);
    expect(textsOf("claude")).toEqual([monitorUrl, papersUrl]);
  });

  it("links that install in one click hold the same configuration", () => {
    const [code, cursor] = ["vs-code", "cursor"].map(
      (id) => clientSetups(connectors).find((one) => one.id === id)!.links![0]!.href,
    );
    expect(JSON.parse(decodeURIComponent(code!.split("?")[1]!))).toMatchObject({ name: "monitor", type: "http" });
    const config = new URL(cursor!).searchParams.get("config")!;
    expect(JSON.parse(Buffer.from(config, "base64").toString())).toEqual({ url: connectors[0]!.url });
  });
});

describe("account", () => {
  const change = (form: Record<string, string>) => ann.submit("/settings/account", "/settings/password", form);
  const next = "another long password";

  it("changes the password, keeps this browser and signs out the others", async () => {
    const other = visitor(app);
    await other.post("/login", { email: "ann@example.com", password: PASSWORD });
    expect((await change({ current: "wrong", next, next2: next })).body).toContain("This is not your password.");
    expect((await change({ current: PASSWORD, next: "short", next2: "short" })).body).toContain("at least 12");
    expect((await change({ current: PASSWORD, next, next2: "different" })).body).toContain("differ");
    expect((await change({ current: PASSWORD, next, next2: next })).statusCode).toBe(303);
    expect((await ann.get("/settings")).statusCode).toBe(200);
    expect((await other.get("/settings")).statusCode).toBe(303);
    expect((await other.post("/login", { email: "ann@example.com", password: next })).statusCode).toBe(303);
  });

  it("is deleted with all credentials after the password was given (UI-03)", async () => {
    await connected();
    await allowed("Robo");
    const page = "/settings/account/delete";
    expect((await ann.get(page)).body).toContain("This cannot be undone.");
    expect((await ann.submit(page, page, { password: "wrong" })).statusCode).toBe(422);
    expect((await ann.post(page, { password: PASSWORD })).statusCode).toBe(403);
    expect((await ann.submit(page, page, { password: PASSWORD })).headers.location).toBe("/");
    expect((await ann.get("/")).body).toContain("Your account is deleted");
    expect(await app.db.selectFrom("user_keys").selectAll().execute()).toEqual([]);
    expect(await app.db.selectFrom("credentials").selectAll().execute()).toEqual([]);
    expect((await visitor(app).post("/login", { email: "ann@example.com", password: PASSWORD })).statusCode).toBe(401);
  });
});

it("changes nothing on GET, whatever page is opened (UI-05)", async () => {
  const { id } = await connected();
  await allowed("Robo", owner, id);
  const dump = async () => {
    const tables = [
      "orgs",
      "users",
      "memberships",
      "connections",
      "credentials",
      "oauth_grants",
      "audit_events",
    ] as const;
    return JSON.stringify(await Promise.all(tables.map((table) => app.db.selectFrom(table).selectAll().execute())));
  };
  const before = await dump();
  const paths = [
    "/settings",
    "/settings/vendors",
    "/settings/clients",
    "/settings/account",
    "/settings/account/delete",
  ];
  const posts = [
    "/settings/writes",
    "/settings/password",
    "/settings/vendors/test",
    "/settings/apps/revoke",
    "/logout",
  ];
  for (const path of [...paths, ...posts, `/settings/revoke?connection=${id}`, `/connect/monitor?replace=${id}`])
    await ann.get(path);
  expect(await dump()).toBe(before);
});
