import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome } from "./outcome.ts";
import { INSPECTOR, run } from "./run.ts";

interface Connector {
  readonly vendor: string;
  readonly url: string;
  readonly token: string;
}

const ERAS = ["legacy", "auto", "modern"] as const;

/** The MCP Inspector as a client: lists and lints the tools of a vendor in every era, then calls one, alone and under load. */
export async function inspector(connector: Connector): Promise<Outcome[]> {
  const home = mkdtempSync(join(tmpdir(), "vendorsmith-inspector-"));
  try {
    const lists = await Promise.all(ERAS.map((era) => lint(home, connector, era)));
    const tool = lists[0]!.tools.find(takesNothing);
    const calls = tool ? [await call(home, connector, tool.name), await load(home, connector, tool.name)] : [];
    return [...lists.map(({ outcome }) => outcome), ...calls];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

interface Tool {
  readonly name: string;
  readonly annotations?: { readOnlyHint?: boolean };
  readonly inputSchema: { required?: string[] };
}

/** A list or search; what gets one thing may want one of several ids, which its schema cannot say. */
const takesNothing = ({ name, annotations, inputSchema }: Tool) =>
  annotations?.readOnlyHint === true && /_(list|search)_/.test(name) && (inputSchema.required ?? []).length === 0;

/** `--strict` ends with 6 for an error alone; the findings of the lint have to be looked for. */
async function lint(home: string, connector: Connector, era: (typeof ERAS)[number]) {
  const { code, stdout, stderr } = await inspect(home, connector, era, ["--method", "tools/list", "--strict"]);
  const { tools = [] } = (code === 0 ? JSON.parse(stdout).result : {}) as { tools?: Tool[] };
  const clean = !stdout.includes("schemaFindings");
  const outcome = {
    name: `Inspector lists ${connector.vendor}, ${era}`,
    passed: code === 0 && tools.length > 0 && clean,
    detail:
      code === 0
        ? `${tools.length} tools${clean ? "" : ", with schema findings"}`
        : `exit code ${code}; ${stderr.slice(-300)}`,
  };
  return { tools, outcome };
}

async function call(home: string, connector: Connector, tool: string): Promise<Outcome> {
  const { code, stderr } = await inspect(home, connector, "modern", [...callOf(tool)]);
  return { name: `Inspector calls ${tool}`, passed: code === 0, detail: code === 0 ? "answered" : stderr.slice(-300) };
}

/** Fewer than the smallest budget of a vendor allows in a minute: the gateway keeps to those here too. */
const MANY = 40;

async function load(home: string, connector: Connector, tool: string): Promise<Outcome> {
  const many = ["--load", "--load-requests", String(MANY), "--load-concurrency", "8"];
  const { code, stdout } = await inspect(home, connector, "modern", [...callOf(tool), ...many]);
  const { ok = 0, throughput = 0 } =
    code === 0 ? (JSON.parse(stdout).result as { ok: number; throughput: number }) : {};
  return {
    name: `Inspector loads ${tool}`,
    passed: ok === MANY,
    detail: `${ok} of ${MANY} answered, ${Math.round(throughput)} a second`,
  };
}

const callOf = (tool: string) => ["--method", "tools/call", "--tool-name", tool, "--tool-args-json", "{}"];

/** With a home of its own: the Inspector keeps what it learned about servers there. */
const inspect = (home: string, { url, token }: Connector, era: string, args: readonly string[]) =>
  run(
    [
      ...[INSPECTOR, "--cli", "--server-url", url, "--transport", "http", "--header", `Authorization: Bearer ${token}`],
      ...["--stored-auth-only", "--format", "json", "-q", "--protocol-era", era, ...args],
    ],
    { env: { HOME: home } },
  );
