import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One line of a corpus: a text, and what should be found in it. No line is of a real person or account. */
export interface Labelled<Kind extends string = string> {
  readonly text: string;
  readonly find: readonly { readonly detector: Kind; readonly value: string }[];
}

/** Every line of `test/corpus/<name>/*.jsonl`. `{+}` is nothing: it only keeps made-up keys from alarming those who scan repositories. */
export function corpus<Kind extends string>(name: string): Labelled<Kind>[] {
  return globSync(join(import.meta.dirname, name, "*.jsonl"))
    .sort()
    .flatMap((file) => readFileSync(file, "utf8").trim().split("\n"))
    .map((line) => JSON.parse(line.replaceAll("{+}", "")) as Labelled<Kind>);
}

export interface Score {
  /** How many are labelled. */
  readonly labelled: number;
  readonly found: number;
  readonly missed: number;
  /** Found where nothing is to be hidden. */
  readonly false: number;
  readonly precision: number;
  readonly recall: number;
}

/** How well `find` does what the labels say; a label counts as found when what was found covers all of it. */
export function scoreOf<Kind extends string>(
  lines: readonly Labelled<Kind>[],
  kind: Kind,
  find: (text: string) => readonly { readonly start: number; readonly end: number }[],
  note: (what: "missed" | "false", text: string) => void = () => {},
): Score {
  const count = { labelled: 0, found: 0, missed: 0, false: 0 };
  for (const { text, find: labels } of lines) {
    const spans = find(text);
    const places = labels.map(({ detector, value }) => {
      const start = text.indexOf(value);
      return { detector, start, end: start + value.length };
    });
    for (const { start, end } of places.filter(({ detector }) => detector === kind)) {
      count.labelled++;
      const isFound = spans.some((span) => span.start <= start && span.end >= end);
      isFound ? count.found++ : count.missed++;
      if (!isFound) note("missed", text);
    }
    for (const span of spans)
      if (!places.some(({ start, end }) => span.start < end && span.end > start)) {
        count.false++;
        note("false", `${text.slice(span.start, span.end)} IN ${text}`);
      }
  }
  const share = (part: number, whole: number) => (whole === 0 ? 1 : Math.round((part / whole) * 1000) / 1000);
  return {
    ...count,
    precision: share(count.found, count.found + count.false),
    recall: share(count.found, count.labelled),
  };
}
