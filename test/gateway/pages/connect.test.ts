import { beforeEach, describe, expect, it } from "vitest";
import { listConnections } from "../../../gateway/connections/connections.ts";
import { connectLink } from "../../../gateway/connections/link.ts";
import { fakeClock, person, type TestApp, testApp } from "../support.ts";
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
  const fetch = async () => new Response("{}", { status, headers: { "retry-after": "42" } });
  app = await testApp({ vendors: [monitor, papers], lock: {}, now: clock.now, fetch });
  const { user, org, token } = await person(app);
  ann = visitor(app, token);
  owner = { org, user: user.id };
});

const typed = (values: Partial<typeof RIGHT> = {}) =>
  Object.fromEntries(Object.entries({ ...RIGHT, ...values }).map(([name, value]) => [`credential.${name}`, value]));

const connect = (values = {}, more: Record<string, string> = {}) =>
  ann.submit("/connect/monitor", "/connect/monitor", { ...typed(values), ...more });

describe("connect page (UI-02)", () => {
  it("shows the vendor's fields with labels, help, the vendor's key page and honest words on storage", async () => {
    const { body } = await ann.get("/connect/monitor");
    for (const { name, title, about } of monitor.credentials.fields) {
      expect(body).toContain(`<label for="field-credential-${name}">${title}`);
      if (about) expect(body).toContain(about);
    }
    expect(body).toMatch(/<select[^>]+name="credential.region"[\s\S]+<option value="eu" selected>Europe/);
    expect(body).toMatch(/<input[^>]+name="credential.apiSecret" type="password"/);
    expect(body).toContain(`href="${monitor.credentials.help.replaceAll("=", "&#x3D;")}"`);
    expect(body).toContain("encrypted at rest and opened only to make your calls");
    expect(body).not.toMatch(/never see your (raw )?keys/i);
  });

  it("tests keys before it stores them, then shows the connection (VLT-12, UI-04)", async () => {
    const done = await connect({}, { label: "Main account" });
    expect([done.statusCode, done.headers.location]).toEqual([303, "/settings/vendors"]);
    const { body } = await ann.get("/settings/vendors");
    expect(body).toContain("Acme Monitor accepted the keys.");
    expect(body).toContain("Main account");
    expect(body).toContain("Region: Europe · API key: AK-1");
    expect(body).not.toContain(RIGHT.apiSecret);
    expect((await ann.get("/settings/vendors")).body).not.toContain("accepted the keys");
  });

  it.each([
    [401, 422, "does not accept these keys, or they belong to another region"],
    [403, 422, "or lack the right to read"],
    [404, 422, "not found at this address"],
    [429, 429, "Try again in 42 seconds"],
    [503, 422, "could not be reached"],
  ])("says what a %s means, stores nothing and never repeats the secret (VLT-12)", async (vendor, ours, words) => {
    status = vendor;
    const answer = await connect({ apiKey: "AK-typed" });
    expect(answer.statusCode).toBe(ours);
    expect(answer.body).toContain(words);
    expect(answer.body).toContain('value="AK-typed"');
    expect(answer.body).not.toContain(RIGHT.apiSecret);
    expect(await listConnections(app.db, owner)).toEqual([]);
  });

  it("says at the field what is missing, wrong or too long", async () => {
    const answer = await connect({ apiKey: "", apiSecret: "x".repeat(5000), region: "moon" });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain("API key is required.");
    expect(answer.body).toContain("API secret key is too long.");
    expect(answer.body).toContain("Region is not one of the choices.");
    expect(answer.body).toMatch(/aria-describedby="field-credential-apiKey-error"[^>]* aria-invalid="true"/);
    expect(answer.body).not.toContain("xxxx");
  });

  it("recognises the masked copy of a key", async () => {
    const answer = await connect({ apiSecret: "abcd••••••••" });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain("This is a masked or shortened copy");
  });

  it("replaces keys, and keeps the old ones until the new ones work (VLT-07)", async () => {
    await connect();
    const [first] = await listConnections(app.db, owner);
    const page = `/connect/monitor?replace=${first!.id}`;
    expect((await ann.get(page)).body).toContain('value="AK-1"');
    status = 401;
    expect((await ann.submit(page, page, typed({ apiSecret: "wrong" }))).statusCode).toBe(422);
    expect((await listConnections(app.db, owner))[0]).toMatchObject({ version: 1 });
    status = 200;
    expect((await ann.submit(page, page, typed({ apiSecret: "right-new" }))).statusCode).toBe(303);
    expect(await listConnections(app.db, owner)).toMatchObject([{ id: first!.id, version: 2, label: "Europe" }]);
  });

  it("refuses another person's connection, an unknown one, and an unknown vendor", async () => {
    await connect();
    const id = (await listConnections(app.db, owner))[0]!.id;
    const bob = visitor(app, (await person(app, "bob@example.com")).token);
    expect((await bob.get(`/connect/monitor?replace=${id}`)).statusCode).toBe(404);
    expect((await ann.get(`/connect/papers?replace=${id}`)).statusCode).toBe(404);
    expect((await ann.get("/connect/unknown")).statusCode).toBe(404);
  });

  it("wants its own form token (UI-09)", async () => {
    for (const form_token of ["", "x", "y".repeat(43)])
      expect((await ann.post("/connect/monitor", { ...typed(), form_token })).statusCode).toBe(403);
    const bob = visitor(app, (await person(app, "bob@example.com")).token);
    const { body } = await bob.get("/connect/monitor");
    const foreign = /name="form_token" value="([^"]+)"/.exec(body)![1]!;
    expect((await ann.post("/connect/monitor", { ...typed(), form_token: foreign })).statusCode).toBe(403);
    expect(await listConnections(app.db, owner)).toEqual([]);
  });

  it("allows so many tries, by person (OAU-24)", async () => {
    status = 401;
    for (let i = 0; i < 20; i++) await connect();
    status = 200;
    const answer = await connect();
    expect(answer.statusCode).toBe(429);
    expect(answer.body).toContain("Wait 10 minutes");
    clock.pass(10 * 60_000);
    expect((await connect()).statusCode).toBe(303);
  });
});

describe("a link that a tool call returned", () => {
  const linkOf = (vendor = "monitor") => {
    const url = new URL(connectLink(app, { userId: owner.user, orgId: owner.org, vendor }));
    return url.pathname + url.search;
  };
  const submit = (who: Visitor, link: string) =>
    who.submit(link, "/connect/monitor", { ...typed(), link: new URLSearchParams(link.split("?")[1]).get("link")! });

  it("leads its person through sign-in to connecting, and back to the assistant", async () => {
    const link = linkOf();
    expect((await visitor(app).get(link)).headers.location).toContain("/login?next=%2Fconnect%2Fmonitor%3Flink%3D");
    const done = await submit(ann, link);
    expect(done.headers.location).toBe("/connect/monitor/done");
    expect((await ann.get("/connect/monitor/done")).body).toContain("Go back to your assistant");
    expect(await listConnections(app.db, owner)).toHaveLength(1);
  });

  it("is refused to everybody else, to look at and to use (OAU-22)", async () => {
    const bob = await person(app, "bob@example.com");
    const visiting = visitor(app, bob.token);
    const seen = await visiting.get(linkOf());
    expect(seen.statusCode).toBe(403);
    expect(seen.body).toContain("This link is for another account");
    expect(seen.body).not.toContain("ann@example.com");
    const { body } = await visiting.get("/connect/monitor");
    const form_token = /name="form_token" value="([^"]+)"/.exec(body)![1]!;
    const link = new URLSearchParams(linkOf().split("?")[1]).get("link")!;
    expect((await visiting.post("/connect/monitor", { ...typed(), form_token, link })).statusCode).toBe(403);
    expect(await listConnections(app.db, { org: bob.org, user: bob.user.id })).toEqual([]);
  });

  it("is over after a day, when changed, and for another vendor (OAU-22)", async () => {
    const link = linkOf();
    expect((await ann.get(`${link}x`)).statusCode).toBe(410);
    expect((await ann.get(link.replace("/monitor", "/papers"))).statusCode).toBe(410);
    clock.pass(60 * 60_000);
    expect((await ann.get(link)).statusCode).toBe(200);
    expect((await ann.get(linkOf("papers"))).statusCode).toBe(200);
  });

  it("does nothing by being opened", async () => {
    const count = async () => (await app.db.selectFrom("audit_events").selectAll().execute()).length;
    const before = await count();
    for (let i = 0; i < 3; i++) await ann.get(linkOf());
    expect(await count()).toBe(before);
    expect(await listConnections(app.db, owner)).toEqual([]);
  });
});
