import { vendors } from "../generated/index.ts";
import { liveChecks, liveKeys, variableOf } from "../test/e2e/live.ts";

const wanted = process.argv.slice(2).filter((word) => !word.startsWith("-"));
const chosen = vendors.filter(({ slug }) => wanted.length === 0 || wanted.includes(slug));
let ran = 0;
let failed = 0;

for (const vendor of chosen) {
  const { keys, missing } = liveKeys(vendor, process.env);
  if (missing.length > 0) {
    console.log(`${vendor.title}: skipped, set ${missing.join(", ")}`);
    continue;
  }
  ran++;
  console.log(`${vendor.title}: reading with your keys`);
  for (const { name, outcome, items, ms } of await liveChecks(vendor, keys, fetch)) {
    if (outcome !== "ok") failed++;
    console.log(
      `  ${outcome.padEnd(20)} ${name.padEnd(34)} ${String(ms).padStart(6)} ms${items === undefined ? "" : `  ${items} items`}`,
    );
  }
}

if (ran === 0) {
  const names = chosen.map(({ slug, credentials }) =>
    credentials.fields.map(({ name }) => variableOf(slug, name)).join(" "),
  );
  console.log(
    `\nNothing was checked. Live checks read from the real vendors and never change anything; they need your own keys in:\n  ${names.join("\n  ")}`,
  );
}
process.exitCode = failed > 0 ? 1 : 0;
