import { annotationsOf, type JsonSchema, type Tool, toolHash, type Vendor } from "../../runtime/index.ts";
import { type Decision, decide, type ToolFacts } from "../policy/decide.ts";
import type { Caller } from "./caller.ts";

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
  readonly tool: Tool;
  readonly definition: ToolDefinition;
  readonly facts: ToolFacts;
}

/** A vendor's tools as this process would serve them, in the one order of every list. */
export interface Catalog {
  readonly vendor: Vendor;
  readonly tools: ReadonlyMap<string, CatalogTool>;
  readonly lock: ReadonlySet<string>;
}

export function catalogOf(vendor: Vendor, lock: Lock): Catalog {
  const tools = vendor.tools.map((tool) => catalogTool(vendor, tool)).sort(byName);
  return {
    vendor,
    tools: new Map(tools.map((entry) => [entry.tool.name, entry])),
    lock: new Set(Object.values(lock[vendor.slug] ?? {})),
  };
}

/** What the rule says about one tool for one caller. */
export function decisionFor({ facts }: CatalogTool, caller: Caller, { lock }: Catalog): Decision {
  const { orgId, writesEnabled } = caller;
  return decide(facts, caller, { orgId, writesEnabled, approvals: false, lock });
}

/** The tools a caller is shown: all but the hidden ones. */
export const listedFor = (caller: Caller, catalog: Catalog): CatalogTool[] =>
  [...catalog.tools.values()].filter((entry) => decisionFor(entry, caller, catalog).verdict !== "hide");

/** Tools that nobody may see because they are not what was reviewed and committed. */
export const unlockedTools = ({ tools, lock }: Catalog): string[] =>
  [...tools.values()].filter(({ facts }) => !lock.has(facts.hash)).map(({ tool }) => tool.name);

function catalogTool(vendor: Vendor, tool: Tool): CatalogTool {
  const { name, title, description, access, idempotent } = tool;
  const { input, output } = vendor.schemas[name] ?? { input: NOTHING, output: NOTHING };
  const definition: ToolDefinition = {
    name,
    title,
    description,
    inputSchema: input,
    outputSchema: output,
    annotations: annotationsOf(access, idempotent),
  };
  const asks = tool.confirm !== undefined && tool.confirm.when === undefined;
  return { tool, definition, facts: { vendor: vendor.slug, access, asks, hash: toolHash(definition) } };
}

const NOTHING: JsonSchema = { type: "object", properties: {}, additionalProperties: false };

const byName = (a: CatalogTool, b: CatalogTool) => (a.tool.name < b.tool.name ? -1 : 1);
