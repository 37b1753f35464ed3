import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect, it } from "vitest";
import { type Result, describe as text } from "../../runtime/index.ts";
import { createFakes } from "../fakes/fakes.ts";
import { anyOddCharacter } from "../fakes/nasty.ts";
import { idsOf } from "./cases.ts";
import { createCaller, fuzzCases, secretsOf } from "./fuzz/call.ts";
import { createRandom } from "./fuzz/random.ts";
import { type Mutating, mutating } from "./fuzz/vendor.ts";

/**
 * Every case with answers that are wrong in some way. `FUZZ_ROUNDS=200 FUZZ_SEED=8 FUZZ_VENDOR=acme npx vitest run
 * test/e2e/fuzz.test.ts` looks longer; `FUZZ_ROUND=12` repeats one round as it was.
 */
const { FUZZ_SEED = "1", FUZZ_ROUNDS = "12", FUZZ_ROUND, FUZZ_VENDOR } = process.env;
const rounds = FUZZ_ROUND ? [Number(FUZZ_ROUND)] : Array.from({ length: Number(FUZZ_ROUNDS) }, (_, index) => index + 1);

const CAP = 40_000;
/** Of one call, on a busy machine. */
const MOST_MS = 5000;
const MOST_REQUESTS = 250;

const schemas = new Map<string, ValidateFunction>();
const ajv = addFormats.default(new Ajv2020({ strict: false }));

for (const [slug, cases] of Object.entries(fuzzCases)) {
  if (FUZZ_VENDOR && slug !== FUZZ_VENDOR) continue;
  it(`${slug}: answers that are wrong in any way make no tool crash or break its schema (VEN-21, VEN-25)`, async () => {
    const failures: string[] = [];
    const count = { calls: 0, answered: 0 };
    for (const round of rounds) {
      const random = createRandom(`${FUZZ_SEED}/${slug}/${round}`);
      const fakes = createFakes();
      const ids = idsOf(fakes);
      const secrets = secretsOf(slug);
      const vendor = mutating(fakes, random, secrets);
      const call = createCaller(vendor.fetch);
      for (const { tool, args } of cases) {
        const given = attempt(() => args(ids));
        if (!given) continue; // an earlier answer was wrong, so that the fake's world lacks what this case is about
        const calls = [given];
        for (const each of calls) {
          vendor.log.length = 0;
          const began = performance.now();
          const result = await call(slug, tool, each);
          const ms = performance.now() - began;
          count.calls++;
          if ("ok" in result && result.ok) count.answered++;
          for (const problem of problemsOf(slug, tool, { result, ms, vendor, secrets }))
            failures.push(`${tool}, seed ${FUZZ_SEED}, round ${round}: ${problem}${keep(tool, round, vendor)}`);
          const cursor = "ok" in result && result.ok && result.value["next_cursor"];
          if (cursor && calls.length === 1) calls.push({ ...given, cursor });
        }
      }
    }
    expect(failures).toEqual([]);
    expect(count.calls).toBeGreaterThan(rounds.length * cases.length * 0.8);
    // Wrong in one place must not cost everything.
    expect(count.answered / count.calls).toBeGreaterThan(0.2);
  }, 3_600_000);
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

interface Seen {
  result: Result | Error;
  ms: number;
  vendor: Mutating;
  secrets: readonly string[];
}

function problemsOf(slug: string, tool: string, { result, ms, vendor, secrets }: Seen): string[] {
  const problems: string[] = [];
  if (ms > MOST_MS) problems.push(`took ${Math.round(ms)} ms`);
  if (vendor.log.length > MOST_REQUESTS) problems.push(`made ${vendor.log.length} requests`);
  for (const { hostname, href } of vendor.strays.splice(0))
    if (hostname.includes("evil")) problems.push(`asked ${href}`);
  if (({} as Record<string, unknown>)["polluted"]) problems.push("polluted Object.prototype");
  if (!("ok" in result)) return [...problems, `threw ${result.stack}`];
  const said = result.ok ? result.json : text(result.error) + JSON.stringify(result.error);
  if (secrets.some((secret) => said.includes(secret))) problems.push("shows a secret");
  if (anyOddCharacter.test(said)) problems.push("shows odd characters");
  if (!result.ok) {
    const { code, cause } = result.error;
    if (code === "INTERNAL") problems.push(`INTERNAL ${(cause as Error)?.stack}`);
    if (text(result.error).length > 2500) problems.push(`an error of ${text(result.error).length} characters`);
    return problems;
  }
  if (result.json.length > CAP) problems.push(`a result of ${result.json.length} characters`);
  const validate = schemaOf(slug, tool);
  if (!validate(JSON.parse(result.json))) problems.push(`breaks its schema: ${ajv.errorsText(validate.errors)}`);
  return problems;
}

/** The output schema as it is frozen. */
function schemaOf(slug: string, tool: string): ValidateFunction {
  const known = schemas.get(tool);
  if (known) return known;
  const frozen = JSON.parse(readFileSync(new URL(`../tools/${slug}/${tool}.json`, import.meta.url), "utf8"));
  const validate = ajv.compile(frozen.tool.outputSchema);
  schemas.set(tool, validate);
  return validate;
}

/** Writes down what the vendor said, to look at. */
function keep(tool: string, round: number, { log }: Mutating): string {
  const file = `out/fuzz/${tool}-${FUZZ_SEED}-${round}.txt`;
  mkdirSync("out/fuzz", { recursive: true });
  const lines = log.map(({ asked, answered, mutated }) => `${mutated ? "*" : " "} ${asked}\n${answered}\n`);
  writeFileSync(file, lines.join("\n"));
  return ` (see ${file})`;
}
