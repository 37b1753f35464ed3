import { isObject, type JsonObject, objectOf } from "../model/json.ts";
import type { OpenApi } from "../model/openapi.ts";
import { operationsIn } from "../model/openapi.ts";
import type { Problem } from "../model/problem.ts";
import type { CredentialYaml, OperationYaml, PagesYaml, ToolYaml } from "../read/schema.ts";
import { addressOf } from "./address.ts";
import { chosenFrom } from "./choose.ts";
import type { Draft, Proposed } from "./draft.ts";
import { readFacts } from "./facts.ts";
import { headersOf } from "./headers.ts";
import { helpOf, reviewsFor, titleFor } from "./remarks.ts";
import { type Route, resourcesOf, routesIn } from "./routes.ts";
import { signInOf } from "./sign-in.ts";
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

/** How many kinds of things are looked at. */
const LOOK = 16;

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
  const asked = verify.operation ? verify.operation[1].do : verify.verify;
  const usedRoutes = routes.filter(({ title }) => used.has(title) || title === asked);
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
      customer: { none: "Nobody has said yet how it names the customers of an MSP." },
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
  const titles = asked === "none" ? [...used] : [asked, ...used];
  return { draft, routes: [...new Set(titles)], left };
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

function nothing(name: string, routes: readonly Route[], left: readonly Problem[]): Problem[] {
  if (routes.length === 0) return [{ where: `${name} paths`, message: "describes no operation that could be called" }];
  return [
    { where: `${name} paths`, message: `none of its ${routes.length} operations could be made a tool` },
    ...left.slice(0, 20),
  ];
}

export const isProposal = (value: object): value is Proposal => isObject(value) && "draft" in value;
