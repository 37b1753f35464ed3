import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
} from "yaml";
import type { Problem } from "../model/problem.ts";
import { complaintsOf } from "./issues.ts";
import { type AcrossYaml, acrossYaml, type VendorYaml, vendorYaml } from "./schema.ts";
import { causesOf, syntaxComplaint } from "./syntax.ts";

export type Path = readonly (string | number)[];

/** One vendor document, with a way back to its lines. */
export interface Source {
  /** The file as it was named on the command line. */
  readonly file: string;
  readonly yaml: VendorYaml;
  /** `vendors.yaml:56:13 tools.resolve_alert.access` */
  at(path: Path): string;
}

/** A document of tools across vendors. */
export interface AcrossSource extends Omit<Source, "yaml"> {
  readonly yaml: AcrossYaml;
}

/** Reads all documents of one YAML text. Documents with problems of shape are left out of `sources`. */
export function readVendors(
  text: string,
  file: string,
): { sources: Source[]; across: AcrossSource[]; problems: Problem[] } {
  const lines = new LineCounter();
  const sources: Source[] = [];
  const across: AcrossSource[] = [];
  const problems: Problem[] = [];
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    logLevel: "silent",
  });
  for (const document of Array.isArray(documents) ? documents : []) {
    if (document.errors.length > 0) {
      for (const error of causesOf(document.errors)) {
        const { line, col } = lines.linePos(error.pos[0]);
        problems.push({ where: `${file}:${line}:${col}`, ...syntaxComplaint(error) });
      }
      continue;
    }
    if (document.contents === null) continue;
    const at = (path: Path) => {
      const { line, col } = lines.linePos(offsetOf(document.contents, path));
      return `${file}:${line}:${col}${path.length > 0 ? ` ${path.join(".")}` : ""}`;
    };
    const data = dataOf(document);
    if (data === undefined) {
      problems.push({ where: at([]), message: "YAML aliases repeat too much", hint: "write the repeated parts out" });
      continue;
    }
    const isAcross = typeof data === "object" && data !== null && "across" in data;
    const parsed = isAcross ? acrossYaml.safeParse(data) : vendorYaml.safeParse(data);
    if (!parsed.success) {
      for (const { path, ...rest } of complaintsOf(parsed.error.issues, data))
        problems.push({ where: at(path), ...rest });
    } else if ("across" in parsed.data) across.push({ file, yaml: parsed.data, at });
    else sources.push({ file, yaml: parsed.data, at });
  }
  return { sources, across, problems };
}

/** Undefined for aliases that unfold without end: nothing is built of those. */
function dataOf(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 });
  } catch {
    return undefined;
  }
}

/** Where the value at `path` stands: a plain value itself, a map or list by its key; what is missing, by the nearest parent. */
function offsetOf(root: ParsedNode | null, path: Path): number {
  let node: Node | null | undefined = root;
  let offset = start(root);
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) return offset;
      node = pair.value as Node | null;
      offset = isScalar(node) && node.value !== null ? start(node) : start(pair.key as Node);
    } else if (isSeq(node)) {
      node = node.items[Number(step)] as Node | undefined;
      if (!node) return offset;
      offset = start(node);
    } else return offset;
  }
  return offset;
}

const start = (node: Node | null | undefined) => node?.range?.[0] ?? 0;
