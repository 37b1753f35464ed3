import { arrayOf, isObject, type JsonObject, objectOf } from "../model/json.ts";
import type { CredentialYaml, SchemeYaml } from "../read/schema.ts";
import { safe, titleOf } from "./address.ts";
import { nameFor } from "./nouns.ts";
import type { Route } from "./routes.ts";

export interface SignIn {
  readonly auth: SchemeYaml;
  readonly credentials: Readonly<Record<string, CredentialYaml>>;
  readonly reviews: readonly string[];
}

interface Named {
  readonly name: string;
  readonly scheme: JsonObject;
  readonly scopes: readonly string[];
}

/** How requests are signed in, from the security schemes that these operations ask for. `baseUrl` completes addresses. */
export function signInOf(document: JsonObject, routes: readonly Route[], baseUrl: string): SignIn {
  const schemes = objectOf(objectOf(document.components).securitySchemes);
  const ways = requirementsOf(document, routes)
    .map((requirement) =>
      Object.entries(requirement).flatMap(([name, scopes]): Named[] =>
        isObject(schemes[name]) ? [{ name, scheme: schemes[name], scopes: textsIn(scopes) }] : [],
      ),
    )
    .filter((way) => way.length > 0);
  const declared = Object.entries(schemes).flatMap(([name, scheme]): Named[][] =>
    isObject(scheme) ? [[{ name, scheme, scopes: [] }]] : [],
  );
  const [best] = [...(ways.length > 0 ? ways : declared)].sort((a, b) => effort(a) - effort(b));
  if (!best) return guessed("the description says nothing of how to sign in");
  const scopes = [
    ...new Set([...ways.filter((way) => sameNames(way, best)).flat(), ...best].flatMap((each) => each.scopes)),
  ];
  const found = best.length > 1 ? together(best) : schemeFor({ ...best[0]!, scopes }, baseUrl);
  if (ways.length === 0) return { ...found, reviews: ["no operation says that it needs this", ...found.reviews] };
  const kinds = new Set(
    ways.map((way) =>
      way
        .map(({ name }) => name)
        .sort()
        .join("+"),
    ),
  );
  const more = kinds.size > 1 ? [`there are other ways: ${[...kinds].map(safe).slice(0, 4).join(", ")}`] : [];
  return { ...found, reviews: [...more, ...found.reviews] };
}

const textsIn = (value: unknown) => arrayOf(value).filter((each) => typeof each === "string") as string[];
const sameNames = (a: readonly Named[], b: readonly Named[]) =>
  a.map(({ name }) => name).join() === b.map(({ name }) => name).join();

/** What the operations ask for, or else the document. */
function requirementsOf(document: JsonObject, routes: readonly Route[]): JsonObject[] {
  const own = routes.flatMap(({ value }) => (Array.isArray(value.security) ? arrayOf(value.security) : []));
  return [...own, ...arrayOf(document.security)].map(objectOf);
}

/** What costs a person least comes first: a key, a password, a program of their own, signing in at the vendor. */
function effort(way: readonly Named[]): number {
  return way.length - 1 + Math.max(...way.map(({ scheme }) => effortOf(scheme)));
}

function effortOf(scheme: JsonObject): number {
  const type = String(scheme.type).toLowerCase();
  const flows = objectOf(scheme.flows);
  if (type === "apikey") return scheme.in === "header" ? 0 : scheme.in === "query" ? 3 : 40;
  if (type === "http") return /^(bearer|basic)$/i.test(String(scheme.scheme)) ? 2 : 35;
  if (type !== "oauth2") return 36;
  if (isObject(flows.clientCredentials)) return 4;
  if (isObject(flows.password)) return 6;
  return isObject(flows.authorizationCode) ? 8 : 32;
}

/** Several at once: only headers can be. */
function together(way: readonly Named[]): SignIn {
  const parts = way.map((each) => schemeFor(each, ""));
  const plain = parts.filter(({ auth }) => auth.scheme === "headers");
  const first = parts.find(({ auth }) => auth.scheme !== "headers") ?? plain[0]!;
  const used = plain.includes(first) ? plain : [...plain, first];
  const headers = Object.assign({}, ...plain.map(({ auth }) => ("headers" in auth ? auth.headers : {})));
  const reviews = used.length < parts.length ? ["the description asks for more than one way at once"] : [];
  return {
    auth: { ...first.auth, ...(Object.keys(headers).length > 0 && { headers }) } as SchemeYaml,
    credentials: Object.assign({}, ...used.map((each) => each.credentials)),
    reviews: [...reviews, ...used.flatMap((each) => each.reviews)],
  };
}

function schemeFor({ name, scheme, scopes }: Named, baseUrl: string): SignIn {
  const type = String(scheme.type).toLowerCase();
  if (type === "apikey" && scheme.in === "header") return keyInHeader(name, String(scheme.name ?? "x-api-key"));
  if (type === "apikey" && scheme.in === "query" && /^[\w.-]+$/.test(String(scheme.name)))
    return keyInAddress(String(scheme.name));
  if (type === "apikey")
    return guessed(
      `the description wants the key ${safe(String(scheme.name))} in the ${safe(String(scheme.in))}; only headers are signed`,
    );
  if (type === "http" && /^bearer$/i.test(String(scheme.scheme))) return bearer([]);
  if (type === "http" && /^basic$/i.test(String(scheme.scheme))) {
    return {
      auth: { scheme: "basic", username: "{username}", password: "{password}" },
      credentials: { username: { title: "User name" }, password: { title: "Password", secret: true } },
      reviews: ["some vendors take a key as the user name or the password"],
    };
  }
  if (type === "oauth2") return oauth(objectOf(scheme.flows), scopes, baseUrl);
  return guessed(`${safe(type)} ${safe(String(scheme.scheme ?? ""))} is not known here`);
}

const bearer = (reviews: readonly string[]): SignIn => ({
  auth: { scheme: "bearer", token: "{apiToken}" },
  credentials: { apiToken: { title: "API token", secret: true } },
  reviews,
});

const guessed = (reason: string) => bearer([`a guess: ${reason}`]);

function keyInAddress(param: string): SignIn {
  return {
    auth: { scheme: "query", params: { [param]: "{apiKey}" } },
    credentials: { apiKey: { title: "API key", secret: true } },
    reviews: ["a key in the address is seen by more eyes; does the vendor take it in a header, too?"],
  };
}

function keyInHeader(name: string, header: string): SignIn {
  const known = /^[\w-]{1,30}$/.test(name) ? name : "apiKey";
  const field = nameFor(known) ?? "apiKey";
  const isAuthorization = header.toLowerCase() === "authorization";
  const wire = /^[A-Za-z0-9-_]+$/.test(header) ? header : "x-api-key";
  return {
    auth: { scheme: "headers", headers: { [wire]: `{${field}}` } },
    credentials: { [field]: { title: titleOf(known), secret: true } },
    reviews: isAuthorization ? ["does a word such as Bearer stand in front of the key?"] : [],
  };
}

function oauth(flows: JsonObject, scopes: readonly string[], baseUrl: string): SignIn {
  const flow = (key: string) => (isObject(flows[key]) ? flows[key] : undefined);
  const url = (given: unknown) => {
    const text = typeof given === "string" ? given.replaceAll(/[{}\s]/g, "").replace(/^http:/i, "https:") : "";
    const base = baseUrl.replaceAll(/[{}]/g, "");
    if (text !== "" && URL.canParse(text, base)) return new URL(text, base).href.replace(/^http:/, "https:");
    return "https://auth.example.com/token";
  };
  const isOdd = (given: unknown) => typeof given !== "string" || !/^https:\/\/[^{}\s]+$/.test(given);
  const program = { clientId: "{clientId}", clientSecret: "{clientSecret}" };
  const fields = { clientId: { title: "Client id" }, clientSecret: { title: "Client secret", secret: true } };
  const asked = scopes.length > 0 && scopes.length <= 10 ? { scopes: [...scopes] } : {};
  const odd = (...given: unknown[]) => (given.some(isOdd) ? ["the address of the token is not said in full"] : []);
  const [own, password, code] = [flow("clientCredentials"), flow("password"), flow("authorizationCode")];
  if (own) {
    return {
      auth: { scheme: "clientCredentials", tokenUrl: url(own.tokenUrl), ...program, ...asked },
      credentials: fields,
      reviews: odd(own.tokenUrl),
    };
  }
  if (password) {
    return {
      auth: {
        scheme: "passwordGrant",
        tokenUrl: url(password.tokenUrl),
        client: { id: "public", secret: "public" },
        username: "{username}",
        password: "{password}",
      },
      credentials: { username: { title: "User name" }, password: { title: "Password", secret: true } },
      reviews: ["id and secret of the client are not in the description", ...odd(password.tokenUrl)],
    };
  }
  if (code) {
    return {
      auth: {
        scheme: "oauthCode",
        authorizeUrl: url(code.authorizationUrl),
        tokenUrl: url(code.tokenUrl),
        ...program,
        ...asked,
      },
      credentials: fields,
      reviews: odd(code.authorizationUrl, code.tokenUrl),
    };
  }
  return guessed("the description only knows tokens that a browser is given");
}
