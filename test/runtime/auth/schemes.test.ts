import { describe, expect, it } from "vitest";
import { withKeys } from "../../../runtime/auth/query.ts";
import {
  type Auth,
  basicAuth,
  bearerAuth,
  body,
  clientCredentials,
  headerAuth,
  queryAuth,
  Secret,
  type SignedIn,
  signedIn,
  ToolError,
  vendorHttp,
} from "../../../runtime/index.ts";
import { fakeFetch, json, type Paths, status, transport } from "../fake.ts";

const http = (auth: Auth, fetch: typeof globalThis.fetch, more: Parameters<typeof transport>[1] = {}) =>
  vendorHttp<Paths>({ vendor: "Acme", baseUrl: "https://api.acme.example", auth }, transport(fetch, more));

describe("keys in headers", () => {
  it("sends a bearer token and what else was given (VEN-15)", async () => {
    const { fetch, asked } = fakeFetch({});
    const auth = bearerAuth({ token: new Secret("token-1"), headers: { "x-act-as": undefined, "x-tenant": "acme" } });
    await http(auth, fetch).GET("/items");
    expect(Object.fromEntries(asked[0]!.headers)).toMatchObject({
      authorization: "Bearer token-1",
      "x-tenant": "acme",
    });
    expect(asked[0]!.headers.has("x-act-as")).toBe(false);
  });

  it("sends company, public key and private key as Basic, and a client id beside (VEN-18)", async () => {
    const { fetch, asked } = fakeFetch({});
    const auth = basicAuth({
      username: "acme+public",
      password: new Secret("private-ß"),
      headers: { clientId: "c-1" },
    });
    await http(auth, fetch).GET("/items");
    const [scheme, pair = ""] = asked[0]!.headers.get("authorization")!.split(" ");
    expect(scheme).toBe("Basic");
    expect(Buffer.from(pair, "base64").toString()).toBe("acme+public:private-ß");
    expect(asked[0]!.headers.get("clientid")).toBe("c-1");
  });

  it("sends three keys, and a fourth only when it was given (VEN-13)", async () => {
    const { fetch, asked } = fakeFetch({});
    const keys = {
      UserName: "api@acme.example",
      Secret: new Secret("s3cret-long"),
      ApiIntegrationCode: new Secret("CODE"),
    };
    await http(headerAuth({ ...keys, ImpersonationResourceId: undefined }), fetch).GET("/items");
    await http(headerAuth({ ...keys, ImpersonationResourceId: "42" }), fetch).GET("/items");
    expect(asked.map(({ headers }) => headers.get("impersonationresourceid"))).toEqual([null, "42"]);
    expect(asked[0]!.headers.get("secret")).toBe("s3cret-long");
  });

  it("sends a key in the address that no error and no next page repeats (VEN-20, VLT-04)", async () => {
    const auth = queryAuth({ params: { api_key: new Secret("key/0123456789") }, headers: { "x-tenant": "acme" } });
    const { fetch, asked } = fakeFetch(() =>
      json({ next: "https://api.acme.example/items?page=2&api_key=key/0123456789" }),
    );
    const answer = await body(http(auth, fetch).GET("/items", { params: { query: { name: "a b" } } }));
    const url = new URL(asked[0]!.url);
    expect(Object.fromEntries(url.searchParams)).toEqual({ name: "a b", api_key: "key/0123456789" });
    expect(asked[0]!.headers.get("x-tenant")).toBe("acme");
    expect(JSON.stringify(answer)).not.toContain("0123456789");
    expect(withKeys("https://a.example/x?page=2&api_key=old", { api_key: "n&w" })).toBe(
      "https://a.example/x?page=2&api_key=n%26w",
    );
    expect(withKeys("https://a.example/x", { k: "v" })).toBe("https://a.example/x?k=v");
    const down = fakeFetch(() => status(500));
    const failure = await body(http(auth, down.fetch).GET("/items")).catch((error: ToolError) => error);
    expect(failure).toBeInstanceOf(ToolError);
    expect(String(failure) + JSON.stringify(failure)).not.toContain("0123456789");
  });

  it("blots out a token or a password that an answer repeats (VLT-04)", async () => {
    const bearer = bearerAuth({ token: new Secret("sk-0123456789") });
    const basic = basicAuth({ username: "u", password: new Secret("pw-0123456789") });
    const pair = Buffer.from("u:pw-0123456789").toString("base64");
    const { fetch } = fakeFetch({ a: "got sk-0123456789" }, { a: "got pw-0123456789", b: pair });
    expect(await body(http(bearer, fetch).GET("/items"))).toEqual({ a: "got [secret]" });
    expect(await body(http(basic, fetch).GET("/items"))).toEqual({ a: "got [secret]", b: "[secret]" });
  });
});

describe("client credentials", () => {
  const grant = {
    tokenUrl: "https://acme.example/auth/token",
    clientId: "client-1",
    clientSecret: new Secret("secret-1234"),
    scopes: ["all"],
    params: { tenant: "acme", region: undefined },
  };

  it("exchanges id and secret for a token, once for many requests (VEN-14)", async () => {
    const { fetch, asked } = fakeFetch(({ url }: { url: string }) =>
      url.includes("/auth/") ? { access_token: "minted-1", expires_in: 3600 } : {},
    );
    const client = http(clientCredentials(grant), fetch);
    await Promise.all([client.GET("/items"), client.GET("/items"), client.GET("/items")]);
    const [token, ...calls] = asked;
    expect(token).toMatchObject({ method: "POST", url: "https://acme.example/auth/token?tenant=acme" });
    expect(Object.fromEntries(new URLSearchParams(token!.body))).toEqual({
      grant_type: "client_credentials",
      client_id: "client-1",
      client_secret: "secret-1234",
      scope: "all",
    });
    expect(calls.map(({ headers }) => headers.get("authorization"))).toEqual(Array(3).fill("Bearer minted-1"));
  });

  it("says that the keys are wrong, and nothing of what the vendor said about them (VLT-04)", async () => {
    const { fetch } = fakeFetch(status(400, { error: "invalid_client", error_description: "secret-1234 is wrong" }));
    const error = await http(clientCredentials(grant), fetch)
      .GET("/items")
      .catch((caught) => caught);
    expect(error).toMatchObject({ code: "VENDOR_AUTH" });
    expect(JSON.stringify([error, error.message, error.cause])).not.toContain("secret-1234");
  });
});

describe("a person who signed in at the vendor", () => {
  const person = (...tokens: string[]) => {
    const refused: string[] = [];
    const store: SignedIn = {
      token: async () => new Secret(tokens[0]!),
      async refuse(token) {
        refused.push(token.reveal());
        tokens.shift();
      },
    };
    return { store, refused };
  };

  it("is asked for a token with each request, and for another when it is refused (VEN-14)", async () => {
    const { store, refused } = person("old", "new");
    const { fetch, asked } = fakeFetch(({ headers }: { headers: Headers }) =>
      headers.get("authorization") === "Bearer old" ? status(401) : json({ id: 1 }),
    );
    expect(await body(http(signedIn(), fetch, { signedIn: store }).POST("/items", { body: {} }))).toEqual({ id: 1 });
    expect(refused).toEqual(["old"]);
    expect(asked).toHaveLength(2);
  });

  it("gives up when a fresh token is refused as well", async () => {
    const { store, refused } = person("a", "b", "c");
    const { fetch, asked } = fakeFetch(status(401));
    await expect(http(signedIn(), fetch, { signedIn: store }).GET("/items")).rejects.toMatchObject({
      code: "VENDOR_AUTH",
    });
    expect([refused, asked.length]).toEqual([["a"], 2]);
  });

  it("is missing where nobody signed in, and nothing is sent", async () => {
    const { fetch, asked } = fakeFetch({});
    const error = await http(signedIn(), fetch)
      .GET("/items")
      .catch((caught) => caught);
    expect(error).toBeInstanceOf(ToolError);
    expect([error.code, asked.length]).toEqual(["NOT_CONNECTED", 0]);
  });
});
