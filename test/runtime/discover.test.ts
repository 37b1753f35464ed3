import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bearerAuth, createPool, discovered, memoryTokens, Secret, vendorHttp } from "../../runtime/index.ts";
import { type Asked, fakeFetch, html, type Paths, status, transport } from "./fake.ts";

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

const question = (user: string) => ({
  url: `https://where.acme.example/zone?user=${encodeURIComponent(user)}`,
  take: {
    zone: { path: "url", match: "^https://web([0-9]+)\\.acme\\.example/" },
    company: { path: "ci", match: "^([0-9]+)$" },
  },
  baseUrl: ({ zone }: Record<"zone" | "company", string>) => `https://web${zone}.acme.example/rest`,
  database: ({ company }: Record<"zone" | "company", string>) => company,
});

const config = (user = "jo+api@acme.example") => ({
  vendor: "Acme",
  baseUrl: discovered(question(user)),
  auth: bearerAuth({ token: new Secret("a-secret-token") }),
  limits: { by: "database" } as const,
});

const server = (answer: unknown) =>
  fakeFetch(({ url }: Asked) =>
    url.startsWith("https://where.") ? (typeof answer === "function" ? answer() : answer) : {},
  );

const found = { url: "https://web7.acme.example/rest/", ci: 1234 };

describe("an account whose host must be discovered (VEN-13, VEN-18)", () => {
  it("asks once without any key, and sends requests where it was told", async () => {
    const { fetch, asked } = server(found);
    const tokens = memoryTokens();
    const client = () => vendorHttp<Paths>(config(), transport(fetch, { tokens }));
    await Promise.all([client().GET("/items"), client().GET("/items/{id}", { params: { path: { id: "1" } } })]);
    await client().GET("/items");
    expect(asked.map(({ url }) => url)).toEqual([
      "https://where.acme.example/zone?user=jo%2Bapi%40acme.example",
      "https://web7.acme.example/rest/items",
      "https://web7.acme.example/rest/items/1",
      "https://web7.acme.example/rest/items",
    ]);
    expect([...asked[0]!.headers.keys()]).toEqual(["accept"]);
    expect(asked[0]!.redirect).toBe("manual");
    expect(asked[1]!.headers.get("authorization")).toBe("Bearer a-secret-token");
  });

  it("asks again after a day", async () => {
    const { fetch, asked } = server(found);
    const tokens = memoryTokens();
    const call = () => vendorHttp<Paths>(config(), transport(fetch, { tokens })).GET("/items");
    await call();
    vi.setSystemTime(1_000_000 + 24 * 3_600_000 - 1);
    await call();
    expect(asked).toHaveLength(3);
    vi.setSystemTime(1_000_000 + 24 * 3_600_000);
    await call();
    expect(asked).toHaveLength(5);
  });

  it.each([
    ["another company's host", { ...found, url: "https://web7.acme.example.evil.example/" }],
    ["a host in front of ours", { ...found, url: "https://evil.example/https://web7.acme.example/" }],
    ["no url", { ci: 1 }],
    ["an object", { url: { href: "https://web7.acme.example/" }, ci: 1 }],
    ["an account it does not know", status(404, {})],
    ["a web page", html()],
  ])("sends no key anywhere after %s (VLT-13)", async (_name, answer) => {
    const { fetch, asked } = server(answer);
    const error = await vendorHttp<Paths>(config(), transport(fetch))
      .GET("/items")
      .catch((caught) => caught);
    expect(error).toMatchObject({ code: "VENDOR_NOT_FOUND", message: "Acme does not know where this account is." });
    expect(asked.every(({ url, headers }) => url.startsWith("https://where.") && !headers.has("authorization"))).toBe(
      true,
    );
  });

  it("uses nothing of an answer that could change the address, whatever the pattern lets through", async () => {
    const { fetch, asked } = server({ base: "x/../../evil?y" });
    const baseUrl = discovered({
      url: "https://where.acme.example/zone",
      take: { base: { path: "base", match: "^(.*)$" } },
      baseUrl: ({ base }) => `https://api.acme.example/${base}`,
    });
    const { auth } = config();
    const call = vendorHttp<Paths>({ vendor: "Acme", baseUrl, auth }, transport(fetch)).GET("/items");
    await expect(call).rejects.toMatchObject({ code: "VENDOR_NOT_FOUND" });
    expect(asked).toHaveLength(1);
  });

  it("tries again when the question got no answer, then says so", async () => {
    let tries = 0;
    const { fetch } = server(() => (++tries < 3 ? status(503) : found));
    const pending = vendorHttp<Paths>(config(), transport(fetch)).GET("/items");
    await vi.advanceTimersByTimeAsync(5000);
    await pending;
    expect(tries).toBe(3);
  });

  it("counts together what is sent to one database (VEN-26)", async () => {
    const { fetch } = server(found);
    const asked: string[] = [];
    const pool = createPool({});
    const limiterOf = (database: string) => {
      asked.push(database);
      return pool.of("org");
    };
    await vendorHttp<Paths>(config("a"), transport(fetch, { limiterOf })).GET("/items");
    await vendorHttp<Paths>(config("b"), transport(fetch, { limiterOf })).GET("/items");
    expect(asked).toEqual(["1234", "1234"]);
  });
});
