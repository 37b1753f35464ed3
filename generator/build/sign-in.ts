import type { AuthModel, SchemeModel, Template } from "../model/vendor.ts";
import type { SchemeYaml, VendorYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import type { Context } from "./context.ts";
import { milliseconds } from "./steps.ts";
import { buildTemplate, fieldsOf, originOf, type Rules } from "./templates.ts";

/** How requests are signed in; a choice goes by the first credential that is given. */
export function buildAuth({ auth, credentials }: VendorYaml, context: Context): AuthModel {
  if ("scheme" in auth) return buildScheme(auth, ["auth"], [], context);
  const at = ["auth", "choose"];
  const { else: otherwise, ...cases } = auth.choose;
  const fields = fieldsOf(credentials);
  for (const name of Object.keys(cases)) {
    if (!Object.hasOwn(fields, name)) context.unknown([...at, name], name, "a credential", Object.keys(fields));
    else if (!fields[name]!.optional)
      context.problem([...at, name], `${name} is always given`, "a choice goes by a credential that is optional");
  }
  if (Object.keys(cases).length === 0) context.problem(at, "needs the name of a credential");
  if (!otherwise) {
    context.problem(at, "needs else: the scheme when none of these is given");
    return { kind: "headers", headers: [] };
  }
  return {
    kind: "choose",
    cases: Object.entries(cases).map(([credential, scheme]) => ({
      credential,
      scheme: buildScheme(scheme, [...at, credential], [credential], context),
    })),
    else: buildScheme(otherwise, [...at, "else"], [], context),
  };
}

/** `given`: credentials that this branch of a choice is sure to have. */
function buildScheme(yaml: SchemeYaml, at: Path, given: readonly string[], context: Context): SchemeModel {
  const template = (text: string, key: string, rules: Rules = {}) =>
    buildTemplate(text, [...at, key], context, { given, ...rules });
  const named = (map: Readonly<Record<string, string>> = {}, key: string, rules: Rules = {}) =>
    Object.entries(map).map(([name, text]) => [name, template(text, `${key}.${name}`, rules)] as const);
  const address = (text: string, key: string) => template(text, key, { open: true });
  const headers = named("headers" in yaml ? yaml.headers : {}, "headers", { mayBeEmpty: true });
  switch (yaml.scheme) {
    case "headers":
      return { kind: "headers", headers };
    case "query":
      return { kind: "query", params: named(yaml.params, "params", { mayBeEmpty: true }), headers };
    case "bearer":
      return { kind: "bearer", token: template(yaml.token, "token"), headers };
    case "basic": {
      const { username, password } = yaml;
      return {
        kind: "basic",
        username: template(username, "username"),
        password: template(password, "password"),
        headers,
      };
    }
    case "passwordGrant":
      return {
        kind: "passwordGrant",
        tokenUrl: address(yaml.tokenUrl, "tokenUrl"),
        clientId: yaml.client.id,
        clientSecret: yaml.client.secret,
        username: template(yaml.username, "username"),
        password: template(yaml.password, "password"),
        ...lifetimeOf(yaml),
      };
    case "loginToken":
      return {
        kind: "loginToken",
        path: yaml.login.replace("POST ", ""),
        body: named(yaml.body, "body"),
        token: yaml.token,
        headers,
        ...(yaml.expires && { expires: yaml.expires }),
        ...lifetimeOf(yaml),
        ...(yaml.refuse && { refuse: yaml.refuse }),
      };
    case "clientCredentials":
      return {
        kind: "clientCredentials",
        tokenUrl: address(yaml.tokenUrl, "tokenUrl"),
        clientId: template(yaml.clientId, "clientId"),
        clientSecret: template(yaml.clientSecret, "clientSecret"),
        scopes: yaml.scopes ?? [],
        params: named(yaml.params, "params", { open: true, mayBeEmpty: true }),
        headers,
        ...lifetimeOf(yaml),
      };
    case "oauthCode":
      return {
        kind: "oauthCode",
        authorizeUrl: address(yaml.authorizeUrl, "authorizeUrl"),
        tokenUrl: address(yaml.tokenUrl, "tokenUrl"),
        clientId: template(yaml.clientId, "clientId", { open: true }),
        scopes: yaml.scopes ?? [],
        params: named(yaml.params, "params", { open: true, mayBeEmpty: true }),
        pkce: yaml.pkce ?? true,
        headers,
        ...(yaml.clientSecret && {
          clientSecret: template(yaml.clientSecret, "clientSecret", { mayBeEmpty: true }),
        }),
      };
  }
}

/** Names of headers that go with every request, in lower case. */
export function headersSent(auth: VendorYaml["auth"] | undefined): ReadonlySet<string> {
  const schemes = auth === undefined ? [] : "scheme" in auth ? [auth] : Object.values(auth.choose);
  return new Set(
    schemes
      .flatMap((scheme) => Object.keys(("headers" in scheme && scheme.headers) || {}))
      .map((name) => name.toLowerCase()),
  );
}

const lifetimeOf = ({ lifetime }: { lifetime?: string }) => lifetime && { lifetimeMs: milliseconds(lifetime) };

/** Where keys and tokens are sent besides the vendor's own base address. */
export function authOrigins(auth: AuthModel, context: Context): Template[] {
  const ofScheme = (scheme: SchemeModel, at: Path): Template[] => {
    const keys = ["tokenUrl", "authorizeUrl"] as const;
    return keys.flatMap((key) => {
      const url = key in scheme ? (scheme as Partial<Record<typeof key, Template>>)[key] : undefined;
      const origin = url && originOf(url, [...at, key], context);
      return origin && key === "tokenUrl" ? [origin] : [];
    });
  };
  if (auth.kind !== "choose") return ofScheme(auth, ["auth"]);
  const at = ["auth", "choose"];
  return [
    ...auth.cases.flatMap(({ credential, scheme }) => ofScheme(scheme, [...at, credential])),
    ...ofScheme(auth.else, [...at, "else"]),
  ];
}
