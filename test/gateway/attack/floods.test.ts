import http from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { networkOf } from "../../../gateway/database/rate-counters.ts";
import { checkPassword } from "../../../gateway/identity/sign-in.ts";
import { gate, legacy, toolCallsOf } from "../mcp/gate.ts";
import { json } from "../oauth/browser.ts";
import { type House, ISSUER, openHouse } from "../oauth/house.ts";
import { PASSWORD, person, type TestApp, testApp } from "../support.ts";

const CLIENT = { redirect_uris: ["http://localhost/callback"], token_endpoint_auth_method: "none" };

async function house(): Promise<House> {
  const opened = await openHouse();
  onTestFinished(() => opened.close());
  return opened;
}

const register = ({ fetch }: House, address: string, path = "/oauth/register") =>
  fetch(`${ISSUER}${path}`, { ...json(CLIENT), address });

describe("registrations", () => {
  it.each(["/oauth/register/", "/oauth/Register", "/oauth/REGISTER"])(
    "have one spelling of their address, or %s would not be counted (OAU-24)",
    async (path) => expect((await register(await house(), "192.0.2.1", path)).status).toBe(404),
  );

  it("are counted however the request line spells the address (OAU-24)", async () => {
    const { app } = await house();
    const { port } = new URL(await app.listen({ host: "127.0.0.1", port: 0 }));
    const send = (path: string) =>
      new Promise<number | undefined>((done, failed) =>
        http
          .request({ port, path, method: "POST", headers: { "content-type": "application/json" } })
          .on("response", (answer) => done(answer.resume().statusCode))
          .on("error", failed)
          .end(JSON.stringify(CLIENT)),
      );
    for (let n = 0; n < 30; n++) expect(await send("/oauth/register")).toBe(201);
    expect(await send("http://elsewhere.example/oauth/register")).toBe(429);
    expect(await send("/oauth/%72egister")).toBe(429);
  });

  it("that are refused to one address do not use up what all addresses share (OAU-24)", async () => {
    const opened = await house();
    for (let n = 0; n < 320; n++) await register(opened, "192.0.2.1");
    expect((await register(opened, "192.0.2.2")).status).toBe(201);
  });

  it("from the addresses of one IPv6 network count together (OAU-24)", async () => {
    const opened = await house();
    const statuses: number[] = [];
    for (let n = 0; n < 31; n++) statuses.push((await register(opened, `2001:db8:1:2::${n.toString(16)}`)).status);
    expect(statuses.at(-1)).toBe(429);
    expect((await register(opened, "2001:db8:1:3::1")).status).toBe(201);
  });
});

it.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:DB8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["::1", "0:0:0:0::/64"],
  ["not an address", "not an address"],
])("the network of %s", (address, network) => expect(networkOf(address)).toBe(network));

describe("wrong passwords", () => {
  const attempt = (app: TestApp, address: string, password = "wrong") =>
    checkPassword(app, { email: "ann@example.com", password, address });

  it("from one address keep nobody else out of the account (OAU-24)", async () => {
    const app = await testApp();
    await person(app);
    for (let n = 0; n < 20; n++) await attempt(app, "198.51.100.1");
    expect(await attempt(app, "192.0.2.1", PASSWORD)).toMatchObject({ email: "ann@example.com" });
  });
});

describe("refused calls", () => {
  const call = (name: string, args: object = {}) => legacy("tools/call", { name, arguments: args });

  async function caller(env: Record<string, string>) {
    const { app, someone } = await gate({ env });
    const ann = await someone();
    const connection = (await ann.connect()).id;
    const token = await ann.token(["acme:read"], { connection });
    const send = ({ headers, payload }: { headers: object; payload: object }) =>
      app.inject({
        method: "POST",
        url: "/v1/acme",
        headers: { ...headers, host: "localhost:3100", authorization: `Bearer ${token}` },
        payload,
      });
    const rows = async () => (await toolCallsOf(app, ann.org)).filter(({ status }) => status === "denied").length;
    return { app, ann, send, rows };
  }

  it("over the limit leave one row, so that a loop does not fill the log (TEN-08)", async () => {
    const { send, rows } = await caller({ CALLS_PER_MINUTE: "3" });
    for (let n = 0; n < 20; n++) await send(call("acme_list_things", { limit: 1 }));
    expect(await rows()).toBe(1);
  });

  it("of hidden tools are counted too (TEN-08)", async () => {
    const { send, rows } = await caller({ CALLS_PER_MINUTE: "5" });
    for (let n = 0; n < 20; n++) await send(call("acme_rename_thing"));
    expect(await rows()).toBeLessThanOrEqual(6);
  });

  it("of tools beyond the token's scopes are counted too (TEN-08)", async () => {
    const { ann, send, rows } = await caller({ CALLS_PER_MINUTE: "5" });
    await ann.writes(true);
    for (let n = 0; n < 20; n++) await send(call("acme_rename_thing"));
    expect(await rows()).toBeLessThanOrEqual(6);
  });

  it("of one person do not use up what the organisation shares (TEN-08)", async () => {
    const { app, ann, send } = await caller({ CALLS_PER_MINUTE: "3", ORG_CALLS_PER_MINUTE: "10" });
    for (let n = 0; n < 20; n++) await send(call("acme_list_things", { limit: 1 }));
    expect(await app.limit(`calls:${ann.org}`, { max: 10, windowMs: 60_000 })).toMatchObject({ allowed: true });
  });
});
