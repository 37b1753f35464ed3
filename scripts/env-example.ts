import { readFileSync, writeFileSync } from "node:fs";
import { variables } from "../gateway/config/variables.ts";

// node scripts/env-example.ts [--check]: prints the list of gateway/config/variables.ts to .env.example and docs/configuration.md,
// or only says whether they are up to date.

interface Entry {
  readonly about: string;
  readonly default?: string;
  readonly example?: string;
  readonly file: boolean;
}

/** Prints a private ES256 key as a JWK. */
const SIGNING_KEY = `node -e 'const { privateKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }); console.log(JSON.stringify({ ...privateKey.export({ format: "jwk" }), kid: "s1", alg: "ES256", use: "sig" }))'`;

const entries = Object.entries(variables) as [string, Entry][];
const pages = { ".env.example": envExample(), "docs/configuration.md": configurationPage() };

if (process.argv.includes("--check")) {
  const stale = Object.entries(pages).filter(([file, text]) => readFileSync(file, "utf8") !== text);
  for (const [file] of stale)
    console.error(`${file} is not what gateway/config/variables.ts says; run: node scripts/env-example.ts`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else for (const [file, text] of Object.entries(pages)) writeFileSync(file, text);

/** Every variable, commented out, with what happens when it stays so. */
function envExample(): string {
  const head = [
    "# Copy to .env and uncomment what you change. `npm run dev` reads .env; in production set real variables.",
    "# Printed by scripts/env-example.ts from gateway/config/variables.ts.",
  ];
  return `${[...head, ...entries.flatMap(lines)].join("\n")}\n`;
}

function lines([name, entry]: [string, Entry]): string[] {
  const when = entry.default ? ` Default: ${entry.default}.` : "";
  const file = entry.file ? [`# ${name}_FILE=`] : [];
  return ["", ...wrapped(`${entry.about}${when}`), `# ${name}=${entry.example ?? ""}`, ...file];
}

function wrapped(text: string): string[] {
  const rows: string[] = [];
  for (const word of text.split(" ")) {
    const row = rows.at(-1);
    if (row !== undefined && row.length + word.length < 118) rows[rows.length - 1] = `${row} ${word}`;
    else rows.push(`# ${word}`);
  }
  return rows;
}

function configurationPage(): string {
  const rows = entries.map(([name, entry]) => {
    const names = entry.file ? `\`${name}\`, \`${name}_FILE\`` : `\`${name}\``;
    return `| ${[names, entry.about, entry.default ?? "unset"].map(cell).join(" | ")} |`;
  });
  return [
    "# Configuration",
    "",
    "The gateway reads environment variables and nothing else; wrong ones are named all at once when it starts.",
    "An empty variable counts as unset.",
    "A secret may come from a file instead: `X_FILE` names it, and only its owner may be able to read it (mode 0600).",
    "",
    "| Variable | What it does | Default |",
    "|---|---|---|",
    ...rows,
    "",
    "## Keys for production",
    "",
    "In development the first start makes keys in `DATA_DIR`. Production never makes any up; make them once and keep copies apart from the database's backups.",
    "",
    "```sh",
    "openssl rand -base64 32   # VAULT_KEYS=k1:<this>",
    "openssl rand -base64 32   # AUDIT_KEY",
    "openssl rand -base64 48   # COOKIE_KEYS",
    `${SIGNING_KEY}   # SIGNING_KEYS`,
    "```",
    "",
    "Behind a proxy set `TRUST_PROXY` to its address: without it all callers share the proxy's address, and with it their limits.",
    "",
    "<!-- Printed by scripts/env-example.ts from gateway/config/variables.ts. -->",
    "",
  ].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
