import { type OpenApi, titleOf } from "../model/openapi.ts";
import type { OperationModel } from "../model/operation.ts";
import type { Problem } from "../model/problem.ts";
import type { ToolModel } from "../model/tool.ts";
import type { Budget, CredentialModel, LimitsModel, VendorModel } from "../model/vendor.ts";
import type { VendorYaml } from "../read/schema.ts";
import type { Source } from "../read/vendors.ts";
import type { Lender } from "./borrow.ts";
import { type Context, contextOf } from "./context.ts";
import { buildCustomerList, buildCustomers } from "./customers.ts";
import { buildDiscover } from "./discover.ts";
import { buildDocuments } from "./documents.ts";
import { withExtended } from "./extended.ts";
import { cut, fieldsRead, inUse, labelsInUse } from "./in-use.ts";
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
  buildCustomers(source.yaml, context);
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
  const customers = buildCustomerList(yaml, context);
  const used = inUse(tools, lent, { verify, customers }, context);
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
    ...(customers && { customers }),
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
