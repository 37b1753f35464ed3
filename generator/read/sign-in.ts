import { z } from "zod";
import { closed, constant, duration, line, text } from "./pieces.ts";

/** How requests are signed in: one scheme, or a choice by which credential is given. */

const headers = z.record(z.string(), text);
const route = z.string().regex(/^POST \/\S*$/, "expected POST /path");
const scopes = z.array(text).min(1);
const params = z.record(z.string(), text);

const schemes = [
  "headers",
  "bearer",
  "basic",
  "passwordGrant",
  "loginToken",
  "clientCredentials",
  "oauthCode",
] as const;

const scheme = z.discriminatedUnion(
  "scheme",
  [
    closed({ scheme: z.literal("headers"), headers }),
    closed({ scheme: z.literal("bearer"), token: text, headers: headers.optional() }),
    closed({ scheme: z.literal("basic"), username: text, password: text, headers: headers.optional() }),
    closed({
      scheme: z.literal("passwordGrant"),
      tokenUrl: text,
      client: closed({ id: text, secret: text }),
      username: text,
      password: text,
      lifetime: duration.optional(),
    }),
    closed({
      scheme: z.literal("loginToken"),
      login: route,
      body: z.record(z.string(), text),
      token: text,
      expires: text.optional(),
      lifetime: duration.optional(),
      headers: headers.optional(),
      refuse: closed({
        when: z.record(z.string(), z.union([constant, z.array(constant)])),
        say: line,
      }).optional(),
    }),
    closed({
      scheme: z.literal("clientCredentials"),
      tokenUrl: text,
      clientId: text,
      clientSecret: text,
      scopes: scopes.optional(),
      params: params.optional(),
      lifetime: duration.optional(),
      headers: headers.optional(),
    }),
    closed({
      scheme: z.literal("oauthCode"),
      authorizeUrl: text,
      tokenUrl: text,
      clientId: text,
      clientSecret: text.optional(),
      scopes: scopes.optional(),
      params: params.optional(),
      pkce: z.boolean().optional(),
      headers: headers.optional(),
    }),
  ],
  { error: `expected ${schemes.slice(0, -1).join(", ")} or ${schemes.at(-1)}` },
);

export const auth = z.union([
  scheme,
  closed({
    choose: z.record(z.string(), scheme).meta({ description: "The first credential that is given, or else." }),
  }),
]);

export type SchemeYaml = z.infer<typeof scheme>;
export type AuthYaml = z.infer<typeof auth>;

/** Asked once per connection, without any secret: what the vendor says of where the account lives. */
export const discover = closed({
  url: text,
  take: z.record(
    z.string().regex(/^[a-z][a-zA-Z0-9]*$/, "expected a name such as zone"),
    closed({ path: text, match: text }),
  ),
});
