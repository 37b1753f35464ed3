import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { DEADLINE_MS } from "../../../gateway/calls/call.ts";
import { acme, acmeWorld, lockOf } from "../acme.ts";
import { gate, modern } from "../mcp/gate.ts";
import { testApp } from "../support.ts";

/** A gateway that may have one request under way, and has it. */
async function busyApp() {
  const vendor = acme(acmeWorld());
  const app = await testApp({ vendors: [vendor], lock: lockOf(vendor), env: { MAX_REQUESTS: "1" } });
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  app.get("/slow", async () => {
    begin();
    await over;
    return "done";
  });
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });
  const slow = fetch(`${origin}/slow`);
  await begun;
  onTestFinished(() => end());
  const finish = async () => {
    end();
    return await (await slow).text();
  };
  return { app, origin, finish };
}

describe("more requests than may be under way (OPS-09)", () => {
  it("are refused with 503 and when to come back, each in the words of its way in; health is not", async () => {
    const { app, origin, finish } = await busyApp();
    const ask = async (path: string, init: RequestInit = {}) => {
      const answer = await fetch(`${origin}${path}`, { redirect: "manual", ...init });
      return [answer.status, answer.headers.get("retry-after"), await answer.text()] as const;
    };
    const { headers, payload } = modern("tools/list");
    const [status, retryAfter, body] = await ask("/v1/acme", {
      method: "POST",
      headers,
      body: JSON.stringify(payload),
    });
    expect([status, retryAfter, JSON.parse(body)]).toEqual([
      503,
      "5",
      {
        jsonrpc: "2.0",
        id: null,
        error: {
          code: -32000,
          message: "The gateway has more to do than it can do at once. Try again in some seconds.",
          data: { code: "OVERLOADED", retryAfterSeconds: 5 },
        },
      },
    ]);
    const rest = await ask("/api/v1/tools");
    expect([rest[0], rest[1], JSON.parse(rest[2])]).toMatchObject([503, "5", { code: "OVERLOADED" }]);
    const token = await ask("/oauth/token", { method: "POST" });
    expect([token[0], token[1], JSON.parse(token[2])]).toMatchObject([503, "5", { error: "temporarily_unavailable" }]);
    const page = await ask("/login", { headers: { accept: "text/html" } });
    expect(page.slice(0, 2)).toEqual([503, "5"]);
    expect(page[2]).toContain("The gateway has more to do than it can do at once.");
    expect((await ask("/health"))[0]).toBe(200);
    expect(await app.metrics.text()).toMatch(/shed_requests_total\{reason="requests"\} 4/);
    expect(await finish()).toBe("done");
    await sleep(20);
    expect((await ask("/login", { headers: { accept: "text/html" } }))[0]).toBe(200);
  });

  it("are not all of one network that sends slowly: others are taken, and what it sends whole", async () => {
    // Two are anybody's; of the others, two of one network.
    const app = await testApp({ env: { MAX_REQUESTS: "8", TRUST_PROXY: "127.0.0.1" } });
    let admit = () => {};
    const onRequest = async () => admit();
    app.post("/body", { onRequest }, async () => "read");
    await app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const slowly = async (from: string) => {
      const socket = connect(port, "127.0.0.1");
      onTestFinished(() => void socket.destroy());
      const admitted = new Promise<string>((done) => (admit = () => done("admitted")));
      const body = "content-type: application/json\r\ncontent-length: 100\r\n\r\n{";
      socket.write(`POST /body HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: ${from}\r\n${body}`);
      const said = once(socket, "data").then(([answer]) => String(answer).split(" ", 2)[1]);
      return { socket, came: await Promise.race([admitted, said]) };
    };
    for (const from of ["::1", "::2", "::3"]) expect((await slowly(`2001:db8:1:2${from}`)).came).toBe("admitted");
    const last = await slowly("2001:db8:1:2::4");
    expect([last.came, (await slowly("2001:db8:1:2::5")).came]).toEqual(["admitted", "503"]);
    expect((await slowly("198.51.100.7")).came).toBe("admitted");
    const headers = { "x-forwarded-for": "2001:db8:1:2::6", "content-type": "application/json" };
    const whole = () => fetch(`http://127.0.0.1:${port}/body`, { method: "POST", headers, body: "{}" });
    expect((await Promise.all([whole(), whole(), whole()])).map(({ status }) => status)).toEqual([200, 200, 200]);
    const gone = once(last.socket, "close");
    last.socket.destroy();
    await gone;
    let again = await slowly("2001:db8:1:2::7");
    for (let tries = 0; again.came === "503" && tries < 100; tries++) again = await slowly("2001:db8:1:2::7");
    expect(again.came).toBe("admitted");
  });

  it("are counted until their answers are out, and no longer", async () => {
    const app = await testApp({ env: { MAX_REQUESTS: "1" } });
    for (let n = 0; n < 5; n++) expect((await app.inject("/login")).statusCode).toBe(200);
  });
});

it("a late event loop refuses requests until it keeps up again (OPS-09)", async () => {
  const app = await testApp({ env: { MAX_EVENT_LOOP_DELAY_MS: "40" } });
  const status = async () => (await app.inject("/login")).statusCode;
  const block = setInterval(() => {
    for (const until = Date.now() + 200; Date.now() < until; );
  }, 1);
  for (let tries = 0; (await status()) !== 503 && tries < 40; tries++) await sleep(50);
  expect(await status()).toBe(503);
  expect((await app.inject("/health")).statusCode).toBe(200);
  clearInterval(block);
  for (let tries = 0; (await status()) === 503 && tries < 100; tries++) await sleep(100);
  expect(await status()).toBe(200);
}, 30_000);

it("memory that runs out refuses requests (OPS-09)", async () => {
  const app = await testApp({ env: { MAX_MEMORY_PERCENT: "1" } }); // a test process has more than that in use
  const status = async () => (await app.inject("/login")).statusCode;
  for (let tries = 0; (await status()) !== 503 && tries < 40; tries++) await sleep(100);
  expect(await status()).toBe(503);
}, 30_000);

describe("every way in is bounded (OPS-09)", () => {
  const large = (bytes: number) => "x".repeat(bytes);

  it("by the size of a body: MCP, REST, forms and OAuth", async () => {
    const house = await gate();
    const ann = await house.someone();
    const { id: connection } = await ann.connect();
    const authorization = `Bearer ${await ann.token(["acme:read"], { connection })}`;
    const post = async (path: string, type: string, body: string, headers: Record<string, string> = {}) => {
      const init = { method: "POST", headers: { "content-type": type, authorization, ...headers }, body };
      return (await fetch(`${house.origin}${path}`, init)).status;
    };
    const json = JSON.stringify({ x: large(1_100_000) });
    expect(await post("/v1/acme", "application/json", json)).toBe(413);
    expect(await post("/api/v1/tools/call", "application/json", json)).toBeOneOf([401, 413]);
    const form = `email=${large(70_000)}`;
    const origin = { origin: "http://localhost:3100" };
    expect(await post("/login", "application/x-www-form-urlencoded", form, origin)).toBe(413);
    // The OAuth library reads 56 KB at most and calls what is longer an invalid request.
    expect(await post("/oauth/token", "application/x-www-form-urlencoded", form)).toBe(400);
    expect(await post("/oauth/register", "application/json", json)).toBe(400);
  });

  it("by the size of what comes before the body, and by its time", async () => {
    const app = await testApp();
    await app.listen({ host: "127.0.0.1", port: 0 });
    Object.assign(app.server, { requestTimeout: 1_000, headersTimeout: 1_000 }); // a minute is too long for a test
    const { port } = app.server.address() as AddressInfo;
    const said = async (text: string): Promise<string> => {
      const socket: Socket = connect(port, "127.0.0.1");
      onTestFinished(() => void socket.destroy());
      await once(socket, "connect");
      socket.write(text);
      let answer = "";
      socket.setEncoding("utf8").on("data", (part) => (answer += part));
      await once(socket, "close");
      return answer.split("\r\n", 1)[0]!;
    };
    const head = "GET /login HTTP/1.1\r\nhost: localhost\r\n";
    expect(await said(`${head}x-large: ${large(20_000)}\r\n\r\n`)).toBe("HTTP/1.1 431 Request Header Fields Too Large");
    expect(await said(`GET /${large(20_000)} HTTP/1.1\r\n\r\n`)).toBe("HTTP/1.1 431 Request Header Fields Too Large");
    const form = "content-type: application/x-www-form-urlencoded\r\ncontent-length: 100";
    const slow = `POST /oauth/token HTTP/1.1\r\nhost: localhost\r\n${form}\r\n\r\nslow`;
    const answers = await Promise.all([said(head), said(slow)]);
    expect(answers).toEqual(Array(2).fill("HTTP/1.1 408 Request Timeout"));
  }, 30_000);

  it("by the connections of one address, unless a trusted proxy brings them all", async () => {
    const open = async (env: Record<string, string>) => {
      const app = await testApp({ env: { MAX_CONNECTIONS_PER_ADDRESS: "3", ...env } });
      await app.listen({ host: "127.0.0.1", port: 0 });
      const { port } = app.server.address() as AddressInfo;
      const sockets = Array.from({ length: 5 }, () => connect(port, "127.0.0.1"));
      onTestFinished(() => {
        for (const socket of sockets) socket.destroy();
      });
      await Promise.all(sockets.map((socket) => once(socket, "connect")));
      await sleep(200);
      return sockets.filter((socket) => !socket.closed && !socket.readableEnded).length;
    };
    expect(await open({})).toBe(3);
    expect(await open({ TRUST_PROXY: "127.0.0.1" })).toBe(5);
  });

  it("by the connections of one network of IPv6, whose every address one person has", async () => {
    const app = await testApp({ env: { MAX_CONNECTIONS_PER_ADDRESS: "3" } });
    let last = 0;
    app.server.prependListener("connection", (socket: Socket) => {
      const remoteAddress = { value: `2001:db8:1:2::${++last}` }; // a test has one address of its own
      Object.defineProperty(socket, "remoteAddress", remoteAddress);
    });
    await app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const open = () => {
      const socket = connect(port, "127.0.0.1");
      onTestFinished(() => void socket.destroy());
      return socket.on("error", () => {}); // it may be reset
    };
    for (let n = 0; n < 3; n++) await once(open(), "connect");
    await once(open(), "close");
  });

  it("by the time in which nothing of an answer is taken", async () => {
    const app = await testApp();
    expect(app.server.timeout).toBeGreaterThan(DEADLINE_MS); // a call says nothing until it has its answer
    app.server.timeout = 200;
    app.get("/large", async () => Buffer.alloc(64_000_000));
    await app.listen({ host: "127.0.0.1", port: 0 });
    const gone = new Promise((done) => app.server.once("connection", (socket: Socket) => socket.once("close", done)));
    const socket = connect((app.server.address() as AddressInfo).port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.write("GET /large HTTP/1.1\r\nhost: localhost\r\n\r\n"); // and reads nothing
    await gone;
  });
});
