import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { body, headerAuth, Secret, vendorHttp } from "../../runtime/index.ts";
import { type Paths, transport } from "./fake.ts";

/* The same client over Node's own fetch: what a hand-written fake could get wrong about it. */

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const ITEMS = "https://api.acme.example/v1/items";

const client = (more = {}) =>
  vendorHttp<Paths>(
    {
      vendor: "Acme",
      baseUrl: "https://api.acme.example/v1",
      auth: headerAuth({ "x-api-key": new Secret("k3y-0123456789") }),
    },
    transport(globalThis.fetch, more),
  );

it("reads and writes JSON", async () => {
  server.use(
    http.get(ITEMS, ({ request }) =>
      HttpResponse.json({
        query: new URL(request.url).search,
        key: request.headers.get("x-api-key") === "k3y-0123456789",
      }),
    ),
    http.post(ITEMS, async ({ request }) =>
      HttpResponse.json({ got: await request.json(), type: request.headers.get("content-type") }),
    ),
  );
  const answer = await body(client().GET("/items", { params: { query: { "filter[name]": "ä b", "page[size]": 5 } } }));
  expect(answer).toEqual({ query: "?filter[name]=%C3%A4%20b&page[size]=5", key: true });
  expect(await body(client().POST("/items", { body: { name: "ü" } }))).toEqual({
    got: { name: "ü" },
    type: "application/json",
  });
});

it("follows no redirect, and the other host sees nothing (VLT-13)", async () => {
  const seen: string[] = [];
  server.use(
    http.get(ITEMS, () => HttpResponse.redirect("https://evil.example/", 307)),
    http.all("https://evil.example/", ({ request }) => {
      seen.push(request.url);
      return HttpResponse.json({});
    }),
  );
  await expect(client().GET("/items")).rejects.toMatchObject({ code: "VENDOR_UNAVAILABLE", status: 307 });
  expect(seen).toEqual([]);
});

it("does not repeat a write whose connection breaks (VEN-25)", async () => {
  const asked: string[] = [];
  server.use(
    http.all(ITEMS, ({ request }) => {
      asked.push(request.method);
      return HttpResponse.error();
    }),
  );
  await expect(client().POST("/items", { body: {} })).rejects.toMatchObject({
    code: "VENDOR_UNAVAILABLE",
    message: expect.stringContaining("not known"),
  });
  expect(asked).toEqual(["POST"]);
});

it("aborts a request under way (FAC-13)", async () => {
  const abort = new AbortController();
  server.use(
    http.get(ITEMS, async ({ request }) => {
      abort.abort();
      await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
      return HttpResponse.json({});
    }),
  );
  await expect(client({ signal: abort.signal }).GET("/items")).rejects.toMatchObject({ code: "CANCELLED" });
});
