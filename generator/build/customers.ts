import type { CustomerListModel, CustomerModel, RowsModel, ThroughModel } from "../model/customer.ts";
import { camel } from "../model/names.ts";
import { titleOf } from "../model/openapi.ts";
import type { OperationModel } from "../model/operation.ts";
import type { CustomerYaml, VendorYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import type { Context } from "./context.ts";
import { isRequired, ownThing, placesOf, rowsOf, wirePath } from "./customer-places.ts";
import { thingOf, walk } from "./thing.ts";

/** Until every vendor has said how it names customers, one that says nothing is refused to limited people as a whole. */
const UNDECLARED_IS_REFUSED = true;

/** Tells each operation how it names the customer. Nothing is guessed silently: what is not understood is a problem. */
export function buildCustomers(yaml: VendorYaml, context: Context): void {
  const { customer } = yaml;
  if (!customer) {
    if (!UNDECLARED_IS_REFUSED)
      context.problem([], "customer is missing", "say how operations name the customer, or customer: { none: why }");
    return;
  }
  if (customer.none === undefined)
    for (const key of ["title", "list"] as const)
      if (customer[key] === undefined) context.problem(["customer"], `needs ${key}`, "or none, with the reason");
  if (customer.list !== undefined && !context.operations.has(customer.list))
    context.unknown(["customer", "list"], customer.list, "an operation", context.operations.keys());
  const said = statements(customer, yaml, context);
  const { none } = customer;
  if (none !== undefined) {
    setAll(context, ({ name }) => said.get(name) ?? { kind: "refused", why: none });
    return;
  }
  const search = searchFor(customer, yaml, context, said);
  setAll(context, (operation) => search.ruleOf(operation));
  for (const { name, customer: rule } of context.operations.values()) {
    if (rule || said.has(name)) continue;
    context.problem(
      ["operations", name],
      "says nothing about its customer",
      "say customer: { argument, field or through }, or list it under customer.shared or customer.refused with the reason",
    );
  }
  mergeRoutes(context);
  noteReads(context);
}

/** How its customers are listed for people to choose from. */
export function buildCustomerList({ customer }: VendorYaml, context: Context): CustomerListModel | undefined {
  const operation = customer?.list === undefined ? undefined : context.operations.get(customer.list);
  if (!customer?.title || !operation) return;
  if (!operation.list) context.problem(["customer", "list"], `${operation.name} has no items`);
  const thing = thingOf([operation], "item", context);
  const [id, name] = (["id", "name"] as const).map((key) => {
    const path = (customer[key] ?? key).split(".");
    walk(thing, path, false, ["customer", key], context);
    return path;
  });
  return { title: customer.title, operation: operation.name, id: id!, name: name! };
}

function setAll(context: Context, ruleOf: (operation: OperationModel) => CustomerModel | undefined): void {
  const all = [...context.operations].map(([name, operation]) => [name, operation, ruleOf(operation)] as const);
  for (const [name, operation, customer] of all)
    context.operations.set(name, { ...operation, ...(customer && { customer }) });
}

/** What `shared` and `refused` say, by operation. A tool of one line goes by its key or by its operation's name. */
function statements({ shared, refused }: CustomerYaml, yaml: VendorYaml, context: Context): Map<string, CustomerModel> {
  const said = new Map<string, CustomerModel>();
  for (const [kind, reasons] of Object.entries({ shared, refused }) as ["shared" | "refused", typeof shared][]) {
    for (const [why, names] of Object.entries(reasons ?? {})) {
      for (const [index, name] of names.entries()) {
        const at: Path = ["customer", kind, why, index];
        const called = context.operations.has(name) ? name : extendedOperation(name, yaml);
        if (called === undefined) {
          const known = [...context.operations.keys(), ...Object.keys(yaml.extended ?? {})];
          context.unknown(at, name, "an operation or a tool of extended", known);
        } else if (said.has(called)) context.problem(at, `"${name}" is named twice`);
        else said.set(called, { kind, why });
      }
    }
  }
  return said;
}

/** The operation that a line of `extended` was made into. */
function extendedOperation(key: string, { extended = {}, operations }: VendorYaml): string | undefined {
  if (!Object.hasOwn(extended, key)) return;
  const name = camel(key);
  return Object.hasOwn(operations, `${name}Extended`) ? `${name}Extended` : name;
}

function searchFor(
  customer: CustomerYaml,
  yaml: VendorYaml,
  context: Context,
  said: ReadonlyMap<string, CustomerModel>,
) {
  const found = new Map<string, CustomerModel | undefined>();
  const extended = new Set(Object.keys(yaml.extended ?? {}).map((key) => extendedOperation(key, yaml)));
  const listing = customer.list === undefined ? undefined : context.operations.get(customer.list);

  function ruleOf(operation: OperationModel): CustomerModel | undefined {
    const { name } = operation;
    if (!found.has(name)) {
      found.set(name, undefined); // whoever asks on the way goes in a circle
      const rule = said.get(name) ?? derived(operation);
      const { otherwise: why } = customer;
      found.set(name, rule ?? (extended.has(name) && why !== undefined ? { kind: "refused", why } : undefined));
    }
    return found.get(name);
  }

  function derived(operation: OperationModel): CustomerModel | undefined {
    const entry = yaml.operations[operation.name];
    const own = (typeof entry === "object" && entry.customer) || {};
    const at: Path = ["operations", operation.name, "customer"];
    const named = own.argument === undefined ? argumentsOf(operation) : saidPlaces(operation, own.argument, at);
    const rows = rowsOf(
      operation,
      own.field === undefined ? { first: fieldsOf(operation) } : { all: [own.field].flat() },
      context,
    );
    if (own.field !== undefined && !rows)
      context.unknown([...at, "field"], String(own.field), "a field of its answer", []);
    if (own.through !== undefined || own.argument !== undefined) {
      const through = [own.through ?? []].flat().flatMap((each) => saidThrough(operation, each, at));
      return { kind: "bounded", named, through, ...(operation.reads && rows && { rows }) };
    }
    return operation.reads ? readRule(operation, named, rows) : changeRule(operation, named);
  }

  /** Rows tell, or an argument that must be given does; what else is read is asked for first. */
  function readRule(operation: OperationModel, named: readonly string[], rows: RowsModel | undefined) {
    const tells = rows !== undefined || named.some((place) => isRequired(operation, place, context));
    const through = tells ? [] : throughOf(operation, named).slice(0, 1);
    const isKnown = tells || named.length + through.length > 0;
    return isKnown ? { kind: "bounded" as const, named, through, ...(rows && { rows }) } : undefined;
  }

  function changeRule(operation: OperationModel, named: readonly string[]) {
    const through = throughOf(operation, named);
    const thing = ownThing(operation, named, context);
    const isKnown =
      thing === undefined
        ? named.length + through.length > 0
        : through.some((each) => Object.values(each.with).includes(thing));
    return isKnown ? { kind: "bounded" as const, named, through } : undefined;
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
    own: string | { get: string; with: Readonly<Record<string, string>> },
    at: Path,
  ): ThroughModel[] {
    const { get, with: given } = typeof own === "string" ? { get: own, with: undefined } : own;
    const target = context.operations.get(get);
    if (!target) {
      context.unknown([...at, "through"], get, "an operation", context.operations.keys());
      return [];
    }
    if (!leads(target)) {
      context.problem([...at, "through"], `${get} does not say whose its answer is`, "take one with a field");
      return [];
    }
    const pairs = given
      ? Object.entries(given)
      : target.parameters.filter(({ required }) => required).map(({ name }) => [name, name] as const);
    const places = pairs.flatMap(([theirs, ours]) => {
      const [to] = placesOf(target, [theirs], context);
      const [from] = placesOf(operation, [ours], context);
      if (!to)
        context.unknown(
          [...at, "through"],
          theirs,
          `a parameter of ${get}`,
          target.parameters.map((p) => p.name),
        );
      if (!from)
        context.unknown([...at, "through"], ours, `a parameter or a field of the body of ${operation.name}`, []);
      return to && from ? [[to, from] as const] : [];
    });
    return [{ operation: get, with: Object.fromEntries(places) }];
  }

  /** By the names of arguments; or what lies below the address of one thing. */
  function throughOf(operation: OperationModel, named: readonly string[]): ThroughModel[] {
    const byName = Object.entries(customer.through ?? {}).flatMap(([name, get]): ThroughModel[] => {
      const target = context.operations.get(get);
      if (!target) {
        context.unknown(["customer", "through", name], get, "an operation", context.operations.keys());
        return [];
      }
      const [from] = placesOf(operation, [name], context);
      if (!from || named.includes(from) || target === operation || !leads(target)) return [];
      const [only, ...more] = target.parameters.filter(({ required }) => required);
      const to = placesOf(target, [name], context)[0] ?? (only && more.length === 0 && wirePath(only));
      return to ? [{ operation: get, with: { [to]: from } }] : [];
    });
    const [above] = [...context.operations.values()]
      .filter((each) => each.method === "get" && !each.graphql && each.path.endsWith("}") && each !== operation)
      .filter(({ path }) => operation.path === path || afterPath(operation.path, path) !== undefined)
      .filter(leads)
      .sort((a, b) => b.path.length - a.path.length);
    const places = above?.parameters.filter((each) => each.in === "path").map(wirePath) ?? [];
    const itself = above
      ? [{ operation: above.name, with: Object.fromEntries(places.map((each) => [each, each])) }]
      : [];
    const all = [...new Map([...itself, ...byName].map((each) => [JSON.stringify(each), each])).values()];
    return all;
  }

  /** Its answer says whose it is, or what it is read through does. */
  function leads(target: OperationModel): boolean {
    const rule = ruleOf(target);
    return rule?.kind === "bounded" && target.reads && (rule.rows !== undefined || rule.through.length > 0);
  }

  return { ruleOf };
}

const afterPath = (path: string, before: string): string | undefined =>
  path.startsWith(`${before}/`) ? path.slice(before.length + 1) : undefined;

/** Operations of one address answer alike, so that one rule must do for them. */
function mergeRoutes(context: Context): void {
  const groups = Map.groupBy(context.operations.values(), ({ method, path }) => titleOf(method, path));
  for (const group of groups.values()) {
    const [first, ...others] = group;
    for (const other of others) {
      const merged = mergedRule(first!.customer, other.customer);
      if (!merged && first!.customer && other.customer)
        context.problem(
          ["operations", other.name],
          `names its customer otherwise than ${first!.name}, which has the same address`,
          "say the same of both",
        );
      if (!merged) continue;
      for (const { name } of [first!, other])
        context.operations.set(name, { ...context.operations.get(name)!, customer: merged });
    }
  }
}

function mergedRule(one: CustomerModel | undefined, other: CustomerModel | undefined): CustomerModel | undefined {
  if (!one || !other) return;
  if (JSON.stringify(one) === JSON.stringify(other)) return one;
  if (one.kind !== "bounded" || other.kind !== "bounded") return;
  const { rows: a, ...rest } = one;
  const { rows: b, ...others } = other;
  if (!a || !b || JSON.stringify(rest.through) !== JSON.stringify(others.through)) return;
  if (JSON.stringify(a.customer) !== JSON.stringify(b.customer)) return;
  const rows: RowsModel = { ...a, ...b, in: [...new Set([...a.in, ...b.in])] };
  return { ...rest, named: [...new Set([...rest.named, ...others.named])], rows };
}

/** What a boundary reads of an answer is in use like everything else. */
function noteReads({ operations, selected }: Context): void {
  for (const operation of operations.values()) {
    const rows = operation.customer?.kind === "bounded" ? operation.customer.rows : undefined;
    if (!rows) continue;
    const paths = rows.in.flatMap((place) => rows.customer.map((path) => (place === "." ? path : `${place}.${path}`)));
    selected.set(operation, new Set([...(selected.get(operation) ?? []), ...paths]));
  }
}
