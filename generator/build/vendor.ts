import { prune } from "../intake/prune.ts";
import type { LabelModel } from "../model/label.ts";
import { type OpenApi, titleOf } from "../model/openapi.ts";
import type { OperationModel } from "../model/operation.ts";
import type { Problem } from "../model/problem.ts";
import type { CallModel, StepModel } from "../model/step.ts";
import type { ToolModel } from "../model/tool.ts";
import type { Budget, CredentialModel, LimitsModel, VendorModel } from "../model/vendor.ts";
import type { VendorYaml } from "../read/schema.ts";
import type { Source } from "../read/vendors.ts";
import type { Lender } from "./borrow.ts";
import { type Context, contextOf } from "./context.ts";
import { buildDiscover } from "./discover.ts";
import { buildDocuments } from "./documents.ts";
import { withExtended } from "./extended.ts";
import { withoutHeaders } from "./headers.ts";
import { buildLabels } from "./labels.ts";
import { buildOperations } from "./operations.ts";
import { withSelection } from "./select.ts";
import { authOrigins, buildAuth } from "./sign-in.ts";
import { buildTemplate, fieldsOf, originOf } from "./templates.ts";
import { buildTool } from "./tool.ts";

/** A vendor whose operations are known, so that tools across vendors can be built on them before its own are cut to size. */
export interface Opened extends Lender {
  readonly source: Source;
  readonly document: OpenApi;
  readonly problems: Problem[];
}

export function openVendor(written: Source, document: OpenApi): Opened {
  const problems: Problem[] = [];
  const source = withExtended(written, document, problems);
  const context = contextOf(source, document, problems);
  buildOperations(source.yaml, context);
  buildLabels(context);
  return { source, document, problems, context, lent: [] };
}

/** A vendor's YAML and its description as one model, every name resolved; and all that is wrong with them. */
export function buildVendor({ source, document, problems, context, lent }: Opened): {
  model: VendorModel;
  problems: Problem[];
} {
  const { yaml } = source;
  const verify = buildVerify(yaml, context);
  const tools = Object.entries(yaml.tools).map(([key, tool]): ToolModel => {
    const built = buildTool(key, tool, context);
    return Object.hasOwn(yaml.extended ?? {}, key) ? { ...built, extended: true } : built;
  });
  const used = inUse(tools, lent, verify, context);
  const read = (operation: OperationModel) => fieldsRead(operation, context);
  const labels = labelsInUse(tools, context);
  const operations = withSelection(buildDocuments(used, read, context), read, context);
  const place = { open: true, discovered: true };
  const baseUrl = buildTemplate(yaml.baseUrl, ["baseUrl"], context, place);
  const discover = buildDiscover(yaml, context);
  const auth = buildAuth(yaml, context);
  const origins = [originOf(baseUrl, ["baseUrl"], context), ...authOrigins(auth, context)];
  const distinct = [...new Map(origins.map((origin) => [JSON.stringify(origin), origin])).values()];
  const { help, rights } = yaml.credentials;
  const model: VendorModel = {
    slug: yaml.vendor,
    prefix: yaml.prefix,
    title: yaml.title,
    spec: { file: yaml.spec, title: document.info.title, version: document.info.version },
    where: source.at([]).trim(),
    baseUrl,
    origins: distinct,
    credentials: {
      fields: Object.entries(fieldsOf(yaml.credentials)).map(([name, field]) => buildCredential(name, field)),
      help: String(help),
      hosts: Object.entries(yaml.hosts ?? {}).map(([field, byValue]) => ({ field, byValue })),
      ...(rights !== undefined && { rights: String(rights) }),
    },
    auth,
    ...(discover && { discover }),
    ...(yaml.limits?.database && {
      database: buildTemplate(yaml.limits.database, ["limits", "database"], context, place),
    }),
    ...(verify && { verify }),
    limits: buildLimits(yaml),
    secrets: yaml.secrets ?? [],
    operations,
    labels,
    tools,
    lent,
    document: cut(document, operations, context),
    notes: yaml.notes ?? [],
    ...(yaml.homepage && { homepage: yaml.homepage }),
    ...(yaml.refusal && { refusal: buildRefusal(yaml.refusal) }),
    ...(yaml.errors && { errors: yaml.errors }),
    ...(yaml.accept && { accept: yaml.accept }),
    ...(yaml.media && { media: yaml.media }),
  };
  return { model, problems };
}

/** `verify: GET /path` need not be an operation of its own; `verify: name` is for one that has more to say. */
function buildVerify(yaml: VendorYaml, context: Context): OperationModel | undefined {
  if (yaml.verify === "none") return;
  const byName = context.operations.get(yaml.verify);
  const byRoute = [...context.operations.values()].find((each) => titleOf(each.method, each.path) === yaml.verify);
  const found = byName ?? byRoute;
  if (found) {
    if (!found.reads) context.problem(["verify"], "must only read");
    return found;
  }
  if (/^(GET \/|query )/.test(yaml.verify)) {
    const missing: Context["operations"] = new Map();
    buildOperations({ ...yaml, operations: { verifyKeys: yaml.verify } }, { ...context, operations: missing });
    const built = missing.get("verifyKeys");
    if (built) return built;
  } else context.unknown(["verify"], yaml.verify, "an operation, GET /path or query x", context.operations.keys());
  const answer = { flat: false, first: false, alias: { name: "Nothing", type: "undefined" } };
  return {
    name: "verifyKeys",
    method: "get",
    path: "/",
    where: "",
    unverified: false,
    reads: true,
    parameters: [],
    answer,
  };
}

/** Operations that something calls, with only those parameters that something gives; the client holds nothing else. */
function inUse(
  tools: readonly ToolModel[],
  lent: readonly StepModel[],
  verify: OperationModel | undefined,
  context: Context,
): OperationModel[] {
  const given = new Map<string, Set<string>>(verify && [[verify.name, new Set()]]);
  for (const step of [...tools.flatMap(({ steps }) => steps), ...lent]) {
    forEachCall(step.choice, ({ operation, path, query }) => {
      const names = given.get(operation.name) ?? new Set();
      given.set(operation.name, names);
      for (const { name } of [...path, ...query]) names.add(name);
    });
  }
  const isWhole = tools.every((tool) => tool.isWhole);
  for (const name of context.operations.keys()) {
    if (isWhole && !given.has(name))
      context.problem(["operations", name], "is used by no tool", "remove it, or use it");
  }
  const operations = [...context.operations.values()];
  const all = verify && !context.operations.has(verify.name) ? [verify, ...operations] : operations;
  return all
    .filter(({ name }) => given.has(name))
    .map((operation) => ({
      ...operation,
      parameters: operation.parameters.filter(
        (each) =>
          each.in === "path" ||
          each.required ||
          each.constant !== undefined ||
          given.get(operation.name)!.has(each.name),
      ),
    }));
}

function labelsInUse(tools: readonly ToolModel[], context: Context): LabelModel[] {
  const used = new Set(
    tools.flatMap(({ steps }) => steps.flatMap((step) => ("label" in step ? [step.label.name] : []))),
  );
  const isWhole = tools.every((tool) => tool.isWhole);
  for (const name of context.labels.keys())
    if (isWhole && !used.has(name)) context.problem(["labels", name], "is used by no tool", "remove it, or use it");
  return [...context.labels.values()].filter(({ name }) => used.has(name));
}

function forEachCall(choice: ToolModel["steps"][number]["choice"], visit: (call: CallModel) => void): void {
  if (choice.kind === "call") visit(choice.call);
  if (choice.kind !== "given" && choice.kind !== "by") return;
  for (const { choice: inner } of choice.cases) forEachCall(inner, visit);
  forEachCall(choice.else, visit);
}

/** The description of these operations, and of their answers only what something reads. */
function cut(document: OpenApi, operations: readonly OperationModel[], context: Context): OpenApi {
  const fields: Record<string, string[]> = {};
  for (const operation of operations) {
    const name = titleOf(operation.method, operation.path);
    fields[name] = [...(fields[name] ?? []), ...fieldsRead(operation, context)];
  }
  return withoutHeaders(prune(document, { operations: Object.keys(fields), fields }));
}

/** Dotted paths of what is read of an operation's answer. */
function fieldsRead({ name, list, answer }: OperationModel, context: Context): string[] {
  const selected = [...context.selected].find(([each]) => each.name === name)?.[1];
  const paths = [...(selected ?? []), ...pagingFields(list)];
  if (list?.flat) paths.push([...list.items, "id"].join("."));
  if (answer.flat) paths.push(`${answer.inside ?? ""}.id`.replace(/^\./, ""));
  // A list of which nothing is read is still asked for.
  const items = list?.items.join(".") ?? "";
  if (items !== "" && !paths.some((path) => path.startsWith(`${items}.`))) paths.push(items);
  return paths;
}

function pagingFields(list: OperationModel["list"]): string[] {
  const pages = list?.pages;
  if (!list) return [];
  const paths: (readonly string[])[] = [];
  if (pages?.total) paths.push(pages.total);
  const more = pages && "more" in pages ? pages.more : undefined;
  if (Array.isArray(more)) paths.push(more);
  else if (typeof more === "object" && "kind" in more) {
    if (more.kind === "path") paths.push(more.path);
    if (more.kind === "less") paths.push(more.page, more.pages);
  }
  if (pages?.kind === "searchAfter" || pages?.kind === "idCursor") paths.push([...list.items, ...pages.field]);
  return paths.map((path) => path.join("."));
}

function buildCredential(name: string, yaml: VendorYaml["credentials"][string]): CredentialModel {
  const values = Array.isArray(yaml.enum)
    ? yaml.enum.map((value) => ({ value, label: value }))
    : Object.entries(yaml.enum ?? {}).map(([value, label]) => ({ value, label }));
  return {
    name,
    title: yaml.title,
    secret: yaml.secret === true,
    optional: yaml.optional === true,
    ...(yaml.about && { about: yaml.about }),
    ...(values.length > 0 && (yaml.kind === "host" ? { suggestions: values } : { enum: values })),
    ...(yaml.match && { match: yaml.match }),
    ...(yaml.kind === "host" && { kind: "host" }),
    ...(yaml.default !== undefined && { default: yaml.default }),
    ...(yaml.pattern && { pattern: yaml.pattern }),
  };
}

function buildLimits({ limits = {} }: VendorYaml): LimitsModel {
  const budget = (rate: string | undefined): Budget | undefined => {
    const [requests, seconds] = rate?.replace("s", "").split("/").map(Number) ?? [];
    return requests && seconds ? { requests, windowMs: seconds * 1000 } : undefined;
  };
  const budgets = { reads: budget(limits.reads), writes: budget(limits.writes), all: budget(limits.all) };
  return {
    ...Object.fromEntries(Object.entries(budgets).filter(([, each]) => each)),
    ...(limits.concurrency && { concurrency: limits.concurrency }),
    ...(limits.concurrencyBy && { concurrencyBy: limits.concurrencyBy }),
    ...(limits.by && limits.by !== "account" && { by: limits.by }),
  };
}

/** One path stays the text it is in the YAML. */
function buildRefusal(refusal: NonNullable<VendorYaml["refusal"]>): NonNullable<VendorModel["refusal"]> {
  if (typeof refusal === "string") return refusal;
  const { path, under } = Array.isArray(refusal) ? { path: refusal, under: undefined } : refusal;
  return { paths: [path].flat(), ...(under && { under }) };
}
