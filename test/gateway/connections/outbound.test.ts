import type dns from "node:dns";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { guardedLookup, isBlocked, type Resolve } from "../../../gateway/connections/addresses.ts";
import { fetchConfigured, guardedFetch, isGuarded, redirectedFetch } from "../../../gateway/connections/outbound.ts";

let server: Server;
let port: number;
let connections = 0;

beforeAll(async () => {
  server = createServer((request, reply) => {
    if (request.url === "/moved") return reply.writeHead(302, { location: "/elsewhere" }).end();
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () =>
      reply.end(JSON.stringify({ path: request.url, method: request.method, body, headers: request.headers })),
    );
  });
  server.on("connection", () => connections++);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

/** Answers every name with these addresses, without asking anybody. */
const resolvesTo = (...addresses: string[]): Resolve =>
  vi.fn((_host: string, _options: unknown, done: (error: null, answers: dns.LookupAddress[]) => void) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    ),
  ) as unknown as Resolve;

describe("addresses", () => {
  it.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "168.63.129.16",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "fe80::1",
    "fc00::1",
    "2001:db8::1",
    "not an address",
    "",
  ])("blocks %s (VLT-13)", (address) => expect(isBlocked(address)).toBe(true));

  it.each(["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])("lets %s pass", (address) =>
    expect(isBlocked(address)).toBe(false),
  );

  const look = (resolve: Resolve, all = true) =>
    new Promise<unknown>((done, fail) =>
      guardedLookup(resolve)("vendor.example", { all }, (error, answer) => (error ? fail(error) : done(answer))),
    );

  it("hands over all addresses when all are public", async () =>
    expect(await look(resolvesTo("93.184.216.34"))).toEqual([{ address: "93.184.216.34", family: 4 }]));

  it("hands over the first one when one is asked for", async () =>
    expect(await look(resolvesTo("93.184.216.34"), false)).toBe("93.184.216.34"));

  it("refuses a public answer with an internal one beside it", () =>
    expect(look(resolvesTo("93.184.216.34", "10.0.0.1"))).rejects.toMatchObject({ code: "EBLOCKED" }));

  it("refuses an empty answer", () => expect(look(resolvesTo())).rejects.toMatchObject({ code: "EBLOCKED" }));

  it("asks again for every connection, so a name that turns internal is refused (VLT-13)", async () => {
    const answers = ["93.184.216.34", "127.0.0.1"];
    const resolve = ((host: string, options: object, done: () => void) =>
      (resolvesTo(answers.shift()!) as (...all: unknown[]) => void)(host, options, done)) as unknown as Resolve;
    await look(resolve);
    await expect(look(resolve)).rejects.toMatchObject({ code: "EBLOCKED" });
  });
});

describe("guarded fetch", () => {
  const refused = async (url: string, resolve = resolvesTo("127.0.0.1")) => {
    const before = connections;
    const error = await guardedFetch({ resolve })(url).then(
      () => undefined,
      (problem: Error & { code?: string; cause?: { code?: string } }) => problem,
    );
    expect(error?.code ?? error?.cause?.code).toBe("EBLOCKED");
    expect(connections).toBe(before);
  };

  it.each([
    "https://2130706433",
    "https://0x7f000001",
    "https://0177.0.0.1",
    "https://127.1",
    "https://[::1]",
    "https://[::]",
    "https://[::ffff:127.0.0.1]",
    "https://[64:ff9b::7f00:1]",
    "https://[2002:7f00:1::]",
    "https://0.0.0.0",
    "https://100.64.0.1",
    "https://１２７.0.0.1",
    "https://127.0.0.1.",
  ])("opens no connection to %s (VLT-13)", (origin) => refused(`${origin}:${port}/`));

  it("opens no connection when a name resolves to loopback (VLT-13)", () => refused(`https://localhost:${port}/`));

  it.each(["http:", "ftp:", "data:"])("speaks https only, not %s", (protocol) =>
    refused(`${protocol}//vendor.example/`),
  );

  it("refuses a Request object like an address", async () => {
    const before = connections;
    await expect(guardedFetch()(new Request(`http://127.0.0.1:${port}/`))).rejects.toMatchObject({ code: "EBLOCKED" });
    expect(connections).toBe(before);
  });

  it("can be told from an unguarded one", () => {
    expect(isGuarded(guardedFetch())).toBe(true);
    expect(isGuarded(fetch)).toBe(false);
  });
});

describe("an origin that the operator configured", () => {
  it("is reached wherever it is, and nothing else is (OAU-11, VLT-13)", async () => {
    const fetch = fetchConfigured(`http://127.0.0.1:${port}`, guardedFetch());
    expect((await fetch(`http://127.0.0.1:${port}/jwks`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/moved`)).status).toBe(302);
    const before = connections;
    for (const other of [
      `http://localhost:${port}/`,
      `https://127.0.0.1:${port}/`,
      `http://127.0.0.1:${port + 1}/`,
      "https://10.0.0.1/",
    ])
      await expect(fetch(other), other).rejects.toThrow();
    expect(connections).toBe(before);
  });
});

describe("vendor calls redirected to loopback", () => {
  it("keeps path, query, method, body and headers, and names the host that was meant", async () => {
    const request = new Request("https://eu.vendor.example/v1/things?page=2", {
      method: "POST",
      body: '{"name":"x"}',
      headers: { "x-api-key": "k", "content-type": "application/json" },
    });
    const seen = await (await redirectedFetch(`http://127.0.0.1:${port}`)(request)).json();
    expect(seen).toMatchObject({ path: "/v1/things?page=2", method: "POST", body: '{"name":"x"}' });
    expect(seen.headers).toMatchObject({ "x-forwarded-host": "eu.vendor.example", "x-api-key": "k" });
  });

  it("follows no redirect (VLT-13)", async () => {
    const answer = await redirectedFetch(`http://127.0.0.1:${port}`)("https://vendor.example/moved");
    expect(answer.status).toBe(302);
  });
});
