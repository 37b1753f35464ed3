import type { CustomerModel, RowsModel, ThroughModel } from "../model/customer.ts";
import { titleOf } from "../model/openapi.ts";
import type { OperationModel } from "../model/operation.ts";
import type { CustomerYaml, OperationYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import type { Context } from "./context.ts";
import {
  fieldsIn,
  isRequired,
  onlyDemanded,
  ownThings,
  placesOf,
  rowsOf,
  wireField,
  wirePath,
} from "./customer-places.ts";

type Own = NonNullable<OperationYaml["customer"]>;

interface Given {
  /** What the vendor says of single operations. */
  readonly said: ReadonlyMap<string, CustomerModel>;
  readonly context: Context;
  /** What an operation says of itself. */
  ownOf(operation: string): Own | undefined;
}

/** How each operation names its customer, as far as that can be told. */
export function customerRules(customer: CustomerYaml, { said, context, ownOf }: Given) {
  const found = new Map<string, CustomerModel | undefined>();
  const listing = customer.list === undefined ? undefined : context.operations.get(customer.list);
  const leading = Object.entries(customer.through ?? {}).flatMap(([name, get]) => {
    const target = context.operations.get(get);
    if (!target) context.unknown(["customer", "through", name], get, "an operation", context.operations.keys());
    return target ? [{ name, target }] : [];
  });

  function ruleOf(operation: OperationModel): CustomerModel | undefined {
    const { name } = operation;
    if (!found.has(name)) {
      found.set(name, undefined); // whoever asks on the way goes in a circle
      found.set(name, said.get(name) ?? derived(operation));
    }
    return found.get(name);
  }

  function derived(operation: OperationModel): CustomerModel | undefined {
    const own = ownOf(operation.name) ?? {};
    const at: Path = ["operations", operation.name, "customer"];
    const named = own.argument === undefined ? argumentsOf(operation) : saidPlaces(operation, own.argument, at);
    const fields =
      own.field === undefined ? fieldsIn(operation, fieldsOf(operation), context).slice(0, 1) : saidFields();
    const rows = fields.length > 0 ? customerIn(operation, fields) : undefined;
    if (own.argument === undefined && own.through === undefined)
      return operation.reads ? readRule(operation, named, rows) : changeRule(operation, named);
    const leads = [own.through ?? []].flat().flatMap((each) => saidThrough(operation, each, at));
    const byRows = leads.filter(({ ofRows }) => ofRows).map((each) => each.through);
    const through = leads.filter(({ ofRows }) => !ofRows).map((each) => each.through);
    return bounded(
      named,
      through,
      operation.reads ? (byRows.length > 0 ? askedRows(operation, byRows) : rows) : undefined,
    );

    function saidFields(): string[] {
      const paths = [own.field ?? []].flat();
      const there = fieldsIn(operation, paths, context);
      for (const path of paths)
        if (!there.includes(path)) context.unknown([...at, "field"], path, "a field of its answer", []);
      return there;
    }
  }

  /** Its rows tell, or an argument that must be given; else something is asked first, for the call or for each row. */
  function readRule(operation: OperationModel, named: readonly string[], rows: RowsModel | undefined) {
    if (rows || named.some((place) => isRequired(operation, place, context))) return bounded(named, [], rows);
    const first = throughOf(operation, named);
    const sure = first.find((each) => Object.values(each.with).every((place) => isRequired(operation, place, context)));
    if (sure) return bounded(named, [sure], undefined);
    const [byRow] = leading.flatMap(({ name, target }) => {
      const [path] = fieldsIn(operation, [name], context);
      const to = target !== operation && path !== undefined && leads(target) ? placeIn(target, name) : undefined;
      return to && path !== undefined ? [{ operation: target.name, with: { [to]: wireField(operation, path) } }] : [];
    });
    if (byRow) return bounded(named, [], askedRows(operation, [byRow]));
    return named.length + first.length > 0 ? bounded(named, first.slice(0, 1), undefined) : undefined;
  }

  /** What is changed is asked for first; what is made must name a customer, or something that is one's. */
  function changeRule(operation: OperationModel, named: readonly string[]) {
    const through = throughOf(operation, named);
    const things = ownThings(operation, named, context);
    const isKnown =
      things.length === 0
        ? named.length + through.length > 0
        : through.some((each) => Object.values(each.with).some((place) => things.includes(place)));
    return isKnown ? bounded(named, through, undefined) : undefined;
  }

  /** By name; and what follows the address of the list of customers is one of them. */
  function argumentsOf(operation: OperationModel): string[] {
    const below = listing && /^\{([^{}]+)\}/.exec(afterPath(operation.path, listing.path) ?? "")?.[1];
    const itself = below === undefined ? [] : [`path.${below}`];
    return [...new Set([...itself, ...placesOf(operation, customer.arguments ?? [], context)])];
  }

  function fieldsOf(operation: OperationModel): readonly string[] {
    const lists = listing && titleOf(operation.method, operation.path) === titleOf(listing.method, listing.path);
    return lists ? [customer.id ?? "id"] : (customer.fields ?? []);
  }

  function saidPlaces(operation: OperationModel, names: string | readonly string[], at: Path): string[] {
    return [names].flat().flatMap((name) => {
      const places = placesOf(operation, [name], context);
      const known = operation.parameters.map((each) => each.name);
      if (places.length === 0) context.unknown([...at, "argument"], name, "a parameter or a field of its body", known);
      return places;
    });
  }

  function saidThrough(
    operation: OperationModel,
    own: string | { readonly get: string; readonly with: Readonly<Record<string, string>> },
    at: Path,
  ): { through: ThroughModel; ofRows: boolean }[] {
    const here = [...at, "through"];
    const get = typeof own === "string" ? own : own.get;
    const target = context.operations.get(get);
    if (!target) context.unknown(here, get, "an operation", context.operations.keys());
    else if (!leads(target)) context.problem(here, `${get} does not say whose its answer is`, "take one with a field");
    if (!target || !leads(target)) return [];
    const needs = target.parameters.filter(({ required }) => required).map(({ name }) => [name, name] as const);
    let ofRows = false;
    const places = (typeof own === "string" ? needs : Object.entries(own.with)).flatMap(([theirs, ours]) => {
      const [to] = placesOf(target, [theirs], context);
      const [argument] = placesOf(operation, [ours], context);
      const [field] = argument === undefined ? fieldsIn(operation, [ours], context) : [];
      const from = argument ?? (field !== undefined ? wireField(operation, field) : undefined);
      ofRows ||= field !== undefined;
      if (to === undefined) context.unknown(here, theirs, `an argument of ${get}`, target.parameters.map((each) => each.name)); // biome-ignore format: one thought
      if (from === undefined) context.unknown(here, ours, `an argument or a field of ${operation.name}`, []);
      return to !== undefined && from !== undefined ? [[to, from] as const] : [];
    });
    return [{ through: { operation: get, with: Object.fromEntries(places) }, ofRows }];
  }

  /** What lies below the address of one thing goes through that; and by the names of arguments. */
  function throughOf(operation: OperationModel, named: readonly string[]): ThroughModel[] {
    const [above] = [...context.operations.values()]
      .filter((each) => each.method === "get" && !each.graphql && each.path.endsWith("}") && each !== operation)
      .filter(({ path }) => operation.path === path || afterPath(operation.path, path) !== undefined)
      .filter(leads)
      .sort((a, b) => b.path.length - a.path.length);
    const ofPath = above?.parameters.filter((each) => each.in === "path").map(wirePath) ?? [];
    const itself = above
      ? [{ operation: above.name, with: Object.fromEntries(ofPath.map((each) => [each, each])) }]
      : [];
    const byName = leading.flatMap(({ name, target }): ThroughModel[] => {
      const [from] = placesOf(operation, [name], context);
      if (!from || named.includes(from) || target === operation || !leads(target)) return [];
      const to = placeIn(target, name);
      return to ? [{ operation: target.name, with: { [to]: from } }] : [];
    });
    return [...new Map([...itself, ...byName].map((each) => [JSON.stringify(each), each])).values()];
  }

  /** Where an operation takes what leads to a customer: under the same name, or as the one thing it needs. */
  const placeIn = (target: OperationModel, name: string): string | undefined =>
    placesOf(target, [name], context)[0] ?? onlyDemanded(target, context);

  /** Its answer says whose it is, or what it is read through does. */
  function leads(target: OperationModel): boolean {
    const rule = ruleOf(target);
    return rule?.kind === "bounded" && target.reads && (rule.rows !== undefined || rule.through.length > 0);
  }

  return ruleOf;
}

const bounded = (named: readonly string[], through: readonly ThroughModel[], rows: RowsModel | undefined) => ({
  kind: "bounded" as const,
  named,
  through,
  ...(rows && { rows }),
});

const customerIn = (operation: OperationModel, fields: readonly string[]): RowsModel => ({
  ...rowsOf(operation),
  customer: fields.map((path) => wireField(operation, path)),
});

const askedRows = (operation: OperationModel, through: readonly ThroughModel[]): RowsModel => ({
  ...rowsOf(operation),
  through,
});

const afterPath = (path: string, before: string): string | undefined =>
  path.startsWith(`${before}/`) ? path.slice(before.length + 1) : undefined;
