import { type Across, annotationsOf, type JsonSchema, type Tool, toolHash, type Vendor } from "../../runtime/index.ts";
import { approvalFor, type Decision, decide, type Part, type ToolFacts } from "../policy/decide.ts";
import type { Caller } from "./caller.ts";
import { knownListing, type Listing } from "./listing.ts";
import { MOST_TOOLS, roomFor } from "./room.ts";

/** Hashes of the reviewed tools, by vendor and tool name: generated/contract.json. */
export type Lock = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a client reads about a tool in `tools/list`. */
export interface ToolDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  readonly annotations: ReturnType<typeof annotationsOf>;
}

export interface CatalogTool {
  /** Whose tool it is: a vendor, or a set across vendors. */
  readonly owner: Owner;
  /** It is given the clients of several vendors, by slug. */
  readonly across: boolean;
  readonly tool: Tool;
  readonly definition: ToolDefinition;
  readonly facts: ToolFacts;
}

type Owner = Pick<Vendor, "slug" | "title" | "schemas">;

/** Tools as this process would serve them at one address, in the one order of every list. */
export interface Catalog {
  readonly slug: string;
  readonly title: string;
  /** What a client is told about the whole of it. */
  readonly instructions?: string;
  readonly tools: ReadonlyMap<string, CatalogTool>;
  readonly lock: ReadonlySet<string>;
  /** How many tools a list may have. */
  readonly most?: number;
}

export function catalogOf(vendor: Vendor, lock: Lock): Catalog {
  const { slug, title } = vendor;
  const tools = vendor.tools.map((tool) => catalogTool(vendor, tool, [{ vendor: slug, access: tool.access }], false));
  return { slug, title, tools: byName(tools), lock: new Set(Object.values(lock[slug] ?? {})) };
}

/** The tools of all these, at one address. */
export const unionOf = (
  catalogs: readonly Catalog[],
  about: Pick<Catalog, "slug" | "title" | "instructions">,
): Catalog => ({
  ...about,
  tools: byName(catalogs.flatMap(({ tools }) => [...tools.values()])),
  lock: new Set(catalogs.flatMap(({ lock }) => [...lock])),
  most: MOST_TOOLS,
});

/** The tools with this tag. */
export const within = (catalog: Catalog, tag: string): Catalog => ({
  ...catalog,
  tools: new Map([...catalog.tools].filter(([, { tool }]) => tool.tags?.includes(tag))),
});

/** Every tag that some tool has. */
export const profilesOf = ({ tools }: Catalog): string[] =>
  [...new Set([...tools.values()].flatMap(({ tool }) => tool.tags ?? []))].sort();

/** Tools that ask several vendors, of which a caller may have connected some. */
export function acrossCatalog(set: Across, lock: Lock): Catalog {
  const { slug, title } = set;
  const tools = set.tools.map((tool) => catalogTool(set, tool as Tool, tool.parts, true));
  return { slug, title, tools: byName(tools), lock: new Set(Object.values(lock[slug] ?? {})) };
}

/** What the rule says about one tool for one caller. What no list has room for cannot be called either. */
export function decisionFor(entry: CatalogTool, caller: Caller, catalog: Catalog): Decision {
  const decision = ruling(entry, caller, catalog);
  const isAmongMany = decision.verdict !== "hide" && entry.facts.extended === true && catalog.most !== undefined;
  if (!isAmongMany || listedFor(caller, catalog).includes(entry)) return decision;
  return { verdict: "hide", rule: "too-many" };
}

function ruling({ facts }: CatalogTool, caller: Caller, { lock }: Catalog): Decision {
  return decide(facts, caller, caller.policy, { now: caller.at, lock, toolsOff: caller.toolsOff });
}

/** The tools a caller is shown: all but the hidden ones, as far as there is room. */
export const listedFor = (caller: Caller, catalog: Catalog): readonly CatalogTool[] =>
  listingFor(caller, catalog).tools;

export const listingFor = (caller: Caller, catalog: Catalog): Listing =>
  knownListing(caller, catalog, () => {
    const admitted = [...catalog.tools.values()].filter((entry) => ruling(entry, caller, catalog).verdict !== "hide");
    const tools = roomFor(admitted, isExtended, catalog.most);
    const leftOut = admitted.length - tools.length;
    return { tools, leftOut, waits: tools.some((entry) => mayWait(entry, caller)) };
  });

/** Whether a call of it may have to wait for a person, by policy or for some arguments. */
const mayWait = ({ tool, facts }: CatalogTool, { policy }: Pick<Caller, "policy">): boolean =>
  tool.confirm !== undefined || approvalFor(facts, tool.access, policy) !== "none";

const isExtended = ({ facts }: CatalogTool) => facts.extended === true;

/** Tools that nobody may see because they are not what was reviewed and committed. */
export const unlockedTools = ({ tools, lock }: Catalog): string[] =>
  [...tools.values()].filter(({ facts }) => !lock.has(facts.hash)).map(({ tool }) => tool.name);

function catalogTool(owner: Owner, tool: Tool, parts: readonly Part[], across: boolean): CatalogTool {
  const { name, title, description, access, idempotent } = tool;
  const { input, output } = owner.schemas[name] ?? { input: NOTHING, output: NOTHING };
  const definition: ToolDefinition = {
    name,
    title,
    description,
    inputSchema: input,
    outputSchema: output,
    annotations: annotationsOf(access, idempotent),
  };
  const facts: ToolFacts = {
    name,
    parts,
    access,
    tags: tool.tags ?? [],
    asks: tool.confirm !== undefined && tool.confirm.when === undefined,
    extended: tool.extended === true,
    ...(tool.dataClass && { class: tool.dataClass }),
    // A tool that does not say whether it can be kept to some customers cannot.
    unbounded: tool.customers !== "bounded" && tool.customers !== "shared",
    hash: toolHash(definition),
  };
  return { owner, across, tool, definition, facts };
}

const NOTHING: JsonSchema = { type: "object", properties: {}, additionalProperties: false };

const byName = (tools: readonly CatalogTool[]): ReadonlyMap<string, CatalogTool> =>
  new Map(
    tools.toSorted((a, b) => (a.tool.name < b.tool.name ? -1 : 1)).map((entry) => [entry.tool.name, entry] as const),
  );
