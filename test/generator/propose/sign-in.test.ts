import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../generator/model/json.ts";
import { acmeDesk, added } from "./acme.ts";

const withScheme = (schemes: JsonObject, changes: JsonObject = {}) =>
  acmeDesk({
    security: Object.keys(schemes).map((name) => ({ [name]: [] })),
    components: { ...(acmeDesk().components as JsonObject), securitySchemes: schemes },
    ...changes,
  });
const headOf = (document: JsonObject, from?: string) => added(document, from === undefined ? {} : { from }).draft.head;
const remarks = (document: JsonObject, key: string) =>
  added(document).draft.reviews.flatMap(({ path, text }) => (path[0] === key ? [text] : []));
const flows = (flow: string, more: JsonObject = {}) => ({
  oauth: { type: "oauth2", flows: { [flow]: { tokenUrl: "https://auth.acme.example/token", scopes: {}, ...more } } },
});

describe("how a vendor is signed in to, read from its description (VEN-20)", () => {
  it.each<[string, JsonObject, object]>([
    [
      "a key in a header",
      { apiKey: { type: "apiKey", in: "header", name: "X-Key" } },
      { scheme: "headers", headers: { "X-Key": "{apiKey}" } },
    ],
    [
      "a key in the address",
      { key: { type: "apiKey", in: "query", name: "api_key" } },
      { scheme: "query", params: { api_key: "{apiKey}" } },
    ],
    ["a bearer token", { token: { type: "http", scheme: "bearer" } }, { scheme: "bearer", token: "{apiToken}" }],
    [
      "name and password",
      { login: { type: "http", scheme: "basic" } },
      { scheme: "basic", username: "{username}", password: "{password}" },
    ],
    [
      "a program of one's own",
      flows("clientCredentials"),
      { scheme: "clientCredentials", tokenUrl: "https://auth.acme.example/token" },
    ],
    [
      "a password for a token",
      flows("password"),
      { scheme: "passwordGrant", tokenUrl: "https://auth.acme.example/token" },
    ],
    [
      "signing in at the vendor",
      flows("authorizationCode", { authorizationUrl: "https://auth.acme.example/authorize" }),
      { scheme: "oauthCode", authorizeUrl: "https://auth.acme.example/authorize", clientId: "{clientId}" },
    ],
  ])("%s", (_, schemes, auth) => {
    expect(headOf(withScheme(schemes)).auth).toMatchObject(auth);
  });

  it("is a marked guess where the language has nothing for it", () => {
    for (const schemes of [
      { key: { type: "apiKey", in: "cookie", name: "key" } },
      { oidc: { type: "openIdConnect" } },
    ] as JsonObject[]) {
      expect(headOf(withScheme(schemes)).auth).toMatchObject({ scheme: "bearer" });
      expect(remarks(withScheme(schemes), "auth")).toContainEqual(expect.stringMatching(/^a guess: /));
    }
    expect(
      remarks(
        acmeDesk({ security: [], components: { schemas: (acmeDesk().components as JsonObject).schemas! } }),
        "auth",
      ),
    ).toEqual(["a guess: the description says nothing of how to sign in"]);
  });

  it("sends several headers that are asked for at once, and those that operations demand", () => {
    const document = withScheme(
      { app: { type: "apiKey", in: "header", name: "X-App" }, key: { type: "apiKey", in: "header", name: "X-Key" } },
      { security: [{ app: [], key: [] }] },
    );
    expect(headOf(document).auth).toEqual({ scheme: "headers", headers: { "X-App": "{app}", "X-Key": "{key}" } });
    const paths = acmeDesk().paths as JsonObject;
    const list = (paths["/tickets"] as JsonObject).get as JsonObject;
    const demanding = {
      ...list,
      parameters: [{ name: "X-Tenant", in: "header", required: true, schema: { type: "string" } }],
    };
    const head = headOf(acmeDesk({ paths: { ...paths, "/tickets": { get: demanding } } }));
    expect(head.auth).toMatchObject({ headers: { "X-Tenant": "{xTenant}" } });
    expect(head.credentials).toMatchObject({ xTenant: { title: "X tenant" } });
  });
});

describe("where a vendor is, read from its description (VEN-20)", () => {
  it.each<[string, JsonObject[], string]>([
    ["the first https server", [{ url: "http://a.example" }, { url: "https://b.example/v1/" }], "https://b.example/v1"],
    ["https, though it says http", [{ url: "http://a.example/x" }], "https://a.example/x"],
    ["the origin of the description, for a path alone", [{ url: "/v3" }], "https://docs.acme.example/v3"],
    [
      "a choice of regions",
      [{ url: "https://{region}.acme.example", variables: { region: { enum: ["eu", "us"], default: "us" } } }],
      "https://{region}.acme.example",
    ],
    [
      "a part that each person has",
      [{ url: "https://{account-name}.acme.example", variables: { "account-name": { default: "demo" } } }],
      "https://{accountName}.acme.example",
    ],
    [
      "one that has one value",
      [{ url: "https://acme.example/{version}", variables: { version: { default: "v1.2" } } }],
      "https://acme.example/v1.2",
    ],
    ["a marked guess for nonsense", [{ url: "https://" }], "https://api.example.com"],
  ])("is %s", (_, servers, baseUrl) => {
    expect(headOf(acmeDesk({ servers }), "https://docs.acme.example/openapi.json").baseUrl).toBe(baseUrl);
  });
});
