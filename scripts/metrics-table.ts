import { readFileSync, writeFileSync } from "node:fs";
import { definitions } from "../gateway/metrics/definitions.ts";

// node scripts/metrics-table.ts [--check]: prints gateway/metrics/definitions.ts into the table of docs/monitoring.md, or only says
// whether it is up to date.

const PAGE = "docs/monitoring.md";
const BEGIN = "<!-- Printed by scripts/metrics-table.ts from gateway/metrics/definitions.ts. -->\n";
const END = "<!-- End of what is printed. -->\n";

const page = readFileSync(PAGE, "utf8");
const [before, rest = ""] = page.split(BEGIN);
const after = rest.split(END)[1] ?? "";
const printed = before + BEGIN + table() + END + after;

if (!process.argv.includes("--check")) writeFileSync(PAGE, printed);
else if (printed !== page) {
  console.error(`${PAGE} is not what gateway/metrics/definitions.ts says; run: node scripts/metrics-table.ts`);
  process.exitCode = 1;
}

function table(): string {
  const rows = Object.values(definitions).map(({ name, type, labels, help }) => {
    const told = labels.map((label) => `\`${label}\``).join(", ") || "–";
    return `| \`${name}\` | ${type} | ${told} | ${help} |`;
  });
  return `\n${["| Metric | Kind | Labels | What it says |", "|---|---|---|---|", ...rows].join("\n")}\n\n`;
}
