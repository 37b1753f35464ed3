/** How one description fared. `breaks` is a mistake of ours: a crash, a stack trace, no end, or a problem without a place. */
export interface Outcome {
  readonly file: string;
  readonly bytes: number;
  readonly ms: number;
  readonly kind: "passes" | "problem" | "breaks";
  readonly tools: number;
  /** Problems, or what a crash said. */
  readonly said: readonly string[];
  /** Operations that were looked at and left out, each with its reason. */
  readonly left: readonly string[];
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `place: message`, where a place is a file, a line of one, or an operation in it. */
const PLACED = /^[^\s:]+(:\d+:\d+)?( .+?)?: \S/;

export function outcomeOf(file: string, bytes: number, ms: number, added: Ended, made: Ended): Outcome {
  const tools = Number(/: (\d+) tools\./.exec(added.out)?.[1] ?? 0);
  const left =
    /Left out:\n([\s\S]*?)\n\n/
      .exec(added.out)?.[1]
      ?.split("\n")
      .map((line) => line.trim()) ?? [];
  const common = { file, bytes, ms: Math.round(ms), tools, left };
  if (made.code === 0) return { ...common, kind: "passes", said: [] };
  const lines = made.err.split("\n").filter((line) => line.trim() !== "");
  const problems = lines.filter((line) => !/^\d+ problems?[;.]/.test(line));
  const isOrderly = made.code === 1 && lines.length > problems.length && problems.every((line) => PLACED.test(line));
  // What `vendor add` has written must generate.
  const kind = isOrderly && added.code !== 0 && !/^\s+at .*:\d+/m.test(made.err) ? "problem" : "breaks";
  const said =
    problems.length > 0
      ? problems
      : [made.code === null ? "was ended: too slow or too large" : `exit code ${made.code}`];
  return { ...common, kind, said: said.slice(0, 20).map((line) => line.slice(0, 400)) };
}

/** The figures for docs/benchmarks.md, and the reasons by how often they occur. */
export function summaryOf(outcomes: readonly Outcome[]): string {
  const of = (kind: Outcome["kind"]) => outcomes.filter((each) => each.kind === kind);
  const share = (count: number) => `${((100 * count) / Math.max(1, outcomes.length)).toFixed(1)} %`;
  const times = outcomes.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (part: number) =>
    ((times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0) / 1000).toFixed(1);
  const reasons = Map.groupBy(
    outcomes.filter(({ kind }) => kind !== "passes").map(({ said }) => said[said.length > 1 ? 1 : 0] ?? ""),
    (text) =>
      text
        .replace(/^[^ ]+ [A-Z]+ [^:]*: /, "")
        .replace(/^[^:]*: /, "")
        .replaceAll(/"[^"]*"|\d+/g, "…"),
  );
  return [
    "| | count | share |",
    "|---|---|---|",
    ...(["passes", "problem", "breaks"] as const).map(
      (kind) => `| ${kind} | ${of(kind).length} | ${share(of(kind).length)} |`,
    ),
    "",
    `${outcomes.length} descriptions, ${of("passes").reduce((sum, { tools }) => sum + tools, 0)} tools; seconds for one: median ${at(0.5)}, 95 % within ${at(0.95)}, longest ${at(1)}.`,
    "",
    ...[...reasons]
      .sort(([, a], [, b]) => b.length - a.length)
      .slice(0, 25)
      .map(([text, found]) => `${found.length} × ${text.slice(0, 160)}`),
  ].join("\n");
}
