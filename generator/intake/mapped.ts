import { parseAllDocuments } from "yaml";
import { isObject, objectOf } from "../model/json.ts";

/** The operations, as `GET /path` or `query tickets`, that a vendor's YAML document names; undefined when the text has no such document. */
export function mappedOperations(vendorsYaml: string, vendor: string): string[] | undefined {
  const found = documentOf(vendorsYaml, vendor);
  return found && titlesIn([found.verify, ...entriesOf(found.operations), ...entriesOf(found.extended)]);
}

/** The same without those that are extended tools. */
export function coreOperations(vendorsYaml: string, vendor: string): string[] | undefined {
  const found = documentOf(vendorsYaml, vendor);
  return found && titlesIn([found.verify, ...entriesOf(found.operations)]);
}

const entriesOf = (operations: unknown) =>
  Object.values(objectOf(operations)).map((each) => (isObject(each) ? each.do : each));

function titlesIn(named: readonly unknown[]): string[] {
  const operations = named
    .filter((each) => typeof each === "string")
    .filter((each) => /^([A-Z]+ \/|(query|mutation) )/.test(each));
  return [...new Set(operations.map((each) => each.trim().replace(/\s+/, " ")))].sort();
}

/** Keys whose text is for people. */
const PROSE = new Set(["about", "title", "description", "examples", "help", "rights", "reason", "note", "ask", "what"]);

/**
 * Every name that a vendor's document uses beside its prose: fields, parameters, and much that is neither. Of the keys of an
 * output only those count that read the array they are called after, `lines[]`.
 */
export function namedIn(vendorsYaml: string, vendor: string): ReadonlySet<string> | undefined {
  const { operations, tools, labels, ...found } = documentOf(vendorsYaml, vendor) ?? {};
  if (!operations) return undefined;
  const names = new Set<string>();
  const add = (text: string) => {
    names.add(text); // a parameter may be called `filter.name`
    for (const name of text.split(/[^\p{L}\p{N}_@-]+/u)) if (name) names.add(name);
  };
  const collect = (value: unknown, inOutput: boolean): void => {
    if (typeof value === "string") add(value);
    else if (Array.isArray(value)) for (const each of value) collect(each, inOutput);
    else if (typeof value === "object" && value !== null) {
      for (const [key, child] of Object.entries(value)) {
        if (PROSE.has(key) && typeof child === "string" && !inOutput) continue;
        if (!inOutput || key.endsWith("[]")) add(key);
        collect(child, (inOutput && key !== "$keep") || key === "output" || key === "shows" || key === "names");
      }
    }
  };
  const { id, name, arguments: given, fields, through } = objectOf(found.customer); // the rest of it is prose
  const customer = [id, name, given, fields, through];
  collect(
    [operations, tools, found.extended, labels, found.pages, found.filters, found.select, found.verify, customer],
    false,
  );
  return names;
}

function documentOf(vendorsYaml: string, vendor: string) {
  const documents = parseAllDocuments(vendorsYaml);
  return (Array.isArray(documents) ? documents : [])
    .map((each) => objectOf(each.toJS()))
    .find((each) => each.vendor === vendor);
}
