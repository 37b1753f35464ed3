import { buildVendor, openVendor } from "../build/vendor.ts";
import { checkVendor } from "../gates/vendor.ts";
import type { OpenApi } from "../model/openapi.ts";
import type { Problem } from "../model/problem.ts";
import type { InputYaml, OperationYaml, OutputYaml, ToolYaml } from "../read/schema.ts";
import { readVendors } from "../read/vendors.ts";
import type { Draft } from "./draft.ts";
import { printDraft } from "./print.ts";

export interface Settled {
  readonly draft: Draft;
  /** What the generator did not take, and what is therefore not in the draft any more. */
  readonly dropped: readonly Problem[];
  /** What cannot be helped by leaving something out. */
  readonly problems: readonly Problem[];
}

/** Leaves out of the draft what the generator would refuse, as little as possible at a time. */
export function settle(draft: Draft, document: OpenApi, file: string): Settled {
  let current = draft;
  const dropped: Problem[] = [];
  for (let turn = 0; turn < 30; turn++) {
    const problems = problemsOf(current, document, file);
    const next = without(current, problems);
    if (next === undefined) return { draft: current, dropped, problems };
    if (next === current) return { draft: current, dropped, problems: [] };
    dropped.push(...problems);
    current = next;
  }
  return { draft: current, dropped, problems: problemsOf(current, document, file) };
}

/** The draft without what these problems are about; undefined when one of them is about the whole. */
export function without(draft: Draft, problems: readonly Problem[]): Draft | undefined {
  if (problems.length === 0) return draft;
  let next = draft;
  for (const { where } of problems) {
    const changed = withoutPlace(next, where.slice(where.indexOf(" ") + 1));
    if (!changed) return;
    next = changed;
  }
  return tidied(next);
}

function problemsOf(draft: Draft, document: OpenApi, file: string): readonly Problem[] {
  const { sources, problems } = readVendors(printDraft(draft, "schema.json"), file);
  const [source] = sources;
  if (!source || problems.length > 0) return problems;
  const opened = openVendor(source, document);
  const built = buildVendor(opened);
  return [...built.problems, ...checkVendor(built.model, opened.source).problems];
}

function withoutPlace(draft: Draft, place: string): Draft | undefined {
  const [section, name = "", part, ...rest] = place.split(".");
  if (section === "pages" && draft.pages) {
    const { pages: _, ...others } = draft;
    return others;
  }
  if (section === "operations") {
    const operation = draft.operations.get(name);
    if (!operation) return draft; // gone already, for another reason
    if (part === "pages" && operation.pages !== "none")
      return changeOperation(draft, name, { ...operation, pages: "none" });
    return dropOperation(draft, name);
  }
  if (section !== "tools") return;
  const tool = draft.tools.get(name);
  if (!tool) return draft;
  const smaller = part === "input" || part === "steps" ? withoutInput(tool, part, rest) : part === "output" ? withoutOutput(tool, rest) : undefined; // biome-ignore format: one thought
  const tools = new Map(draft.tools);
  if (smaller) tools.set(name, smaller);
  else tools.delete(name);
  return { ...draft, tools };
}

/** An input that need not be given can go, and what it fills with it. */
function withoutInput(
  tool: ToolYaml,
  part: string,
  [first = "", second, ...rest]: readonly string[],
): ToolYaml | undefined {
  const [[stepName, step] = []] = Object.entries(tool.steps);
  if (!step || stepName === undefined) return;
  const wire = part === "steps" && second === "with" ? rest.join(".") : undefined;
  const name = part === "input" ? first : String(step.with?.[wire ?? ""] ?? "").slice(1);
  const input = (tool.input as Record<string, InputYaml> | undefined)?.[name];
  if (input?.optional !== true) return;
  const { [name]: _, ...inputs } = tool.input!;
  const given = Object.entries(step.with ?? {}).filter(([, value]) => value !== `$${name}`);
  const { with: __, ...asked } = step;
  return {
    ...tool,
    input: inputs,
    steps: { [stepName]: { ...asked, ...(given.length > 0 && { with: Object.fromEntries(given) }) } },
  };
}

function withoutOutput(tool: ToolYaml, [name = "", field]: readonly string[]): ToolYaml | undefined {
  const entry = tool.output[name];
  if (field === undefined || typeof entry !== "object" || Array.isArray(entry)) return;
  const { [field]: gone, ...fields } = entry as Record<string, OutputYaml>;
  if (gone === undefined || Object.keys(fields).filter((each) => each !== "$from").length === 0) return;
  return { ...tool, output: { ...tool.output, [name]: fields } };
}

function changeOperation(draft: Draft, name: string, operation: OperationYaml): Draft {
  return { ...draft, operations: new Map([...draft.operations, [name, operation]]) };
}

function dropOperation(draft: Draft, name: string): Draft | undefined {
  if (draft.head.verify === name) return;
  const operations = new Map(draft.operations);
  operations.delete(name);
  return { ...draft, operations };
}

/** Tools without their operation, and operations without a tool, are of no use. */
function tidied(draft: Draft): Draft {
  const called = (tool: ToolYaml) =>
    Object.values(tool.steps).map(({ get, list, send }) => String(get ?? list ?? send));
  const tools = new Map(
    [...draft.tools].filter(([, tool]) => called(tool).every((name) => draft.operations.has(name))),
  );
  const used = new Set([...[...tools.values()].flatMap(called), String(draft.head.verify)]);
  const operations = new Map([...draft.operations].filter(([name]) => used.has(name)));
  return { ...draft, tools, operations };
}
