import { type Asked, guardOf } from "./boundary.ts";
import type { Through } from "./customers.ts";
import { ToolError } from "./errors.ts";
import type { Outgoing } from "./exchange.ts";
import { codesIn, knownMeaning } from "./meanings.ts";
import { found } from "./needs.ts";
import { baseOf, sender, type VendorConfig } from "./sender.ts";
import type { Transport } from "./transport.ts";
import { doubt, vendorError } from "./vendor-error.ts";

/** One question in GraphQL, checked against the vendor's SDL when it was generated. */
export interface Document<Variables = unknown, Answer = unknown> {
  readonly kind: "query" | "mutation";
  /** The field of Query or Mutation that it asks for. */
  readonly field: string;
  readonly text: string;
  /** For the compiler only. */
  readonly types?: (variables: Variables) => Answer;
}

type BodyOf<Path> = Path extends { post: { requestBody?: infer Body } } ? NonNullable<Body> : never;
type VariablesOf<Path> = [BodyOf<Path>] extends [never]
  ? Readonly<Record<string, never>>
  : BodyOf<Path> extends { content: { "application/json": infer Variables } }
    ? Variables
    : never;
type AnswerOf<Path> = Path extends { post: { responses: { 200: { content: { "application/json": infer Answer } } } } }
  ? Answer
  : never;

/** A question, typed by what types.ts says of its field: `` query<paths["query notes"]>("notes")`query …` ``. */
export const query =
  <Path>(field: string) =>
  ([text = ""]: TemplateStringsArray): Document<VariablesOf<Path>, AnswerOf<Path>> => ({ kind: "query", field, text });

/** A change, typed in the same way. */
export const mutation =
  <Path>(field: string) =>
  ([text = ""]: TemplateStringsArray): Document<VariablesOf<Path>, AnswerOf<Path>> => ({
    kind: "mutation",
    field,
    text,
  });

export interface Graphql {
  /**
   * What the document's field answers. Queries are repeated like other reads, mutations never; items that are null are left out.
   * @param otherwise what an answer of null stands for; without it, nothing was found
   * @throws ToolError
   */
  ask<Variables, Answer>(
    document: Document<Variables, Answer>,
    variables: Variables,
    otherwise?: NonNullable<Answer>,
  ): Promise<NonNullable<Answer>>;
  /** What the answers so far lack because the vendor failed to give it, as `tickets.sla (forbidden)`. */
  partial(): readonly string[] | undefined;
}

/** A GraphQL client for one connection of one vendor: every document is POSTed to the base address. */
export function vendorGraphql(config: VendorConfig, transport: Transport): Graphql {
  const send = sender(config, transport);
  const gaps = new Set<string>();
  const answerTo = (document: Asking, variables: unknown) =>
    send(outgoingOf(document, variables, config), (body, outgoing) => {
      const read = readAnswer(body, document.field, outgoing, config);
      for (const gap of read.gaps) if (gaps.size < MAX_GAPS) gaps.add(gap);
      return read.answer;
    });
  const guard =
    transport.boundary &&
    guardOf({
      rules: config.customers ?? {},
      boundary: transport.boundary,
      read({ ask, document: text = "", always = {} }: Through, values) {
        const [kind, field = ""] = ask.split(" ") as [Document["kind"], string];
        const document = { kind, field, text };
        const variables = variablesOf({ ...always, ...values });
        return { asked: askedIn(document, variables), send: () => answerTo(document, variables) };
      },
    });
  return {
    async ask<Variables, Answer>(
      document: Document<Variables, Answer>,
      variables: Variables,
      otherwise?: NonNullable<Answer>,
    ) {
      const ask = () => answerTo(document, variables);
      const answer = await (guard ? guard(askedIn(document, variables), ask) : ask());
      // A change may well answer nothing; its fields can be asked for all the same.
      const nothing = otherwise ?? (document.kind === "mutation" ? {} : undefined);
      return found(answer ?? nothing) as NonNullable<Answer>; // as the SDL says
    },
    partial: () => (gaps.size > 0 ? [...gaps] : undefined),
  };
}

const MAX_GAPS = 10;

type Asking = Pick<Document, "kind" | "field" | "text">;

const askedIn = ({ kind, field }: Asking, variables: unknown): Asked => ({
  title: `${kind} ${field}`,
  isWrite: kind === "mutation",
  path: {},
  query: new URLSearchParams(),
  body: variables,
});

/** `{ "body.input.ticketId": 7 }` as `{ input: { ticketId: 7 } }`. */
function variablesOf(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const variables: Record<string, unknown> = {};
  for (const [place, value] of Object.entries(values)) {
    const [, ...path] = place.split(".");
    const last = path.pop()!;
    let here = variables;
    for (const key of path) {
      const inner = here[key] ?? {};
      here[key] = inner;
      here = inner as Record<string, unknown>;
    }
    here[last] = value;
  }
  return variables;
}

const outgoingOf = ({ kind, field, text }: Asking, variables: unknown, config: VendorConfig): Outgoing => ({
  vendor: config.vendor,
  method: kind,
  template: field,
  verb: "POST",
  isWrite: kind === "mutation",
  url: baseOf(config),
  headers: { accept: config.accept ?? "application/json", "content-type": config.media ?? "application/json" },
  body: JSON.stringify({ query: text, variables }),
});

interface Failure {
  readonly path?: readonly unknown[];
}

/** `data` and `errors` may come together: then the one is the answer, and the others say what it lacks. */
function readAnswer(body: unknown, field: string, outgoing: Outgoing, config: VendorConfig) {
  const { data, errors } = isObject(body) ? body : {};
  const failures = Array.isArray(errors) ? errors.filter(isObject) : [];
  const answer = isObject(data) && Object.hasOwn(data, field) ? data[field] : undefined;
  if (answer !== null && answer !== undefined)
    return { answer: withoutNullItems(answer), gaps: failures.map((failure) => gapOf(failure, config)) };
  if (failures.length > 0) throw refused(body, failures, outgoing, config);
  if (!isObject(data)) {
    const message = `${outgoing.vendor} answered ${outgoing.method} ${outgoing.template} with neither data nor errors.`;
    throw new ToolError("VENDOR_UNEXPECTED", message + doubt(outgoing), { cause: body });
  }
  return { answer: undefined, gaps: [] };
}

/** Errors without a path were found before anything was carried out: the vendor did not understand our document. */
function refused(body: unknown, failures: readonly Failure[], outgoing: Outgoing, config: VendorConfig): ToolError {
  const [code] = codesIn(body, config.errors);
  const isOurs = code === undefined && failures.every(({ path }) => !Array.isArray(path));
  if (isOurs) {
    const message = `${outgoing.vendor} did not understand ${outgoing.method} ${outgoing.template}.`;
    return new ToolError("VENDOR_UNEXPECTED", message, { cause: body });
  }
  const status = code === undefined ? 500 : (knownMeaning(code, config.errors) ?? 422);
  return vendorError(outgoing, { status, body, refusal: config.refusal });
}

/** Only words of ours: names of the document, and codes that we know. */
function gapOf(failure: Failure, { errors }: VendorConfig): string {
  const [, ...names] = (failure.path ?? []).filter((part) => typeof part === "string" && /^\w{1,60}$/.test(part));
  const code = codesIn({ errors: [failure] }, errors).find((each) => knownMeaning(each, errors) !== undefined);
  return `${names.join(".") || "something"}${code === undefined ? "" : ` (${code})`}`;
}

const MAX_DEPTH = 40;

/** A list holds null where an item failed. What is nested without end is no answer to any document. */
function withoutNullItems(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) return undefined;
  if (Array.isArray(value))
    return value.filter((item) => item !== null).map((item) => withoutNullItems(item, depth + 1));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutNullItems(part, depth + 1)]));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
