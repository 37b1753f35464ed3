import type { CustomerListModel, CustomerModel, RowsModel } from "../model/customer.ts";
import { camel } from "../model/names.ts";
import { titleOf } from "../model/openapi.ts";
import type { OperationModel } from "../model/operation.ts";
import type { CustomerYaml, VendorYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import { buildCall } from "./call.ts";
import type { Context } from "./context.ts";
import { customerRules } from "./customer-rule.ts";
import type { Scope } from "./reference.ts";
import { thingOf, walk } from "./thing.ts";

/** Tells each operation how it names the customer. Nothing is guessed silently: what is not understood is a problem. */
export function buildCustomers(yaml: VendorYaml, context: Context): void {
  const { customer } = yaml;
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
  const extended = new Set(Object.keys(yaml.extended ?? {}).map((key) => extendedOperation(key, yaml)));
  const ownOf = (name: string) => {
    const entry = yaml.operations[name];
    return typeof entry === "object" ? entry.customer : undefined;
  };
  const ruleOf = customerRules(customer, { said, context, ownOf });
  const { otherwise } = customer;
  setAll(context, (operation) => {
    const rule = ruleOf(operation);
    if (rule || otherwise === undefined || !extended.has(operation.name)) return rule;
    return { kind: "refused", why: otherwise };
  });
  for (const { name, customer: rule } of context.operations.values()) {
    if (rule || ownOf(name) !== undefined) continue; // what it says of itself and is wrong is a problem already
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
  const scope: Scope = { context, inputs: new Map(), steps: new Map(), given: new Set() };
  const used = new Set<string>();
  const step = { list: operation.name, ...(customer.with && { with: customer.with }) };
  const call = buildCall(operation, step, ["customer"], scope, used);
  for (const key of Object.keys(customer.with ?? {}))
    if (!used.has(key)) context.unknown(["customer", "with", key], key, `an argument of ${operation.name}`, []);
  return { title: customer.title, call, id: id!, name: name! };
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

/**
 * A call is held to all that it gives, so what the one names or is asked for first counts for the other as well: a record that
 * is made at the address where another is changed.
 */
function mergedRule(one: CustomerModel | undefined, other: CustomerModel | undefined): CustomerModel | undefined {
  if (!one || !other) return;
  if (JSON.stringify(one) === JSON.stringify(other)) return one;
  if (one.kind !== "bounded" || other.kind !== "bounded") return;
  const rows = mergedRows(one.rows, other.rows);
  if (rows === "differ") return;
  const through = [...one.through, ...other.through].map((each) => [JSON.stringify(each), each] as const);
  return {
    kind: "bounded",
    named: [...new Set([...one.named, ...other.named])],
    through: [...new Map(through).values()],
    ...(rows && { rows }),
  };
}

function mergedRows(one: RowsModel | undefined, other: RowsModel | undefined): RowsModel | "differ" | undefined {
  if (!one && !other) return;
  const told = ({ customer, through }: Partial<RowsModel> = {}) => JSON.stringify([customer, through]);
  if (!one || !other || told(one) !== told(other)) return "differ";
  return { ...one, ...other, in: [...new Set([...one.in, ...other.in])] };
}

/** What a boundary reads of an answer is in use like everything else. */
function noteReads({ operations, selected }: Context): void {
  for (const operation of operations.values()) {
    const rows = operation.customer?.kind === "bounded" ? operation.customer.rows : undefined;
    if (!rows) continue;
    const fields = [...(rows.customer ?? []), ...(rows.through ?? []).flatMap((each) => Object.values(each.with))];
    const paths = rows.in.flatMap((place) => fields.map((path) => (place === "." ? path : `${place}.${path}`)));
    selected.set(operation, new Set([...(selected.get(operation) ?? []), ...paths]));
  }
}
