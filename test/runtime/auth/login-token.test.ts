import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loginToken, memoryTokens, Secret, vendorHttp } from "../../../runtime/index.ts";
import { type Asked, fakeFetch, html, type Paths, status, transport } from "../fake.ts";

const NOW = Date.parse("2026-11-20T10:00:00Z");
beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

const login = (more = {}) =>
  loginToken({
    path: "/api/v1/token",
    body: { UserName: "jo", Password: new Secret("correct horse") },
    token: "AccessToken",
    expires: "ExpirationDate",
    headers: { clientId: "c-1" },
    refuse: { when: { IsTwoFactorRequired: true }, say: "This account asks for a second factor." },
    ...more,
  });

const server = (answer: unknown) =>
  fakeFetch(({ url }: Asked) => (url.endsWith("/token") ? (typeof answer === "function" ? answer() : answer) : {}));

const config = (auth = login()) => ({ vendor: "Acme", baseUrl: "https://srv.acme.example/cwa", auth });

describe("a sign-in of the vendor's own (VEN-19)", () => {
  it("sends user name and password once, as JSON, and then the token until it ends", async () => {
    const { fetch, asked } = server(() => ({
      AccessToken: `t-${asked.length}`,
      ExpirationDate: "2026-11-20T11:00:00",
    }));
    const tokens = memoryTokens();
    const call = () => vendorHttp<Paths>(config(), transport(fetch, { tokens })).GET("/items");
    await call();
    await call();
    vi.setSystemTime(NOW + 58 * 60_000);
    await call();
    vi.setSystemTime(NOW + 59 * 60_000 + 1);
    await call();
    expect(asked.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual([
      "POST /cwa/api/v1/token",
      "GET /cwa/items",
      "GET /cwa/items",
      "GET /cwa/items",
      "POST /cwa/api/v1/token",
      "GET /cwa/items",
    ]);
    expect(JSON.parse(asked[0]!.body!)).toEqual({ UserName: "jo", Password: "correct horse" });
    expect(asked.map(({ headers }) => headers.get("clientid"))).toEqual(Array(6).fill("c-1"));
    expect(asked.at(-1)!.headers.get("authorization")).toBe("Bearer t-5");
  });

  it.each([
    ["a time without a zone", "2026-11-20T10:30:00", 30],
    ["a time with one", "2026-11-20T11:30:00+01:00", 30],
    ["milliseconds", NOW + 30 * 60_000, 30],
    ["seconds since 1970", NOW / 1000 + 30 * 60, 30],
    ["seconds from now", "1800", 30],
    ["nothing that can be read", "soon", 60],
  ])("reads its end from %s", async (_name, end, minutes) => {
    const { fetch, asked } = server({ AccessToken: "t", ExpirationDate: end });
    const tokens = memoryTokens();
    const call = () => vendorHttp<Paths>(config(), transport(fetch, { tokens })).GET("/items");
    await call();
    vi.setSystemTime(NOW + (minutes - 1) * 60_000 - 1);
    await call();
    expect(asked).toHaveLength(3);
    vi.setSystemTime(NOW + (minutes - 1) * 60_000);
    await call();
    expect(asked).toHaveLength(5);
  });

  it("refuses an account that asks for a second factor, in words for the person", async () => {
    const { fetch, asked } = server({ AccessToken: "half", IsTwoFactorRequired: true });
    const error = await vendorHttp<Paths>(config(), transport(fetch))
      .GET("/items")
      .catch((caught) => caught);
    expect(error).toMatchObject({ code: "VENDOR_AUTH", say: "This account asks for a second factor." });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ["wrong password", status(401, { Message: "correct horse is wrong" }), "VENDOR_AUTH"],
    ["a wrong server", status(404), "VENDOR_NOT_FOUND"],
    ["a web page", html(), "VENDOR_UNEXPECTED"],
    ["no token", {}, "VENDOR_UNEXPECTED"],
    [
      "a redirect",
      new Response(null, { status: 302, headers: { location: "https://evil.example" } }),
      "VENDOR_UNAVAILABLE",
    ],
    ["trouble", status(503), "VENDOR_UNAVAILABLE"],
  ])("tells %s", async (_name, answer, code) => {
    const { fetch } = server(answer);
    const pending = vendorHttp<Paths>(config(), transport(fetch))
      .GET("/items")
      .catch((caught) => caught);
    await vi.advanceTimersByTimeAsync(10_000);
    const error = await pending;
    expect(error).toMatchObject({ code });
    expect(`${error.message} ${JSON.stringify(error.cause)}`).not.toContain("correct horse");
  });
});
