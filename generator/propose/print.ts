import { Document, isCollection, isMap, isScalar, type Node, type Pair, type Scalar, type YAMLMap } from "yaml";
import type { Draft } from "./draft.ts";

const HEADER = ` yaml-language-server: $schema=../generated/vendors.schema.json
 A first draft. What is a guess stands below a line that begins with "review:"; remove the line when you have looked.`;

/** The draft as a page of YAML in the form of the others: a line for what is small, and above each guess why it is one. */
export function printDraft({ head, pages, operations, tools, reviews }: Draft, schema: string): string {
  const data = {
    ...head,
    ...(pages && { pages }),
    operations: Object.fromEntries(
      [...operations].map(([name, each]) => [name, Object.keys(each).length === 1 ? each.do : each]),
    ),
    tools: Object.fromEntries(tools),
  };
  const document = new Document(data);
  document.commentBefore = HEADER.replace("../generated/vendors.schema.json", schema);
  for (const [name, part] of Object.entries(data)) {
    const node = document.get(name, true) as Node | undefined;
    if (name === "tools") for (const tool of pairsOf(node)) arrangeTool(tool.value as Node);
    else if (name === "operations" || name === "credentials")
      for (const each of pairsOf(node)) flow(each.value as Node);
    else if (typeof part === "object") flow(node);
  }
  for (const { path, text } of reviews) remark(document, path, text);
  for (const name of ["credentials", "operations", "tools"]) spaceAbove(document, name);
  const [, ...later] = pairsOf(document.get("tools", true) as Node);
  for (const { key } of later) (key as Scalar).spaceBefore = true;
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: true });
  return text.replaceAll(/\[ ([\w., -]*) \]/g, "[$1]");
}

const pairsOf = (node: Node | undefined): Pair[] => (isMap(node) ? (node as YAMLMap).items : []);

function flow(node: Node | undefined): void {
  if (isCollection(node)) node.flow = true;
}

/** Input, steps and output have a line for each of their entries; what is in an entry stands on it. */
function arrangeTool(tool: Node): void {
  for (const { key, value } of pairsOf(tool)) {
    const isOpen = isScalar(key) && ["input", "steps", "output"].includes(String(key.value));
    if (!isOpen) flow(value as Node);
    else for (const each of pairsOf(value as Node)) flow(each.value as Node);
  }
}

function pairAt(document: Document, path: readonly string[]): Pair | undefined {
  let node: Node | null | undefined = document.contents;
  let pair: Pair | undefined;
  for (const step of path) {
    pair = pairsOf(node ?? undefined).find(({ key }) => isScalar(key) && String(key.value) === step);
    if (!pair) return;
    node = pair.value as Node;
  }
  return pair;
}

/** Above the key; of a key inside a line, above that line. */
function remark(document: Document, path: readonly string[], text: string): void {
  const pair = pairAt(document, path);
  if (!pair) return;
  const key = pair.key as Scalar;
  const line = ` review: ${text}`;
  key.commentBefore = key.commentBefore ? `${key.commentBefore}\n${line}` : line;
}

function spaceAbove(document: Document, name: string): void {
  const pair = pairAt(document, [name]);
  if (pair) (pair.key as Scalar).spaceBefore = true;
}
