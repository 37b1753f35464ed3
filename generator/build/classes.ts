import { classOfName, DATA_CLASSES, type DataClass } from "../../runtime/data-class.ts";
import type { GroupModel, OutputModel, Shape } from "../model/output.ts";
import type { Access } from "../model/tool.ts";
import type { VendorYaml } from "../read/schema.ts";
import { looksSecret } from "./secrets.ts";

export type Classes = Partial<Readonly<Record<DataClass, readonly string[]>>>;

/** What a document says of a path: the class of its name, or of its end. */
type Declared = (path: string) => DataClass | "none" | undefined;

interface Said {
  readonly access: Access;
  /** What the document says of names. */
  readonly classes: VendorYaml["classes"];
  readonly secrets: readonly string[];
}

/** The paths in a tool's output whose values are of a class: as the document says of their names, else as the names say. */
export function classesOf(outputs: readonly OutputModel[], { access, classes = {}, secrets }: Said): Classes {
  const declared = declaredIn(classes);
  const paths = new Map<DataClass, string[]>();
  const add = (dataClass: DataClass, path: string) => paths.set(dataClass, [...(paths.get(dataClass) ?? []), path]);

  const visit = (fields: readonly OutputModel[], before: string, parent: string): void => {
    for (const { name, shape } of fields) {
      const path = before === "" ? name : `${before}.${name}`;
      for (const group of groupsIn(shape)) {
        const own = classOfGroup(group, declared);
        if (own !== undefined) add(own, `${path}.by.${group.name}`);
      }
      if (isOurs(shape)) continue;
      const said = declared(path);
      if (said !== undefined && said !== "none") {
        add(said, path);
        continue;
      }
      const inner = fieldsIn(shape);
      if (inner) {
        visit(inner, path, name);
        continue;
      }
      const field = fieldOf(shape);
      const isSecret = access === "reveal" && [name, field[0]].some((each) => looksSecret(each, secrets));
      const byName = () => (saysNothing(shape) ? undefined : (classOfName(name, parent) ?? classOfName(...field)));
      const own = said === "none" ? undefined : isSecret ? "secret" : byName();
      if (own !== undefined) add(own, path);
    }
  };
  visit(outputs, "", "");
  return Object.fromEntries(DATA_CLASSES.flatMap((each) => (paths.has(each) ? [[each, paths.get(each)!]] : [])));
}

/** What we say of an answer: how whole it is, how much there was, words of our own. */
const isOurs = ({ kind }: Shape) =>
  ["constant", "count", "total", "totals", "coverage", "truncated", "partial", "sends", "notConnected"].includes(kind);

function declaredIn(classes: NonNullable<VendorYaml["classes"]>): Declared {
  const said = new Map(
    Object.entries(classes).flatMap(([each, names]) =>
      names.map((name) => [name, each as DataClass | "none"] as const),
    ),
  );
  return (path) =>
    endsOf(path)
      .map((end) => said.get(end))
      .find((each) => each !== undefined);
}

/** `a.b.c`, `b.c`, `c`: the longest first. */
export const endsOf = (path: string): string[] => {
  const names = path.split(".");
  return names.map((_, index) => names.slice(index).join("."));
};

const groupsIn = (shape: Shape): readonly GroupModel[] =>
  shape.kind === "totals" || shape.kind === "sum" ? shape.by : [];

/** Figures by person have persons for names. */
function classOfGroup({ name, value }: GroupModel, declared: Declared): DataClass | undefined {
  const said = declared(name);
  if (said !== undefined) return said === "none" ? undefined : said;
  const [field = "", parent] = value.path.map((each) => each.name).reverse();
  return classOfName(name) ?? classOfName(field, parent);
}

function fieldsIn(shape: Shape): readonly OutputModel[] | undefined {
  if (shape.kind === "object") return shape.fields;
  if (shape.kind !== "array") return undefined;
  return "length" in shape.item ? shape.item : fieldsIn(shape.item);
}

/** What the vendor calls it, and what it calls that which has it. */
function fieldOf(shape: Shape): [name: string, parent: string] {
  const [name = "", parent = ""] =
    "value" in shape && typeof shape.value === "object" ? shape.value.path.map((each) => each.name).reverse() : [];
  return [name, parent];
}

/** Of a yes, a time and an age nobody is known. */
const saysNothing = (shape: Shape): boolean =>
  shape.kind === "scalar" && (shape.type === "boolean" || ["time", "age"].includes(shape.convert?.kind ?? ""));

/** What several documents say of names. */
export const joined = (all: readonly VendorYaml["classes"][]): NonNullable<VendorYaml["classes"]> =>
  Object.fromEntries(
    [...DATA_CLASSES, "none" as const].flatMap((each) => {
      const names = [...new Set(all.flatMap((one) => one?.[each] ?? []))];
      return names.length > 0 ? [[each, names]] : [];
    }),
  );
