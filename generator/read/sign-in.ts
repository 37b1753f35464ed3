import { z } from "zod";
import { closed, constant, duration, key, line, text } from "./pieces.ts";

/** How requests are signed in: one scheme, or a choice by which credential is given. */

const templates = z.record(z.string(), text);
const headers = key(templates.optional(), "Further headers.", { "x-tenant": "{tenant}" });
const lifetime = key(duration.optional(), "How long a token is good when the vendor does not say.", "4h", "1h");
const tokenUrl = key(
  text,
  "Where tokens are asked for; https, may contain `{credential}`.",
  "https://{host}/auth/token",
);
const clientId = key(text, "The client's id.", "{clientId}");
const scopes = key(z.array(text).min(1).optional(), "What is asked for.", ["all", "offline_access"]);
const params = key(templates.optional(), "Query parameters of these addresses.", { tenant: "{tenant}" });

const schemes = [
  "headers",
  "bearer",
  "basic",
  "query",
  "passwordGrant",
  "loginToken",
  "clientCredentials",
  "oauthCode",
] as const;

const named = <Name extends (typeof schemes)[number]>(name: Name, sends: string) =>
  key(z.literal(name), sends, name as never);

export const signIns = {
  headers: closed({
    scheme: named("headers", "Sends these headers."),
    headers: key(templates, "Headers by name.", { authorization: "Token {token}", "x-tenant": "{tenant}" }),
  }),
  bearer: closed({
    scheme: named("bearer", "Sends `Authorization: Bearer …`."),
    token: key(text, "The token.", "{apiToken}"),
    headers,
  }),
  basic: closed({
    scheme: named("basic", "Sends `Authorization: Basic …`."),
    username: key(text, "The user name.", "{companyId}+{publicKey}"),
    password: key(text, "The password.", "{privateKey}"),
    headers,
  }),
  query: closed({
    scheme: named("query", "Sends these query parameters, for vendors that take keys no other way."),
    params: key(templates, "Parameters by name.", { api_key: "{apiKey}" }),
    headers,
  }),
  passwordGrant: closed({
    scheme: named("passwordGrant", "Exchanges a user name and a password for a token."),
    tokenUrl,
    client: key(
      closed({
        id: key(text, "The client's id.", "public-client"),
        secret: key(text, "The client's secret.", "public"),
      }),
      "The client; constants, not credentials.",
      { id: "public-client", secret: "public" },
    ),
    username: key(text, "The user name.", "{apiKey}"),
    password: key(text, "The password.", "{apiSecret}"),
    lifetime,
  }),
  loginToken: closed({
    scheme: named("loginToken", "Signs in the vendor's own way, for a token."),
    login: key(
      z.string().regex(/^POST \/\S*$/, "expected POST /path"),
      "The call behind `baseUrl` that answers a token; it is made without one.",
      "POST /api/v1/token",
    ),
    body: key(templates, "What it sends, as JSON.", { UserName: "{username}", Password: "{password}" }),
    token: key(text, "Path of the token in the answer.", "AccessToken"),
    expires: key(
      text.optional(),
      "Path of its end: a time, a moment in seconds or milliseconds, or seconds from now.",
      "ExpirationDate",
    ),
    lifetime,
    headers,
    refuse: key(
      closed({
        when: key(
          z.record(z.string(), z.union([constant, z.array(constant)])),
          "Path: value or list of values, of which all hold.",
          { IsTwoFactorRequired: true },
        ),
        say: key(line, "What to tell the person.", "Use an account without a second factor."),
      }).optional(),
      "Answers that look like a success and are none.",
      { when: { IsTwoFactorRequired: true }, say: "Use an account without a second factor." },
    ),
  }),
  clientCredentials: closed({
    scheme: named("clientCredentials", "Fetches a token for a program."),
    tokenUrl,
    clientId,
    clientSecret: key(text, "The client's secret, sent in the body.", "{clientSecret}"),
    scopes,
    params,
    lifetime,
    headers,
  }),
  oauthCode: closed({
    scheme: named("oauthCode", "Sends the person to the vendor to sign in, and keeps what comes of it."),
    authorizeUrl: key(text, "Where the person signs in.", "https://{host}/auth/authorize"),
    tokenUrl,
    clientId,
    clientSecret: key(text.optional(), "The client's secret, for a client that has one.", "{clientSecret}"),
    scopes,
    params,
    pkce: key(z.boolean().optional(), "Whether the vendor takes a code challenge (S256).", false, "true"),
    headers,
  }),
};

const { bearer, basic, query, passwordGrant, loginToken, clientCredentials, oauthCode } = signIns;
const scheme = z.discriminatedUnion(
  "scheme",
  [signIns.headers, bearer, basic, query, passwordGrant, loginToken, clientCredentials, oauthCode],
  { error: `expected ${schemes.slice(0, -1).join(", ")} or ${schemes.at(-1)}` },
);

export const auth = z.union([
  scheme,
  closed({
    choose: key(z.record(z.string(), scheme), "The first optional credential that was given, or else `else`.", {
      apiToken: { scheme: "bearer", token: "{apiToken}" },
      else: { scheme: "basic", username: "{user}", password: "{password}" },
    }),
  }),
]);

export type SchemeYaml = z.infer<typeof scheme>;
export type AuthYaml = z.infer<typeof auth>;

export const taken = closed({
  path: key(text, "Path in the answer.", "url"),
  match: key(
    text,
    "Regular expression from `^`; its one group is all that is used.",
    "^https://web([0-9]+)\\.acme\\.example/",
  ),
});

/** Asked once per connection, without any secret: what the vendor says of where the account lives. */
export const discover = closed({
  url: key(text, "https address with `{credential}`; no secrets.", "https://where.acme.example/zone?user={userName}"),
  take: key(
    z.record(z.string().regex(/^[a-z][a-zA-Z0-9]*$/, "expected a name such as zone"), taken),
    "What is used of the answer, by the name it has in `{discovered.name}`.",
    { zone: { path: "url", match: "^https://web([0-9]+)\\.acme\\.example/" } },
  ),
});
