import { type Operation, operationsIn, placeOf } from "../model/openapi.ts";
import type { GraphqlModel, OperationModel, ParameterModel } from "../model/operation.ts";
import type { OperationYaml, VendorYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { buildAnswer, buildList } from "./answers.ts";
import { buildBody } from "./bodies.ts";
import type { Context } from "./context.ts";
import { buildFilter } from "./filters.ts";
import { OF_HTTP } from "./headers.ts";
import { headersSent } from "./sign-in.ts";

/** All operations of the YAML, into `context.operations`; what cannot be built is a problem and left out. */
export function buildOperations(vendor: VendorYaml, context: Context): void {
  const described = new Map(operationsIn(context.document));
  for (const [name, entry] of Object.entries(vendor.operations)) {
    const operation = buildOperation(
      name,
      typeof entry === "string" ? { do: entry } : entry,
      vendor,
      described,
      context,
    );
    if (operation) context.operations.set(name, operation);
  }
}

function buildOperation(
  name: string,
  yaml: OperationYaml,
  vendor: VendorYaml,
  described: ReadonlyMap<string, Operation>,
  context: Context,
): OperationModel | undefined {
  const at: Path = ["operations", name];
  const spec = described.get(yaml.do);
  if (!spec) {
    context.unknown(at, yaml.do, `an operation of ${vendor.spec}`, described.keys());
    return;
  }
  const { method, path } = placeOf(yaml.do);
  const graphql = graphqlOf(yaml.do);
  if (yaml.reads && (method !== "post" || graphql)) {
    context.problem([...at, "reads"], `is for a POST that only reads; this is a ${yaml.do.split(" ")[0]}`);
  }
  const reads = method === "get" || yaml.reads === true || graphql?.kind === "query";
  if (yaml.cache && !reads) context.problem([...at, "cache"], "is for what only reads: each change is sent");
  const parameters = buildParameters(yaml, spec, at, context);
  const answer = buildAnswer(name, method, path, yaml, spec, context);
  if (!answer.schema && reads) {
    context.problem(at, `${yaml.do} has no usable success type in ${vendor.spec}`);
    return;
  }
  const list =
    yaml.items === undefined || yaml.first ? undefined : buildList(name, yaml, vendor, parameters, spec, at, context);
  const body = buildBody(name, method, path, yaml, spec, answer, context);
  const filter = buildFilter(name, yaml, vendor, { parameters, ...(body && { body }) }, at, context);
  return {
    name,
    method,
    path,
    where: context.source.at(at),
    unverified: yaml.unverified === true || spec["x-unverified"] === true,
    reads,
    ...(yaml.cache && { cache: yaml.cache }),
    ...(graphql && { graphql }),
    parameters,
    answer,
    ...((yaml.about ?? spec.summary) && { about: yaml.about ?? spec.summary }),
    ...(list && { list }),
    ...(body && { body }),
    ...(filter && { filter }),
  };
}

/** `query tickets` is no METHOD /path. */
function graphqlOf(title: string): GraphqlModel | undefined {
  const [, kind, field] = /^(query|mutation) (\w+)$/.exec(title) ?? [];
  return kind && field ? { kind: kind as GraphqlModel["kind"], field } : undefined;
}

function buildParameters(yaml: OperationYaml, spec: Operation, at: Path, context: Context): ParameterModel[] {
  const declared = (spec.parameters ?? []).filter((parameter) => parameter.in !== "header");
  const sent = headersSent(context.source.yaml.auth);
  for (const { name, in: place, required } of spec.parameters ?? [])
    if (place === "header" && required && !sent.has(name.toLowerCase()) && !OF_HTTP.has(name.toLowerCase()))
      context.problem(at, `${yaml.do} demands the header ${name}`, "name it in the headers of auth");
  const wires = declared.map(({ name }) => name);
  const shortOf = new Map<string, string>();
  for (const [short, wire] of Object.entries(yaml.params ?? {})) {
    if (!wires.includes(wire)) context.unknown([...at, "params", short], wire, `a parameter of ${yaml.do}`, wires);
    shortOf.set(wire, short);
  }
  const names = new Set([...wires, ...shortOf.values()]);
  for (const key of ["always", "join"] as const) {
    for (const name of Object.keys(yaml[key] ?? {})) {
      if (!names.has(name)) context.unknown([...at, key, name], name, `a parameter of ${yaml.do}`, names);
    }
  }
  return declared.map((parameter) => {
    const wire = parameter.name;
    const name = shortOf.get(wire) ?? wire;
    const constant = yaml.always?.[name] ?? yaml.always?.[wire];
    const join = yaml.join?.[name] ?? yaml.join?.[wire];
    return {
      name,
      wire,
      in: parameter.in === "path" ? "path" : "query",
      required: parameter.in === "path" || parameter.required === true,
      schema: parameter.schema,
      ...(parameter.description && { about: parameter.description }),
      ...(constant !== undefined && { constant }),
      ...(join !== undefined && { join }),
    };
  });
}
