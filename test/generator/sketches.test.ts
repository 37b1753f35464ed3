import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { casesFolder } from "./run-case.ts";

/** What the language must be able to say, each with golden cases that say it well and that say it badly. */
const sketches: readonly (readonly [what: string, succeeds: readonly string[], fails: readonly string[]])[] = [
  ["operations by method and path, steps in order", ["reads", "changes"], ["unknown-names"]],
  ["a choice of operation", ["choices"], ["unknown-names"]],
  ["a step or a question that depends", ["choices", "confirm"], ["change-problems", "confirm-names"]],
  ["a bounded fan-out with coverage", ["fan-out"], ["limits"]],
  ["a filter of our own with a scan limit", ["reads", "kept"], ["kept-problems", "change-problems"]],
  ["polling until something is so", ["fan-out"], ["limits"]],
  ["labels for ids, both ways", ["labels"], ["label-names"]],
  ["a lookup by name", ["filters", "filter-tree"], ["limits"]],
  ["read, merge, write", ["changes"], ["change-problems"]],
  ["bodies of every form", ["bodies", "json-api"], ["body-names", "change-problems"]],
  ["names and constants on the wire", ["reads"], ["unknown-names"]],
  ["filters in every dialect", ["filters", "filter-tree"], ["filter-names"]],
  ["a POST that reads", ["filter-tree", "reads"], ["unclassified"]],
  ["GraphQL", ["graphql"], ["graphql-problems", "graphql-broken"]],
  ["several sends with their account", ["changes"], ["change-problems"]],
  ["secrets, and tools that reveal one", ["json-api"], ["secrets"]],
  ["every way of paging", ["paging", "paging-more"], ["paging-problems"]],
  ["sign-in, discovery and limits", ["sign-in"], ["sign-in-problems"]],
  ["whose something is", ["customers"], ["customers-problems"]],
  ["tools across vendors", ["across"], ["across-problems"]],
];

describe("what the language can say", () => {
  it.each(sketches)("%s has golden cases (FAC-05)", (_, succeeds, fails) => {
    for (const name of succeeds) expect(existsSync(join(casesFolder, name, "generated")), name).toBe(true);
    for (const name of fails) expect(existsSync(join(casesFolder, name, "problems.txt")), name).toBe(true);
  });
});
