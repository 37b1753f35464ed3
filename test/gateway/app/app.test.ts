import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it } from "vitest";
import { acme, acmeWorld } from "../acme.ts";
import { person, scratch, testApp } from "../support.ts";

/** The lines a gateway logs, and what is in them. */
function collected() {
  const lines: string[] = [];
  return { lines, text: () => lines.join(""), write: (line: string) => void lines.push(line) };
}

describe("errors", () => {
  async function brokenApp() {
    const log = collected();
    const app = await testApp({ env: { LOG_LEVEL: "info" }, log });
    app.get("/broken", async () => {
      const cause = Object.assign(new Error("inner"), { detail: "canary-row" });
      throw Object.assign(new Error("canary-outer", { cause }), { detail: "canary-row", statusCode: 500 });
    });
    app.get("/refused", async () => {
      throw Object.assign(new Error("Too early."), { statusCode: 425, code: "TOO_EARLY" });
    });
    app.post("/echo", async (request) => request.body);
    return { app, log };
  }

  it("are a code, a message and a request id", async () => {
    const { app } = await brokenApp();
    const answer = await app.inject("/refused");
    const requestId = answer.headers["x-request-id"];
    expect([answer.statusCode, answer.json()]).toEqual([425, { code: "TOO_EARLY", message: "Too early.", requestId }]);
  });

  it("tell nothing of a failure but its request id, which the log has too (OPS-06)", async () => {
    const { app, log } = await brokenApp();
    const answer = await app.inject("/broken");
    expect(answer.json()).toMatchObject({ code: "INTERNAL", requestId: answer.headers["x-request-id"] });
    expect(answer.body).not.toContain("canary");
    const logged = log.lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === "request failed");
    expect(logged).toMatchObject({ reqId: answer.headers["x-request-id"], err: { message: "canary-outer" } });
    expect(log.text()).not.toContain("canary-row");
  });

  it("of a body that is no JSON or too large are the caller's", async () => {
    const { app } = await brokenApp();
    const post = (payload: string) =>
      app.inject({ method: "POST", url: "/echo", payload, headers: { "content-type": "application/json" } });
    expect((await post("{")).json()).toMatchObject({ code: "BAD_REQUEST" });
    expect((await post(JSON.stringify("x".repeat(1_100_000)))).json()).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
  });

  it("are a page for browsers, which cannot be framed", async () => {
    const app = await testApp();
    const answer = await app.inject({ url: "/nowhere", headers: { accept: "text/html,*/*" } });
    expect(answer.statusCode).toBe(404);
    expect(answer.headers["content-type"]).toContain("text/html");
    expect(answer.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(answer.headers["x-frame-options"]).toBe("DENY");
    expect((await app.inject("/nowhere")).json()).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("the log", () => {
  it("has one line per answer, with the route and without what the address carried (OPS-06)", async () => {
    const log = collected();
    const app = await testApp({ env: { LOG_LEVEL: "info" }, log });
    const headers = { authorization: "Bearer canary-token", cookie: "session=canary-cookie" };
    await app.inject({ url: "/nowhere?token=canary-query", headers });
    await app.inject({ url: "/setup/canary-setup", headers: { ...headers, "x-request-id": "canary-id" } });
    const lines = log.lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "answered");
    expect(lines[0]).toMatchObject({
      level: 30,
      method: "GET",
      route: "unknown",
      status: 404,
      reqId: expect.any(String),
    });
    expect(lines[1]).toMatchObject({ route: "/setup/:token" });
    expect(log.text()).not.toContain("canary");
  });

  it("hides what is called a secret, however it gets there (OPS-06)", async () => {
    const log = collected();
    const app = await testApp({ env: { LOG_LEVEL: "debug" }, log });
    app.log.info({ password: "canary", body: { apiSecret: "canary", deep: { refresh_token: "canary" } } }, "x");
    app.log.info({ req: { headers: { authorization: "canary", "set-cookie": "canary" } } }, "y");
    app.log.info({ code: "VENDOR_AUTH", query: { code: "canary" } }, "z");
    expect(log.text()).toContain("[secret]");
    expect(log.text()).toContain("VENDOR_AUTH");
    expect(log.text()).not.toContain("canary");
  });

  it("does not fill with probes that had a good answer (OPS-06)", async () => {
    const log = collected();
    const app = await testApp({ env: { LOG_LEVEL: "info" }, log });
    await app.inject("/health");
    await app.inject("/ready");
    expect(log.text()).not.toContain("answered");
  });

  it("is as quiet as LOG_LEVEL says (OPS-06)", async () => {
    const log = collected();
    const app = await testApp({ env: { LOG_LEVEL: "error" }, log });
    await app.inject("/health");
    expect(log.lines).toEqual([]);
  });
});

describe("closing", () => {
  it("does not wait for a connection on which nothing was asked (OPS-09)", async () => {
    const app = await testApp();
    await app.listen({ host: "127.0.0.1", port: 0 });
    const socket = connect((app.server.address() as AddressInfo).port, "127.0.0.1");
    await once(socket, "connect");
    await new Promise((next) => setTimeout(next, 20)); // until the server has it, too
    const gone = once(socket, "close");
    await app.close();
    await gone;
  });

  it("finishes what is under way, with its audit rows, before the database goes (OPS-09)", async () => {
    const DATA_DIR = scratch();
    const app = await testApp({ env: { DATA_DIR, AUDIT_LOG_FILE: "" } });
    const { user, org } = await person(app);
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    app.get("/slow", async () => {
      start();
      await new Promise((done) => setTimeout(done, 50));
      await app.audit.record({ org, type: "slow", actor: { id: user.id, type: "user" }, status: "success" });
      return "done";
    });
    const address = await app.listen({ host: "127.0.0.1", port: 0 });
    const answer = fetch(`${address}/slow`);
    await started;
    const closed = app.close();
    expect(await (await answer).text()).toBe("done");
    await closed;
    expect(readFileSync(`${DATA_DIR}/audit.json`, "utf8")).toContain('"event_type":"slow"');
    expect(existsSync(`${DATA_DIR}/vendorsmith.db-wal`)).toBe(false);
  });
});

describe("headers", () => {
  it("keep every answer from being framed, sniffed or told to others by its address", async () => {
    const app = await testApp({ vendors: [acme(acmeWorld())] });
    const paths = ["/", "/login", "/settings", "/connect/acme", "/health", "/v1/acme", "/acme/mcp", "/nowhere"];
    const oauth = ["/oauth/authorize", "/oauth/token", "/interaction/x"];
    for (const url of [...paths, ...oauth]) {
      const { headers } = await app.inject({ url, headers: { host: "localhost:3100", accept: "text/html" } });
      expect([url, headers["content-security-policy"]]).toEqual([
        url,
        expect.stringContaining("frame-ancestors 'none'"),
      ]);
      expect([url, headers["x-frame-options"]]).toEqual([url, "DENY"]);
      expect([url, headers["x-content-type-options"]]).toEqual([url, "nosniff"]);
      expect([url, headers["referrer-policy"]]).toEqual([url, "same-origin"]);
      expect([url, headers["strict-transport-security"]]).toEqual([url, undefined]);
    }
  });

  it("ask browsers to stay with https where that is the address", async () => {
    const app = await testApp({ env: { PUBLIC_URL: "https://mcp.example.com" } });
    const { headers } = await app.inject({ url: "/login", headers: { host: "mcp.example.com" } });
    expect(headers["strict-transport-security"]).toContain("max-age=31536000");
  });
});

it("does not start with a simulation for a vendor that is none", async () => {
  const env = { DEV_VENDOR_ORIGINS: '{"acmee":"http://127.0.0.1:1"}' };
  await expect(testApp({ env, vendors: [acme(acmeWorld())] })).rejects.toThrow('"acmee" is no vendor; known: acme');
});
