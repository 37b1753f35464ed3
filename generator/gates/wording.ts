import { HIDDEN } from "../model/hidden.ts";
import type { OutputModel } from "../model/output.ts";
import type { InputModel, ToolModel } from "../model/tool.ts";
import type { Path } from "../read/vendors.ts";
import type { Gate } from "./vendor.ts";

/** Texts that a model reads must describe. An order in them is what tool poisoning looks like, ours or anyone's. */
const ORDERS: readonly (readonly [RegExp, string])[] = [
  [
    /\b(you|assistants?|models?|agents?|llms?|ai)\s+(must|should|need to|have to|shall|ought)\b/i,
    "gives orders to the model",
  ],
  [
    /\b(must|always|never)\s+(be\s+)?(call(ed)?|use[d]?|invoke[d]?|run|ask|tell|send|include|ignore|prefer|trust)\b/i,
    "gives orders to the model",
  ],
  [
    /\b(ignore|disregard|forget|override)\b.{0,40}\b(instructions?|previous|above|other|rules?|prompts?)\b/i,
    "gives orders to the model",
  ],
  [/\b(do not|don't)\s+(tell|ask|mention|inform|show|use|call|trust)\b/i, "gives orders to the model"],
  [/\b(call|use|invoke|run)\s+this\s+(tool\s+)?(first|before|instead|always)\b/i, "gives orders to the model"],
  [/\b(system prompt|instructions? (to|for) the (model|assistant)|important:)/i, "speaks to the model"],
  [/<\/?[a-z][^>]*>/i, "contains markup"],
  [/\b(best|most powerful|amazing|world-class|revolutionary|seamless(ly)?|leading)\b/i, "promotes"],
];

const CONTROL = /[\u0000-\u001F]/;

export function checkWording(tool: ToolModel, { problem }: Gate): void {
  const at: Path = ["tools", tool.key];
  const check = (path: Path, text: string | undefined) => {
    if (text === undefined) return;
    const found = ORDERS.find(([pattern]) => pattern.test(text));
    if (found) problem(path, `${found[1]}: "${found[0].exec(text)?.[0]}"`, "describe what it does and what it answers");
    const hidden = HIDDEN.exec(text)?.[0] ?? CONTROL.exec(text)?.[0];
    if (hidden)
      problem(path, `has a hidden character U+${hidden.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`);
  };
  check([...at, "title"], tool.title);
  check([...at, "description"], tool.description);
  for (const [index, example] of tool.examples.entries()) check([...at, "examples", index], example);
  const inputs = (list: readonly InputModel[], path: Path): void => {
    for (const { name, about, type } of list) {
      check([...path, name], about);
      const inner = type.kind === "array" ? type.items : type;
      if (inner.kind === "object") inputs(inner.fields, [...path, name, "fields"]);
    }
  };
  inputs(tool.inputs, [...at, "input"]);
  const outputs = (list: readonly OutputModel[], path: Path): void => {
    for (const { name, about, shape } of list) {
      check([...path, name], about);
      if (shape.kind === "object") outputs(shape.fields, [...path, name]);
      if (shape.kind === "array" && "length" in shape.item) outputs(shape.item, [...path, `${name}[]`]);
    }
  };
  outputs(tool.output, [...at, "output"]);
}
