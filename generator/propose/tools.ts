import { type OpenApi, type Operation, operationsIn, titleOf } from "../model/openapi.ts";
import type { InputYaml, OperationYaml, ToolYaml } from "../read/schema.ts";
import { itemsIn, thingIn } from "./answers.ts";
import { type Body, bodyFor } from "./bodies.ts";
import { isRefused, type Proposed, type Refused } from "./draft.ts";
import { answerOf, bodyOf } from "./facts.ts";
import { fieldsOf } from "./fields.ts";
import { parametersFor } from "./inputs.ts";
import { areaOf, camelOf, capital, pluralOf, sentenceOf, textOf } from "./nouns.ts";
import { pagingOf } from "./paging.ts";
import type { Resource, Route } from "./routes.ts";

export interface Making {
  readonly document: OpenApi;
  /** The tool whose answers hold the ids of this noun. */
  readonly idsFrom?: string;
  /** Parameters that every call gives in the same way. */
  readonly constants: ReadonlyMap<string, string>;
  readonly noun: readonly string[];
  /** What its POST does, when that is not to create. */
  readonly verb?: string;
  readonly prefix: string;
}

type Made = Proposed | Refused;
type Kind = "list" | "get" | "create" | "update";

/** What of a resource becomes a tool, and why the rest does not. */
export function toolsOf(
  resource: Resource,
  making: Making,
): { tools: Proposed[]; refused: (Refused & { title: string })[] } {
  const tools: Proposed[] = [];
  const refused: (Refused & { title: string })[] = [];
  const described = new Map(operationsIn(making.document));
  for (const kind of ["list", "get", "create", "update"] as const) {
    const route = resource[kind];
    const operation = route && described.get(titleOf(route.method, route.path));
    if (!route || !operation) continue;
    const list = tools.find(({ key }) => key.startsWith("list_"));
    const known = list && { ...making, idsFrom: `${making.prefix}_${list.key}` };
    const made = (kind === "list" || kind === "get" ? readTool : sendTool)(kind, route, operation, known ?? making);
    if (isRefused(made)) refused.push({ title: route.title, ...made });
    else if (!tools.some(({ key }) => key === made.key)) tools.push(made);
  }
  return { tools, refused };
}

function readTool(kind: Kind, route: Route, operation: Operation, making: Making): Made {
  const { document, noun } = making;
  const answer = answerOf(operation);
  if (!answer) return { reason: "answers no JSON" };
  const one = kind === "get" ? thingIn(answer, document) : undefined;
  const items = one && one.firstOf === undefined ? undefined : itemsIn(answer, document);
  const always = constantsIn(operation, making);
  if (items) {
    const output = fieldsOf(items.shapes, document, 10);
    if (Object.keys(output).length === 0) return { reason: "answers items without a plain field" };
    const plural = pluralOf(noun);
    const [name, step] = [camelOf(["list", ...plural]), stepName(plural)];
    const taken = new Set([step, "limit", "cursor"]);
    const pages = pagingOf(operation, answer, items.items, hasLink(route), document);
    const paged = Object.fromEntries([pages?.page, pages?.size?.name].flatMap((each) => (each ? [[each, true]] : [])));
    const asking = { name, most: 5, noun, taken, always: { ...always, ...paged } };
    const given = parametersFor(operation, asking, document);
    if (isRefused(given)) return given;
    return {
      key: ["list", ...plural].join("_"),
      operationName: name,
      operation: { do: route.title, items: items.items, ...(pages && { pages }), ...constantly(always) },
      tool: {
        ...wording(`List ${textOf(plural)}`, `${sentenceOf(plural)} with their main fields.`),
        ...asked(given.input),
        steps: { [step]: { list: name, ...withOf(given.with) } },
        output: { [`${step}[]`]: output },
        ...tagsOf(noun),
      },
      reviews: [],
    };
  }
  const thing = one ?? thingIn(answer, document);
  const output = thing && fieldsOf(thing.shapes, document, 16);
  if (!thing || !output || Object.keys(output).length === 0) return { reason: "answers no plain field" };
  const [name, step] = [camelOf(["get", ...noun]), stepName(noun)];
  const asking = { name, most: 2, noun, taken: new Set([step]), always, ...idsFrom(making) };
  const given = parametersFor(operation, asking, document);
  if (isRefused(given)) return given;
  return {
    key: ["get", ...noun].join("_"),
    operationName: name,
    operation: {
      do: route.title,
      ...(thing.inside !== undefined && { item: thing.inside }),
      ...constantly(always),
    },
    tool: {
      ...wording(`Get ${textOf(noun)}`, `One ${textOf(noun)} with its details.`),
      ...asked(given.input),
      steps: { [step]: { get: name, ...withOf(given.with) } },
      output: { [step]: output },
      ...tagsOf(noun),
    },
    reviews: [],
  };
}

function sendTool(kind: Kind, route: Route, operation: Operation, making: Making): Made {
  const { document, noun } = making;
  if (operation.requestBody && !bodyOf(operation)) return { reason: "takes a body that is no JSON" };
  const schema = bodyOf(operation);
  const [name, step] = [camelOf([making.verb ?? kind, ...noun]), stepName(noun)];
  const always = constantsIn(operation, making);
  const asking = { name, most: schema ? 0 : 6, noun, taken: new Set([step]), always, ...idsFrom(making) };
  const path = parametersFor(operation, asking, document);
  if (isRefused(path)) return path;
  const taken = new Set([step, ...Object.keys(path.input)]);
  const body = schema ? bodyFor(schema, { name, most: 6, noun, taken }, document) : NOTHING;
  if (isRefused(body)) return body;
  const verb = making.verb ?? kind;
  const says = {
    create: `Makes one ${textOf(noun)}.`,
    update: `Changes fields of one ${textOf(noun)}.`,
  }[verb];
  return {
    key: [verb, ...noun].join("_"),
    operationName: name,
    operation: { do: route.title, ...body.operation, ...constantly(always) },
    tool: {
      ...wording(`${capital(verb)} ${textOf(noun)}`, says ?? `Asks the vendor to ${verb} one ${textOf(noun)}.`),
      access: "write",
      ...asked({ ...path.input, ...body.input }),
      steps: { [step]: { send: name, ...withOf({ ...path.with, ...body.with }) } },
      output: outputOf(kind, step, operation, making),
      ...tagsOf(noun),
    },
    reviews: body.reviews,
  };
}

const NOTHING: Body = { input: {}, with: {}, operation: {}, reviews: [] };

/** What a change answers of what it changed; when it says nothing, that it was done. */
function outputOf(kind: Kind, step: string, operation: Operation, { document, verb }: Making): ToolYaml["output"] {
  const done = { [verb === undefined ? `${kind}d` : "asked"]: true };
  const answer = answerOf(operation);
  const thing = answer && thingIn(answer, document);
  if (!thing || thing.firstOf !== undefined) return done;
  const fields = fieldsOf(thing.shapes, document, 6);
  if (Object.keys(fields).length === 0) return done;
  return { [step]: { ...(thing.inside !== undefined && { $from: `$${step}.${thing.inside}` }), ...fields } };
}

const idsFrom = ({ idsFrom }: Making) => (idsFrom === undefined ? {} : { idsFrom });

/** Names that the tool's other parts have already. */
const stepName = (noun: readonly string[]) => {
  const name = camelOf(noun).replaceAll(/[^A-Za-z0-9]/g, "");
  return ["each", "done", "truncated", "coverage", "cursor", "limit", "partial"].includes(name) ? `${name}Found` : name;
};

const wording = (title: string, description: string) => ({ title: title.slice(0, 60).trim(), description });
const asked = (input: Record<string, InputYaml>) => (Object.keys(input).length > 0 ? { input } : {});
const withOf = (given: Record<string, string>) => (Object.keys(given).length > 0 ? { with: given } : {});

function tagsOf(noun: readonly string[]): Pick<ToolYaml, "tags"> {
  const area = areaOf(noun);
  return area ? { tags: [area] as ToolYaml["tags"] } : {};
}

function constantsIn({ parameters = [] }: Operation, { constants }: Making): Record<string, string> {
  const known = parameters.filter(
    ({ name, required, in: place }) => required && place === "query" && constants.has(name),
  );
  return Object.fromEntries(known.map(({ name }) => [name, constants.get(name)!]));
}

const constantly = (always: Record<string, string>): Pick<OperationYaml, "always"> =>
  Object.keys(always).length > 0 ? { always } : {};

/** The description says that answers have a header which links the next page. */
function hasLink({ value }: Route): boolean {
  const responses = (value.responses ?? {}) as Record<string, { headers?: Record<string, unknown> } | null>;
  return Object.entries(responses).some(
    ([status, response]) =>
      /^2/.test(status) && Object.keys(response?.headers ?? {}).some((name) => name.toLowerCase() === "link"),
  );
}
