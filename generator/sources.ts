import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { OpenApi } from "./model/openapi.ts";
import type { Problem } from "./model/problem.ts";
import { readSpec } from "./read/spec.ts";
import { type AcrossSource, readVendors, type Source } from "./read/vendors.ts";

export interface Described {
  readonly source: Source;
  readonly document: OpenApi;
}

/** All vendor documents of these YAML files with their descriptions. Paths are told as they were given. */
export function readSources(
  files: readonly string[],
  root: string,
): { described: Described[]; across: AcrossSource[]; problems: Problem[] } {
  const described: Described[] = [];
  const across: AcrossSource[] = [];
  const problems: Problem[] = [];
  const firstOf = new Map<string, string>();
  for (const file of files) {
    const path = resolve(root, file);
    if (!existsSync(path)) {
      problems.push({ where: file, message: "there is no such file" });
      continue;
    }
    const read = readVendors(readFileSync(path, "utf8"), file);
    problems.push(...read.problems);
    for (const source of read.across) {
      across.push(source);
      const { across: slug, prefix, title } = source.yaml;
      for (const [key, taken] of Object.entries({ vendor: slug, prefix, title })) note(source, key, taken);
    }
    for (const source of read.sources) {
      const { vendor, prefix, title, spec } = source.yaml;
      for (const [key, taken] of Object.entries({ vendor, prefix, title })) note(source, key, taken);
      if (!existsSync(resolve(dirname(path), spec))) {
        const message = `there is no file ${join(dirname(file), spec)}`;
        problems.push({ where: source.at(["spec"]), message, hint: "the path begins at the folder of this YAML file" });
        continue;
      }
      const found = readSpec(resolve(dirname(path), spec), spec);
      problems.push(
        ...found.problems.map((problem) =>
          problem.where === spec ? { ...problem, where: source.at(["spec"]) } : problem,
        ),
      );
      if (found.document) described.push({ source, document: found.document });
    }
  }
  return { described, across, problems };

  /** Slugs, prefixes and titles are told apart by everybody who sees them. */
  function note({ at }: Pick<Source, "at">, key: string, value: string) {
    const before = firstOf.get(`${key} ${value}`);
    if (before) problems.push({ where: at([key]), message: `"${value}" is taken`, hint: `by ${before}` });
    else firstOf.set(`${key} ${value}`, at([key]));
  }
}
