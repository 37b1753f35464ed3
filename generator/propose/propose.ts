import { isObject, type JsonObject, objectOf } from "../model/json.ts";
import type { OpenApi } from "../model/openapi.ts";
import { operationsIn } from "../model/openapi.ts";
import type { Problem } from "../model/problem.ts";
import type { CredentialYaml, OperationYaml, PagesYaml, ToolYaml } from "../read/schema.ts";
import { addressOf, safe } from "./address.ts";
import type { Draft, Proposed, Review } from "./draft.ts";
import { readFacts } from "./facts.ts";
import { headersOf } from "./headers.ts";
import { type Resource, type Route, resourcesOf, routesIn } from "./routes.ts";
import { signInOf } from "./sign-in.ts";
import { toolsOf } from "./tools.ts";
import { verifyOf, verifyRoutes } from "./verify.ts";

export interface Wish {
  readonly slug: string;
  readonly prefix: string;
  /** Path of the extract, from the folder of the YAML file. */
  readonly spec: string;
  /** Name of the description, for problems. */
  readonly name: string;
  /** Where the description was downloaded, when it was. */
  readonly from?: string;
}

export interface Proposal {
  readonly draft: Draft;
  /** What the tools are made of, as `GET /path`. */
  readonly routes: readonly string[];
  /** What was looked at and is no tool. */
  readonly left: readonly Problem[];
}

/** How many kinds of things are looked at, how many become tools, and how many tools there are at most. */
const LOOK = 16;
const KINDS = 4;
const MOST = 12;

/** A first document for a vendor: how it is reached and signed in to, and a handful of tools for its main things. */
export function propose(document: JsonObject, wish: Wish): Proposal | { problems: readonly Problem[] } {
  const routes = routesIn(document);
  const found = resourcesOf(routes);
  const resources = [...found.filter(({ isDull }) => !isDull), ...found.filter(({ isDull }) => isDull)].slice(0, LOOK);
  const wanted = resources.flatMap(({ list, get, create, update }) =>
    [list, get, create, update].flatMap((each) => each?.title ?? []),
  );
  const forVerify = verifyRoutes(routes).map(({ title }) => title);
  const { document: facts, refused } = readFacts(document, [...new Set([...wanted, ...forVerify])], wish.name);
  const left: Problem[] = [...refused.values()];
  const constants = constantsOf(document, facts);
  const made = chosenFrom(resources, facts, constants, wish, left);
  if (made.length === 0) return { problems: nothing(wish.name, routes, left) };

  const used = new Set(made.map(({ operation }) => operation.do));
  const verify = verifyOf([...forVerify, ...used], facts, constants);
  const usedRoutes = routes.filter(({ title }) => used.has(title));
  const address = addressOf(document, wish.from);
  const signIn = signInOf(document, usedRoutes, address.baseUrl);
  const headers = headersOf(usedRoutes, document, signIn);
  const operations = new Map<string, OperationYaml>(verify.operation ? [verify.operation] : []);
  const { pages, ofOperation } = pagesFor(made);
  for (const each of made) operations.set(each.operationName, { ...each.operation, ...ofOperation(each) });
  const credentials: Record<string, CredentialYaml> = {
    ...address.credentials,
    ...signIn.credentials,
    ...headers.credentials,
  };
  const draft: Draft = {
    head: {
      vendor: wish.slug,
      prefix: wish.prefix,
      title: titleFor(document, wish.slug),
      spec: wish.spec,
      baseUrl: address.baseUrl,
      credentials: { ...credentials, help: helpOf(document), rights: "The fewest rights with which these tools work." },
      auth: headers.auth,
      verify: verify.verify,
      limits: { all: "60/60s", concurrency: 2 },
    },
    ...(pages && { pages }),
    operations,
    tools: new Map<string, ToolYaml>(made.map(({ key, tool }) => [key, tool])),
    reviews: reviewsFor(
      { baseUrl: address.reviews, auth: [...signIn.reviews, ...headers.reviews], verify: verify.reviews },
      made,
      pages !== undefined,
      constants,
    ),
  };
  const asked = verify.operation ? verify.operation[1].do : verify.verify;
  const titles = asked === "none" ? [...used] : [asked, ...used];
  return { draft, routes: [...new Set(titles)], left };
}

/** The tools of the first few resources that have any. */
function chosenFrom(
  resources: readonly Resource[],
  document: OpenApi,
  constants: ReadonlyMap<string, string>,
  { prefix, name, slug }: Wish,
  left: Problem[],
): Proposed[] {
  const made: Proposed[] = [];
  const longest = Math.min(40 - prefix.length - 1, 64 - `mcp__${slug}__${prefix}_`.length);
  let kinds = 0;
  for (const resource of resources) {
    if (kinds === KINDS) break;
    if (resource.isDull && made.length > 0) continue;
    const isTaken = (noun: readonly string[]) =>
      made.some(({ key }) => key.endsWith(`_${noun.join("_")}`) || key === `list_${noun.join("_")}s`);
    const noun = isTaken(resource.noun) ? [...resource.parent, ...resource.noun] : resource.noun;
    const short = noun.slice(-Math.max(1, noun.length));
    const { tools, refused } = toolsOf(resource, {
      document,
      constants,
      noun: fitted(short, longest),
      prefix,
      ...(resource.verb !== undefined && { verb: resource.verb }),
    });
    left.push(...refused.map(({ title, reason }) => ({ where: `${name} ${title}`, message: reason })));
    const fresh = tools.filter(
      ({ key, operationName }) =>
        key.length <= longest && !made.some((other) => other.key === key || other.operationName === operationName),
    );
    if (fresh.length === 0) continue;
    made.push(...fresh);
    kinds++;
  }
  return made.slice(0, MOST);
}

/** As many of its last words as a tool's name has room for, behind a verb and with a plural's end. */
function fitted(noun: readonly string[], longest: number): readonly string[] {
  const room = longest - "create_".length - 2;
  let words = noun;
  while (words.length > 1 && words.join("_").length > room) words = words.slice(1);
  return words.join("_").length > room ? [words.join("").slice(0, room)] : words;
}

/** Required query parameters that only have one value: of an enum of one, or a version. */
function constantsOf(document: JsonObject, facts: OpenApi): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const version = objectOf(document.info).version;
  for (const [, { parameters = [] }] of operationsIn(facts)) {
    for (const { name, in: place, required, schema } of parameters) {
      if (!required || place !== "query") continue;
      if (/^api-?version$/i.test(name) && (typeof version === "string" || typeof version === "number")) found.set(name, String(version)); // biome-ignore format: one thought
      const values = schema.enum ?? [];
      if (values.length === 1 && typeof values[0] === "string") found.set(name, values[0]);
    }
  }
  return found;
}

/** One way of paging for all when they agree, else one for each list. */
function pagesFor(made: readonly Proposed[]) {
  const guesses = made
    .filter(({ operation }) => operation.items !== undefined && !operation.first)
    .map(({ operation }) => operation.pages);
  const texts = new Set(guesses.filter((each) => each !== undefined).map((each) => JSON.stringify(each)));
  const common = texts.size === 1 ? (JSON.parse([...texts][0]!) as PagesYaml) : undefined;
  const ofOperation = ({ operation }: Proposed): Pick<OperationYaml, "pages"> => {
    if (common === undefined || operation.items === undefined || operation.first) return {};
    return { pages: operation.pages === undefined ? "none" : undefined };
  };
  return { ...(common && { pages: common }), ofOperation };
}

function reviewsFor(
  of: { readonly baseUrl: readonly string[]; readonly auth: readonly string[]; readonly verify: readonly string[] },
  made: readonly Proposed[],
  isPaged: boolean,
  constants: ReadonlyMap<string, string>,
): Review[] {
  const at = (path: readonly string[], texts: readonly string[]) => texts.map((text) => ({ path, text }));
  return [
    ...at(["prefix"], ["this begins the name of every tool, and cannot change later without breaking clients"]),
    ...at(["title"], ["the name that people know"]),
    ...at(["baseUrl"], of.baseUrl),
    ...at(["credentials", "help"], ["the vendor's page about its keys"]),
    ...at(["auth"], of.auth),
    ...at(["verify"], of.verify),
    ...at(["limits"], ["what the vendor allows"]),
    ...(isPaged ? at(["pages"], ["guessed by the names of parameters and of what stands beside the items"]) : []),
    ...made.flatMap(({ operationName, operation }) => [
      ...(operation.pages && !isPaged ? at(["operations", operationName], ["how the list goes on is a guess"]) : []),
      ...(operation.always
        ? at(
            ["operations", operationName],
            [`${[...constants.keys()].map(safe).join(", ")}: the only value, or the version of the description`],
          )
        : []),
    ]),
    ...at(["tools"], ["names, words and the choice of fields; bounds of numbers are guesses"]),
    ...made.flatMap(({ key, reviews }) => at(["tools", key], reviews)),
  ];
}

function titleFor(document: JsonObject, slug: string): string {
  const { title } = objectOf(document.info);
  const plain =
    typeof title === "string"
      ? safe(title)
          .replaceAll(/[<>{}`"\\]/g, "")
          .replace(/\s*\b(rest|public)?\s*api\b.*$/i, "")
      : "";
  return plain.slice(0, 40).trim() || slug;
}

function helpOf(document: JsonObject): string {
  const info = objectOf(document.info);
  const given = [objectOf(document.externalDocs).url, objectOf(info.contact).url, info.termsOfService];
  const known = given.find((url) => typeof url === "string" && /^https:\/\/[\w.-]+(\/[\w./~%-]*)?$/.test(url));
  return typeof known === "string" ? known : "https://example.com/where-keys-are-made";
}

function nothing(name: string, routes: readonly Route[], left: readonly Problem[]): Problem[] {
  if (routes.length === 0) return [{ where: `${name} paths`, message: "describes no operation that could be called" }];
  return [
    { where: `${name} paths`, message: `none of its ${routes.length} operations could be made a tool` },
    ...left.slice(0, 20),
  ];
}

export const isProposal = (value: object): value is Proposal => isObject(value) && "draft" in value;
