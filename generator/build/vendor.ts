import { prune } from "../intake/prune.ts";
import type { OpenApi } from "../model/openapi.ts";
import type { OperationModel } from "../model/operation.ts";
import type { Problem } from "../model/problem.ts";
import type { CallModel } from "../model/step.ts";
import type { ToolModel } from "../model/tool.ts";
import type { AuthModel, Budget, CredentialModel, LimitsModel, VendorModel } from "../model/vendor.ts";
import type { VendorYaml } from "../read/schema.ts";
import type { Source } from "../read/vendors.ts";
import { type Context, contextOf } from "./context.ts";
import { buildOperations } from "./operations.ts";
import { milliseconds } from "./steps.ts";
import { buildTemplate, fieldsOf, originOf } from "./templates.ts";
import { buildTool } from "./tool.ts";

/** A vendor's YAML and its description as one model, every name resolved; and all that is wrong with them. */
export function buildVendor(source: Source, document: OpenApi): { model: VendorModel; problems: Problem[] } {
  const problems: Problem[] = [];
  const context = contextOf(source, document, problems);
  const { yaml } = source;
  buildOperations(yaml, context);
  const verify = buildVerify(yaml, context);
  const tools = Object.entries(yaml.tools).map(([key, tool]) => buildTool(key, tool, context));
  const operations = inUse(tools, verify, context);
  const baseUrl = buildTemplate(yaml.baseUrl, ["baseUrl"], context);
  const auth = buildAuth(yaml, context);
  const origins = [originOf(baseUrl, ["baseUrl"], context)];
  if (auth.kind === "passwordGrant") origins.push(originOf(auth.tokenUrl, ["auth", "tokenUrl"], context));
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
    verify,
    limits: buildLimits(yaml),
    secrets: yaml.secrets ?? [],
    operations,
    tools,
    document: cut(document, operations, context),
    ...(yaml.homepage && { homepage: yaml.homepage }),
    ...(yaml.refusal && { refusal: yaml.refusal }),
    ...(yaml.accept && { accept: yaml.accept }),
    ...(yaml.media && { media: yaml.media }),
  };
  return { model, problems };
}

/** `verify: GET /path` need not be an operation of its own; `verify: name` is for one that has more to say. */
function buildVerify(yaml: VendorYaml, context: Context): OperationModel {
  const byName = context.operations.get(yaml.verify);
  const byRoute = [...context.operations.values()].find(
    (each) => `${each.method.toUpperCase()} ${each.path}` === yaml.verify,
  );
  const found = byName ?? byRoute;
  if (found) {
    if (!found.reads) context.problem(["verify"], "must only read");
    return found;
  }
  if (/^GET \//.test(yaml.verify)) {
    const missing: Context["operations"] = new Map();
    buildOperations({ ...yaml, operations: { verifyKeys: yaml.verify } }, { ...context, operations: missing });
    const built = missing.get("verifyKeys");
    if (built) return built;
  } else context.unknown(["verify"], yaml.verify, "an operation or GET /path", context.operations.keys());
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
function inUse(tools: readonly ToolModel[], verify: OperationModel, context: Context): OperationModel[] {
  const given = new Map<string, Set<string>>([[verify.name, new Set()]]);
  for (const step of tools.flatMap(({ steps }) => steps)) {
    forEachCall(step.choice, ({ operation, path, query }) => {
      const names = given.get(operation.name) ?? new Set();
      given.set(operation.name, names);
      for (const { name } of [...path, ...query]) names.add(name);
    });
  }
  const isWhole = tools.every(
    ({ key, steps }) => steps.length === Object.keys(context.source.yaml.tools[key]!.steps).length,
  );
  for (const name of context.operations.keys()) {
    if (isWhole && !given.has(name))
      context.problem(["operations", name], "is used by no tool", "remove it, or use it");
  }
  const all = context.operations.has(verify.name)
    ? [...context.operations.values()]
    : [verify, ...context.operations.values()];
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
    const selected = [...context.selected].find(([each]) => each.name === operation.name)?.[1];
    const { list } = operation;
    const name = `${operation.method.toUpperCase()} ${operation.path}`;
    const paths = [...(fields[name] ?? []), ...(selected ?? []), ...pagingFields(list)];
    if (list?.flat) paths.push([...list.items, "id"].join("."));
    if (operation.answer.flat) paths.push(`${operation.answer.inside ?? ""}.id`.replace(/^\./, ""));
    fields[name] = paths;
  }
  return prune(document, { operations: Object.keys(fields), fields });
}

function pagingFields(list: OperationModel["list"]): string[] {
  const pages = list?.pages;
  if (!list) return [];
  const paths: (readonly string[])[] = [];
  if (pages?.total) paths.push(pages.total);
  if (pages?.kind === "number" && pages.more.kind === "path") paths.push(pages.more.path);
  if (pages?.kind === "number" && pages.more.kind === "less") paths.push(pages.more.page, pages.more.pages);
  if (pages?.kind === "nextUrl") paths.push(pages.more);
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
    ...(values.length > 0 && { enum: values }),
    ...(yaml.default !== undefined && { default: yaml.default }),
    ...(yaml.pattern && { pattern: yaml.pattern }),
  };
}

function buildAuth({ auth }: VendorYaml, context: Context): AuthModel {
  const template = (text: string, key: string) => buildTemplate(text, ["auth", key], context);
  if (auth.scheme === "headers") {
    return {
      kind: "headers",
      headers: Object.entries(auth.headers).map(([name, value]) => [name, template(value, "headers")]),
    };
  }
  return {
    kind: "passwordGrant",
    tokenUrl: template(auth.tokenUrl, "tokenUrl"),
    clientId: auth.client.id,
    clientSecret: auth.client.secret,
    username: template(auth.username, "username"),
    password: template(auth.password, "password"),
    ...(auth.lifetime && { lifetimeMs: milliseconds(auth.lifetime) }),
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
  };
}
