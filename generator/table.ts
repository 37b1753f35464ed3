import type { Row } from "./rows.ts";

/** The closing table of a run. */
export function table(rows: readonly Row[]): string {
  const head = [
    "vendor",
    "operations",
    "read",
    "write",
    "destroy",
    "reveal",
    "tokens (o200k)",
    "extended",
    "their tokens",
    "bytes",
    "ms",
  ];
  const lines = rows.map(({ vendor, operations, access, extended, bytes, tokens, ms }) => [
    vendor,
    ...[
      operations,
      access.read,
      access.write,
      access.destroy,
      access.reveal,
      tokens,
      extended.tools,
      extended.tokens,
      bytes,
      Math.round(ms),
    ].map((number) => number.toLocaleString("en")),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]!.length)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  return [head, ...lines].map((line) => line.map(pad).join("  ")).join("\n");
}
