import type { AuthModel, Named, OAuthCodeModel, SchemeModel, Template, VendorModel } from "../model/vendor.ts";
import { printAddress, printTemplate, unlessEmpty } from "./address.ts";
import { literal, propertyKey } from "./literal.ts";
import { printObject } from "./print.ts";

type Use = (name: string) => string;

/** The `auth` of a client. */
export function printAuth(auth: AuthModel, vendor: VendorModel, use: Use): string {
  const value = valuePrinter(vendor, use);
  if (auth.kind !== "choose") return printScheme(auth, value, use);
  return chosen(auth, (scheme) => printScheme(scheme, value, use));
}

/** `clientSecret !== undefined ? a : b` */
const chosen = ({ cases, else: otherwise }: AuthModel & { kind: "choose" }, print: (scheme: SchemeModel) => string) =>
  [
    ...cases.map(({ credential, scheme }) => `${credential} !== undefined ? ${print(scheme)} : `),
    print(otherwise),
  ].join("");

/** A secret must not be printed into plain text: the runtime's tag keeps it one. */
function valuePrinter(vendor: VendorModel, use: Use) {
  const secrets = new Set(vendor.credentials.fields.filter(({ secret }) => secret).map(({ name }) => name));
  return (template: Template) => {
    const text = printTemplate(template);
    const holdsSecret = template.some(
      (part) => typeof part === "object" && "credential" in part && secrets.has(part.credential),
    );
    return unlessEmpty(template, text.startsWith("`") && holdsSecret ? `${use("secret")}${text}` : text);
  };
}

function printScheme(scheme: SchemeModel, value: (template: Template) => string, use: Use): string {
  const named = (entries: Named) => printObject(entries.map(([name, template]) => [name, value(template)]));
  const headers = "headers" in scheme && scheme.headers.length > 0 ? [["headers", named(scheme.headers)] as const] : [];
  const lifetime =
    "lifetimeMs" in scheme && scheme.lifetimeMs ? [["lifetimeMs", literal(scheme.lifetimeMs)] as const] : [];
  switch (scheme.kind) {
    case "headers":
      return `${use("headerAuth")}(${named(scheme.headers)})`;
    case "query":
      return `${use("queryAuth")}(${printObject([["params", named(scheme.params)], ...headers])})`;
    case "bearer":
      return `${use("bearerAuth")}(${printObject([["token", value(scheme.token)], ...headers])})`;
    case "basic":
      return `${use("basicAuth")}(${printObject([
        ["username", value(scheme.username)],
        ["password", value(scheme.password)],
        ...headers,
      ])})`;
    case "passwordGrant":
      return `${use("passwordGrant")}(${printObject([
        ["tokenUrl", printAddress(scheme.tokenUrl)],
        ["clientId", literal(scheme.clientId)],
        ["clientSecret", literal(scheme.clientSecret)],
        ["username", value(scheme.username)],
        ["password", value(scheme.password)],
        ...lifetime,
      ])})`;
    case "loginToken":
      return `${use("loginToken")}(${printObject([
        ["path", literal(scheme.path)],
        ["body", named(scheme.body)],
        ["token", literal(scheme.token)],
        ...(scheme.expires ? [["expires", literal(scheme.expires)] as const] : []),
        ...lifetime,
        ...headers,
        ...(scheme.refuse ? [["refuse", literal(scheme.refuse)] as const] : []),
      ])})`;
    case "clientCredentials":
      return `${use("clientCredentials")}(${printObject([
        ["tokenUrl", printAddress(scheme.tokenUrl)],
        ["clientId", value(scheme.clientId)],
        ["clientSecret", value(scheme.clientSecret)],
        ["scopes", literal(scheme.scopes)],
        ...(scheme.params.length > 0 ? [["params", named(scheme.params)] as const] : []),
        ...lifetime,
        ...headers,
      ])})`;
    case "oauthCode":
      return `${use("signedIn")}(${headers.length > 0 ? printObject(headers) : ""})`;
  }
}

/** Where a person signs in at the vendor, for the gateway to send them there; undefined when nobody does. */
export function printSignIn({ auth, credentials }: VendorModel): { fields: string; text: string } | undefined {
  const schemes = auth.kind === "choose" ? [...auth.cases.map(({ scheme }) => scheme), auth.else] : [auth];
  if (!schemes.some(({ kind }) => kind === "oauthCode")) return;
  const print = (scheme: SchemeModel) => (scheme.kind === "oauthCode" ? printCode(scheme) : "undefined");
  const text = auth.kind === "choose" ? chosen(auth, print) : print(auth);
  const fields = credentials.fields.map(({ name }) => name).filter((name) => new RegExp(`\\b${name}\\b`).test(text));
  return { fields: fields.map(propertyKey).join(", "), text: text.startsWith("{") ? `(${text})` : text };
}

const printCode = ({ authorizeUrl, tokenUrl, clientId, clientSecret, scopes, params, pkce }: OAuthCodeModel) =>
  printObject([
    ["authorizeUrl", printAddress(authorizeUrl)],
    ["tokenUrl", printAddress(tokenUrl)],
    ["clientId", printTemplate(clientId)],
    ...(clientSecret ? [["clientSecret", printTemplate(clientSecret)] as const] : []),
    ["scopes", literal(scopes)],
    ["params", printObject(params.map(([name, template]) => [name, unlessEmpty(template, printTemplate(template))]))],
    ["pkce", literal(pkce)],
  ]);
