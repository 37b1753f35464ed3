import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Outcome } from "./outcome.ts";
import { CONFORMANCE, run } from "./run.ts";

interface SuiteRun {
  readonly revision: string;
  readonly url: string;
  readonly out: string;
  /** Scenarios known to fail, with the reason in the file. */
  readonly baseline?: string;
  readonly timeoutMs?: number;
}

/** What a revision requires of a server, scenario by scenario, and the suite's own verdict on the whole. */
export async function suite({ revision, url, out, baseline, timeoutMs }: SuiteRun): Promise<Outcome[]> {
  const args = ["server", "--url", url, "--requirements", revision, "-o", out];
  if (timeoutMs) args.push("--timeout", String(timeoutMs));
  if (baseline) args.push("--expected-failures", baseline);
  const { code, stdout, stderr } = await run([CONFORMANCE, ...args]);

  const known = new Set(baseline ? (parse(readFileSync(baseline, "utf8")) as { server: string[] }).server : []);
  const required = new Set(requiredScenarios(revision));
  const scenarios = [...stdout.matchAll(/^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed$/gm)].filter(([, name]) =>
    required.has(name!),
  );
  const outcomes = scenarios
    .filter(([, name]) => !known.has(name!))
    .map(([line, name, passed, failed]) => ({
      name: `${revision} ${name}`,
      passed: failed === "0" && line!.startsWith("✓"),
      detail: `${passed} checks passed, ${failed} failed`,
    }));
  const missing = [...required].filter((name) => !scenarios.some(([, found]) => found === name));
  const expected = known.size > 0 ? `, ${known.size} known gaps (${baseline})` : "";
  return [
    ...outcomes,
    {
      name: `${revision} as a whole`,
      passed: code === 0 && missing.length === 0,
      detail:
        code === 0 && missing.length === 0
          ? `${scenarios.length} scenarios${expected}`
          : explain(code, missing, stderr),
    },
  ];
}

function requiredScenarios(revision: string): string[] {
  const file = `node_modules/@modelcontextprotocol/conformance/requirements/${revision}.yaml`;
  return (parse(readFileSync(file, "utf8")) as { server: string[] }).server;
}

const explain = (code: number | null, missing: string[], stderr: string) =>
  [`exit code ${code}`, missing.length > 0 && `not run: ${missing.join(", ")}`, stderr.trim().slice(-500)]
    .filter(Boolean)
    .join("; ");
