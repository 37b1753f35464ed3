import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { guardedFetch } from "../../../gateway/connections/outbound.ts";
import { authorizationRequest, Browser, location } from "./browser.ts";
import { CIMD_CLIENT, type House, ISSUER, openHouse } from "./house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const open = (client_id: string, changes: Record<string, string> = {}) =>
  new Browser(house).open(authorizationRequest({ client_id, ...changes }).url);

describe("a client that describes itself in a document (OAU-05)", () => {
  it("is read once and named with its host", async () => {
    const browser = new Browser(house);
    for (const run of [1, 2]) {
      const answer = await browser.open(authorizationRequest().url);
      const pending = await (await browser.open(location(answer))).json();
      expect([run, pending]).toMatchObject([
        run,
        { client: { kind: "cimd", name: "Claude Code", host: "claude.example", id: CIMD_CLIENT.id } },
      ]);
    }
    expect(house.fetched.filter((url) => url === CIMD_CLIENT.id)).toHaveLength(1);
  });

  it("is announced in both discovery documents", async () => {
    for (const name of ["oauth-authorization-server", "openid-configuration"])
      expect(await (await house.fetch(`${ISSUER}/.well-known/${name}`)).json()).toMatchObject({
        client_id_metadata_document_supported: true,
        registration_endpoint: `${ISSUER}/oauth/register`,
      });
  });
});

describe("addresses that are not fetched at all", () => {
  it.each([
    "http://claude.example/client.json",
    "https://user@claude.example/client.json",
    "https://claude.example/a/../client.json",
    "https://claude.example/a/%2e%2e/client.json",
    "https://claude.example/client.json#x",
    "https://claude.example/client .json",
    "https://claude.example\\client.json",
  ])("%s", async (id) => {
    const before = house.fetched.length;
    const answer = await open(id);
    expect([answer.status, location(answer), house.fetched.length]).toEqual([400, "", before]);
  });

  it("one that leads to this machine: refused before a connection is opened", async () => {
    let connections = 0;
    const listener = createServer(() => connections++).listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = listener.address() as AddressInfo;
    const resolve = ((_host: string, _options: unknown, done: (...answer: unknown[]) => void) =>
      done(null, [{ address: "127.0.0.1", family: 4 }])) as never;
    const guarded = guardedFetch({ resolve });
    for (const host of ["rebound.example", "127.0.0.1", "[::1]", "localhost"]) {
      const id = `https://${host}:${port}/client.json`;
      house.documents[id] = () => guarded(id, { signal: AbortSignal.timeout(2000) });
      const answer = await open(id);
      expect([host, answer.status, house.fetched.at(-1), connections]).toEqual([host, 400, id, 0]);
    }
    listener.close();
  });
});

describe("documents that make nobody a client", () => {
  const good = (id: string) => ({
    client_id: id,
    client_name: "X",
    redirect_uris: [CIMD_CLIENT.redirect],
    token_endpoint_auth_method: "none",
  });
  const big = (id: string) => ({ ...good(id), client_name: "x".repeat(6000) });
  it.each([
    ["names another client", (id: string) => Response.json({ ...good(id), client_id: CIMD_CLIENT.id })],
    ["holds a secret", (id: string) => Response.json({ ...good(id), client_secret: "x" })],
    [
      "wants a secret",
      (id: string) => Response.json({ ...good(id), token_endpoint_auth_method: "client_secret_post" }),
    ],
    [
      "wants keys",
      (id: string) =>
        Response.json({ ...good(id), token_endpoint_auth_method: "private_key_jwt", jwks_uri: "https://x.example/k" }),
    ],
    ["is over 5 KB", (id: string) => Response.json(big(id))],
    ["is not JSON", () => new Response("<html>")],
    ["is an array", (id: string) => Response.json([good(id)])],
    ["is missing", () => new Response("", { status: 404 })],
    ["redirects", () => Response.redirect("https://claude.example/oauth/client.json")],
    [
      "sends people over plain http",
      (id: string) => Response.json({ ...good(id), redirect_uris: ["http://evil.example/cb"] }),
    ],
    ["runs a script", (id: string) => Response.json({ ...good(id), redirect_uris: ["javascript:alert(1)"] })],
    ["fails", () => Promise.reject(new Error("refused"))],
  ] as [string, (id: string) => Response | Promise<Response>][])("%s", async (name, answer) => {
    const id = `https://bad.example/${name.replaceAll(" ", "-")}`;
    house.documents[id] = () => answer(id);
    const response = await open(id);
    expect([response.status, location(response)]).toEqual([400, ""]);
  });

  it("cannot make itself a service, whatever the letters of its address", async () => {
    const id = "HTTPS://sly.example/client.json";
    house.documents[id] = () =>
      Response.json({ ...good(id), gateway_kind: "service", redirect_uris: ["http://evil.example/cb"] });
    const response = await open(id, { redirect_uri: "http://evil.example/cb" });
    expect([response.status, location(response), house.fetched.at(-1)]).toEqual([400, "", id]);
  });
});

describe("a gateway that cannot reach the internet", () => {
  it("tells its operator which host did not answer", async () => {
    const warn = vi.spyOn(house.app.log, "warn");
    await open("https://unreached.example/client.json?secret=1");
    expect(warn.mock.calls).toEqual([
      [{ host: "unreached.example", reason: "host does not answer" }, "the description of a client could not be read"],
    ]);
    warn.mockRestore();
  });

  it("does not announce documents when they are switched off, and fetches none", async () => {
    const offline = await openHouse({ CLIENT_DOCUMENTS: "false" });
    try {
      const metadata = await (await offline.fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).json();
      expect(metadata).not.toHaveProperty("client_id_metadata_document_supported");
      expect((await new Browser(offline).open(authorizationRequest().url)).status).toBe(400);
      expect(offline.fetched).toEqual([]);
    } finally {
      await offline.close();
    }
  });
});

describe("bounds (OAU-24)", () => {
  it("remembers for a minute that a document failed", async () => {
    const id = "https://slow.example/client.json";
    await open(id);
    await open(id);
    expect(house.fetched.filter((url) => url === id)).toHaveLength(1);
    house.clock.ahead += 61_000;
    await open(id);
    expect(house.fetched.filter((url) => url === id)).toHaveLength(2);
  });

  it("fetches at most ten documents a minute for one address", async () => {
    house.clock.ahead += 61_000;
    const before = house.fetched.length;
    const browser = new Browser(house);
    for (let i = 0; i < 15; i++)
      await browser.open(authorizationRequest({ client_id: `https://many${i}.example/client.json` }).url);
    expect(house.fetched.length - before).toBe(10);
  });
});
