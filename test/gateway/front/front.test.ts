import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { DEADLINE_MS } from "../../../gateway/calls/call.ts";
import { readConfig } from "../../../gateway/config.ts";
import { buildFront } from "../../../gateway/front/app.ts";
import { HEADERS_TIMEOUT_MS } from "../../../gateway/front/forward.ts";
import { SILENCE_MS } from "../../../gateway/plugins/sockets.ts";
import { freePort } from "../../setup/free-port.ts";

const messageOf = (env: Record<string, string>) => {
  try {
    readConfig(env);
    return "no error";
  } catch (error) {
    return (error as Error).message;
  }
};

/** A listener in a worker's place, which answers as the test says. */
async function worker(answer: (request: IncomingMessage, reply: ServerResponse) => void): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function front(tenants: Record<string, string>, env: Record<string, string> = {}) {
  const config = readConfig({ ROLE: "front", TENANTS: JSON.stringify(tenants), LOG_LEVEL: "silent", ...env });
  const app = await buildFront({ config: { ...config, tenants: config.tenants! } });
  onTestFinished(() => app.close());
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });
  return { app, origin };
}

const echo = (request: IncomingMessage, reply: ServerResponse) =>
  reply.end(JSON.stringify({ url: request.url, headers: request.headers }));

describe("a front", () => {
  it("is given hosts and workers, and nothing that opens anything (TEN-09)", () => {
    const TENANTS = '{"acme.example.com":"http://acme:3100"}';
    const config = readConfig({ NODE_ENV: "production", ROLE: "front", TENANTS });
    expect([...config.tenants!]).toEqual([["acme.example.com", "http://acme:3100"]]);
    const secret = { VAULT_KEYS: `k1:${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}` };
    for (const [env, words] of [
      [{ ROLE: "front", TENANTS, DATABASE_URL: "postgres://x" }, "DATABASE_URL: a front holds no secrets"],
      [{ ROLE: "front", TENANTS, ...secret }, "VAULT_KEYS: a front holds no secrets"],
      [
        { ROLE: "front", TENANTS, METRICS_PORT: "9", METRICS_HOST: "0.0.0.0" },
        "METRICS_TOKEN: needed when METRICS_HOST",
      ],
      [{ ROLE: "front" }, "TENANTS: a front needs"],
      [{ TENANTS }, "TENANTS: only a front has tenants"],
      [{ ROLE: "front", TENANTS: "{}" }, "TENANTS: must be a JSON object"],
      [{ ROLE: "front", TENANTS: '{"a.example/x":"http://a:1"}' }, "is no host name"],
      [{ ROLE: "front", TENANTS: '{"a.example":"http://a:1/path"}' }, "scheme, host and port of its worker alone"],
      [{ ROLE: "front", TENANTS: '{"a.example":"http://w:1","b.example":"http://w:1"}' }, "shares its worker"],
    ] as [Record<string, string>, string][])
      expect(messageOf(env)).toContain(words);
  });

  it("sends a request to the worker of the host it names, whole and as it was (TEN-09)", async () => {
    const { app } = await front({
      "a.example": await worker(echo),
      "b.example": await worker((_, reply) => reply.end("b")),
    });
    const a = await app.inject({ url: "/v1/x/?q=a%20b&q=%2F", headers: { host: "A.example:8443", cookie: "s=1" } });
    expect(a.json()).toMatchObject({ url: "/v1/x/?q=a%20b&q=%2F", headers: { host: "A.example:8443", cookie: "s=1" } });
    expect((await app.inject({ url: "/health", headers: { host: "b.example" } })).body).toBe("b");
  });

  it("keeps places for the others when one tenant has too many requests under way, and says when to come back (TEN-09, OPS-09)", async () => {
    const held: ServerResponse[] = [];
    const { promise: full, resolve } = Promise.withResolvers<void>();
    const hangs = await worker((_, reply) => {
      if (held.push(reply) === 2) resolve();
    });
    const tenants = { "a.example": hangs, "b.example": await worker(echo) };
    const { app } = await front(tenants, { MAX_REQUESTS_PER_TENANT: "2" });
    const ask = (host: string) => app.inject({ url: "/mcp", headers: { host } });
    const waiting = [ask("a.example"), ask("a.example")];
    for (const each of waiting) each.catch(() => {}); // inject sends when somebody waits
    await full;
    const refused = await ask("a.example");
    expect([refused.statusCode, refused.headers["retry-after"], refused.json()]).toMatchObject([
      503,
      "5",
      { code: "OVERLOADED", message: /more to do than it can do/ },
    ]);
    expect((await ask("b.example")).statusCode).toBe(200);
    for (const reply of held) reply.end("late");
    expect((await Promise.all(waiting)).map(({ body }) => body)).toEqual(["late", "late"]);
    const after = ask("a.example");
    after.catch(() => {});
    await expect.poll(() => held.length).toBe(3);
    held[2]!.end("again");
    expect((await after).body).toBe("again");
  });

  it("keeps places of a tenant from a network that sends slowly, and answers who sends at once (TEN-09, OPS-09)", async () => {
    let arrived = 0;
    const patient = await worker((request, reply) => {
      arrived++;
      request.resume().once("end", () => reply.end("whole"));
    });
    const { origin } = await front({ "127.0.0.1": patient }, { MAX_REQUESTS_PER_TENANT: "8" });
    const port = Number(new URL(origin).port);
    const sendSlowly = () => {
      const socket = connect(port, "127.0.0.1");
      onTestFinished(() => void socket.destroy());
      socket.write(
        "POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\nslow",
      );
      return socket;
    };
    const held: ReturnType<typeof sendSlowly>[] = [];
    for (let sent = 0; sent < 4; sent++) {
      held.push(sendSlowly());
      await expect.poll(() => arrived).toBe(held.length);
    }
    for (let sent = 0; sent < 4; sent++) {
      const [answer] = await once(sendSlowly(), "data");
      expect(String(answer)).toMatch(/^HTTP\/1.1 503 /);
    }
    expect((await fetch(`${origin}/mcp`, { method: "POST", body: "at once" })).status).toBe(200);
    for (const socket of held) expect(socket.destroyed).toBe(false);
  });

  it("counts and times requests by worker, under the names of its configuration, on an address of its own (TEN-09, OPS-14)", async () => {
    const port = await freePort();
    const tenants = { "a.example": await worker(echo), "b.example": "http://127.0.0.1:1" };
    const { app } = await front(tenants, { METRICS_PORT: String(port) });
    const ask = (host: string) => app.inject({ url: "/mcp", headers: { host } });
    for (const host of ["a.example", "A.example:8443", "b.example", "made-up.example"]) await ask(host);
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    for (const line of [
      'vendorsmith_front_requests_total{worker="a.example",method="GET",status="2xx"} 2',
      'vendorsmith_front_requests_total{worker="b.example",method="GET",status="5xx"} 1',
      'vendorsmith_front_requests_total{worker="none",method="GET",status="4xx"} 1',
      'vendorsmith_front_refusals_total{worker="b.example",reason="unreachable"} 1',
      'vendorsmith_front_request_seconds_count{worker="a.example"} 2',
      'vendorsmith_front_requests_under_way{worker="a.example"} 0',
    ])
      expect(text).toContain(line);
    expect(text).not.toContain("made-up");
    expect((await fetch(`http://127.0.0.1:${port}/ready`)).status).toBe(404);
    expect((await app.inject({ url: "/metrics", headers: { host: "front" } })).statusCode).toBe(421);
  });

  it("answers 421 under any other host, whatever a header claims (TEN-09)", async () => {
    const { app, origin } = await front({ "a.example": await worker(echo) }, { TRUST_PROXY: "loopback" });
    for (const host of ["evil.example", "a.example.evil.example", "127.0.0.1", ""]) {
      const answer = await app.inject({ url: "/mcp", headers: { host, "x-forwarded-host": "a.example" } });
      expect([answer.statusCode, answer.json().code], host).toEqual([421, "UNKNOWN_TENANT"]);
    }
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.end("GET http://b.example/mcp HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
    const [raw] = (await once(socket, "data")) as [Buffer];
    expect(raw.toString()).toMatch(/^HTTP\/1\.1 421 /);
  });

  it("says itself where a request came from: what callers claim reaches no worker", async () => {
    const forged = { "x-forwarded-for": "198.51.100.7", forwarded: "for=198.51.100.7", "x-real-ip": "198.51.100.7" };
    const { app } = await front({ "a.example": await worker(echo) });
    const { headers } = (await app.inject({ url: "/", headers: { host: "a.example", ...forged } })).json();
    expect(headers["x-forwarded-for"]).toBe("127.0.0.1");
    expect(headers).not.toHaveProperty("forwarded");
    expect(headers).not.toHaveProperty("x-real-ip");
    const trusting = await front({ "a.example": await worker(echo) }, { TRUST_PROXY: "loopback" });
    const believed = await trusting.app.inject({ url: "/", headers: { host: "a.example", ...forged } });
    expect(believed.json().headers["x-forwarded-for"]).toBe("198.51.100.7");
    const own = { TRUST_PROXY: "loopback", TRUST_PROXY_HEADER: "X-Real-IP" };
    const named = await front({ "a.example": await worker(echo) }, own);
    const real = { ...forged, "x-real-ip": "198.51.100.9" };
    const told = await named.app.inject({ url: "/", headers: { host: "a.example", ...real } });
    expect(told.json().headers["x-forwarded-for"]).toBe("198.51.100.9");
    const platform = { TRUST_PROXY: "10.0.0.0/8", TRUST_PROXY_HEADER: "Fly-Client-IP" };
    const around = await front({ "a.example": await worker(echo) }, platform);
    const claimed = { host: "a.example", "fly-client-ip": "198.51.100.9" };
    const seen = await around.app.inject({ url: "/", headers: claimed, remoteAddress: "203.0.113.5" });
    expect(seen.json().headers).toMatchObject({ "x-forwarded-for": "203.0.113.5", "fly-client-ip": "203.0.113.5" });
  });

  it("keeps to itself what a header says of the caller's own connection", async () => {
    const { origin } = await front({ "a.example": await worker(echo) });
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    let answer = "";
    const whole = new Promise<void>((done) => {
      socket.on("data", (part) => {
        answer += part;
        if (answer.trimEnd().endsWith("}")) done();
      });
      socket.once("close", () => done());
    });
    // As Windows PowerShell posts, and as old proxies do.
    const own = "Expect: 100-continue\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nTE: trailers\r\n";
    socket.write(
      `POST /v1/x HTTP/1.1\r\nHost: a.example\r\n${own}Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello`,
    );
    await whole;
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    for (const name of ["expect", "keep-alive", "proxy-connection", "te"]) expect(answer).not.toContain(`"${name}":`);
  });

  it("passes a stream on event by event, and ends it at the worker when the caller leaves (TEN-09)", async () => {
    let left = () => {};
    const gone = new Promise<void>((done) => {
      left = done;
    });
    const streaming = await worker((_request, reply) => {
      reply.writeHead(200, { "content-type": "text/event-stream" });
      reply.write("data: 1\n\n");
      reply.on("close", left);
    });
    const { origin } = await front({ localhost: streaming });
    const leaving = new AbortController();
    const answer = await fetch(origin.replace("127.0.0.1", "localhost"), { signal: leaving.signal });
    const { value } = await answer.body!.getReader().read();
    expect(new TextDecoder().decode(value)).toBe("data: 1\n\n");
    leaving.abort();
    await gone;
  });

  it("ends a call at the worker whose caller leaves before the answer began", async () => {
    let asked = () => {};
    let left = () => {};
    const reached = new Promise<void>((done) => {
      asked = done;
    });
    const gone = new Promise<void>((done) => {
      left = done;
    });
    const slow = await worker((_request, reply) => {
      reply.on("close", left);
      asked();
    });
    const { origin } = await front({ localhost: slow });
    const leaving = new AbortController();
    const answer = fetch(origin.replace("127.0.0.1", "localhost"), { signal: leaving.signal }).catch(() => "left");
    await reached;
    leaving.abort();
    expect(await answer).toBe("left");
    await gone;
  });

  it("passes large bodies on as they come, and asks a worker once", async () => {
    let calls = 0;
    const counting = await worker(async (request, reply) => {
      calls++;
      let bytes = 0;
      for await (const part of request) bytes += (part as Buffer).length;
      reply.writeHead(503, { "retry-after": "0" }).end(String(bytes));
    });
    const { origin } = await front({ localhost: counting });
    const url = origin.replace("127.0.0.1", "localhost");
    const body = JSON.stringify({ text: "x".repeat(8_000_000) });
    const sent = await fetch(url, { method: "POST", body, headers: { "content-type": "application/json" } });
    expect([sent.status, await sent.text()]).toEqual([503, String(body.length)]);
    expect((await fetch(url)).status).toBe(503);
    expect(calls).toBe(2);
  });

  it("waits for as long as a worker's longest call takes, and its caller for longer", () => {
    expect(HEADERS_TIMEOUT_MS).toBeGreaterThan(DEADLINE_MS);
    expect(SILENCE_MS).toBeGreaterThan(HEADERS_TIMEOUT_MS);
  });

  it("says when a worker does not answer, without saying where it is", async () => {
    const { app } = await front({ "a.example": "http://127.0.0.1:9", "b.example": await worker(echo) });
    const answer = await app.inject({ url: "/mcp", headers: { host: "a.example" } });
    expect([answer.statusCode, answer.json().code]).toEqual([503, "WORKER_UNREACHABLE"]);
    expect(answer.headers["retry-after"]).toBe("5");
    expect(answer.body).not.toContain("127.0.0.1");
    // A person's browser gets a page.
    for (const [host, status, words] of [
      ["a.example", 503, "Please try again in a moment."],
      ["c.example", 421, "Nobody is served under this host."],
    ] as const) {
      const page = await app.inject({ url: "/login", headers: { host, accept: "text/html,*/*;q=0.8" } });
      expect([page.statusCode, page.headers["content-type"]]).toEqual([status, "text/html; charset=utf-8"]);
      expect(page.body).toContain(`${words}</p>`);
      expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    }
    const ready = await app.inject({ url: "/ready", headers: { host: "10.0.0.7:3100" } });
    expect([ready.statusCode, ready.json()]).toEqual([200, { status: "partly", workers: { answering: 1, of: 2 } }]);
    const { app: alone } = await front({ "a.example": "http://127.0.0.1:9" });
    expect((await alone.inject({ url: "/ready", headers: { host: "10.0.0.7" } })).statusCode).toBe(503);
    expect((await alone.inject({ url: "/health", headers: { host: "10.0.0.7" } })).json()).toEqual({ status: "ok" });
  });

  it("asks workers once a second, however many want to know how they are", async () => {
    let asked = 0;
    const counting = await worker((_, reply) => {
      asked++;
      reply.end();
    });
    const { app } = await front({ "a.example": counting });
    const ready = () => app.inject({ url: "/ready", headers: { host: "10.0.0.7" } });
    const answers = await Promise.all(Array.from({ length: 50 }, ready));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(50).fill(200));
    expect(asked).toBe(1);
  });

  it("lets an address hold so many connections and no more, as a worker does", async () => {
    const { origin } = await front({ "a.example": await worker(echo) }, { MAX_CONNECTIONS_PER_ADDRESS: "2" });
    const open = () => {
      const socket = connect(Number(new URL(origin).port), "127.0.0.1");
      onTestFinished(() => void socket.destroy());
      return socket;
    };
    await Promise.all([once(open(), "connect"), once(open(), "connect")]);
    const third = open();
    third.on("error", () => {}); // it may be reset
    await once(third, "close");
  });
});
