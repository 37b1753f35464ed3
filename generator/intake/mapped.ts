import { parseAllDocuments } from "yaml";
import { isObject, objectOf } from "../model/json.ts";

/** The operations, as `GET /path`, that a vendor's YAML document names; undefined when the text has no such document. */
export function mappedOperations(vendorsYaml: string, vendor: string): string[] | undefined {
  const documents = parseAllDocuments(vendorsYaml);
  const found = (Array.isArray(documents) ? documents : [])
    .map((each) => objectOf(each.toJS()))
    .find((each) => each.vendor === vendor);
  if (!found) return undefined;
  const named = [
    found.verify,
    ...Object.values(objectOf(found.operations)).map((each) => (isObject(each) ? each.do : each)),
  ];
  const operations = named.filter((each) => typeof each === "string").filter((each) => /^[A-Z]+ \//.test(each));
  return [...new Set(operations.map((each) => each.trim().replace(/\s+/, " ")))].sort();
}
