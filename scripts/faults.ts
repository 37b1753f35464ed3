import { parseArgs } from "node:util";
import { openGround } from "./faults/ground.ts";
import type { Options, Scenario } from "./faults/scenario.ts";

/** `npm run faults -- --only kill-gateway --rounds 30`: every figure of docs/reliability.md. Ends with 1 when a promise was broken. */
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string", default: "30" },
    replicas: { type: "string", default: "1" },
    seconds: { type: "string", default: "30" },
    json: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
});

const { cutConnections, killGateway, killPostgres, killRedis, pausePostgres, restartPostgres } = await import(
  "./faults/kill.ts"
);
const { soak } = await import("./faults/soak.ts");
const { fullDiskOfPostgres, fullDiskOfSqlite } = await import("./faults/disk.ts");
const { slowDiskOfPostgres, slowDiskOfSqlite } = await import("./faults/slow.ts");
const { clocks } = await import("./faults/clocks.ts");
const { skewedClocks } = await import("./faults/skewed.ts");
const { thousand } = await import("./faults/thousand.ts");
const { vendorTrouble } = await import("./faults/vendor-trouble.ts");
const scenarios: Readonly<Record<string, Scenario>> = {
  "kill-gateway": killGateway,
  "kill-postgres": killPostgres,
  "kill-redis": killRedis,
  "restart-postgres": restartPostgres,
  "cut-connections": cutConnections,
  "pause-postgres": pausePostgres,
  "full-disk-postgres": fullDiskOfPostgres,
  "full-disk-sqlite": fullDiskOfSqlite,
  "slow-disk-postgres": slowDiskOfPostgres,
  "slow-disk-sqlite": slowDiskOfSqlite,
  clocks,
  "skewed-clocks": skewedClocks,
  thousand,
  "vendor-trouble": vendorTrouble,
  soak,
};

if (values.list) for (const [name, { about }] of Object.entries(scenarios)) console.log(`${name.padEnd(20)} ${about}`);
const names = values.list ? [] : (values.only?.split(",") ?? Object.keys(scenarios));
const unknown = names.filter((name) => !scenarios[name]);
if (unknown.length > 0) {
  console.error(`--only: no fault is called ${unknown.join(", ")}; known: ${Object.keys(scenarios).join(", ")}`);
  process.exit(2);
}

const number = (name: "rounds" | "replicas" | "seconds") => Math.max(1, Math.floor(Number(values[name])) || 1);
const options: Options = { rounds: number("rounds"), replicas: number("replicas"), seconds: number("seconds") };
let broken = 0;
for (const name of names) {
  const { about, limitMs, run } = scenarios[name]!;
  console.error(`\n${name}: ${about}`);
  const ground = openGround({ limitMs: limitMs(options) });
  try {
    const { figures, problems } = await run(ground, options, (line) => console.error(`  ${line}`));
    console.log(`\n${name}: ${about}`);
    for (const table of tables(figures)) console.table(table);
    for (const problem of new Set(problems)) console.log(`  PROBLEM ${problem}`);
    if (values.json) console.log(JSON.stringify({ name, ...options, figures, problems }));
    broken += problems.length;
  } catch (error) {
    console.error(error);
    broken++;
  } finally {
    await ground.close();
  }
}
process.exitCode = broken > 0 ? 1 : 0;

type Figures = Record<string, Readonly<Record<string, number | string>>>;

/** Rows with the same columns share a table. */
function tables(figures: Readonly<Figures>): Figures[] {
  const byColumns = Map.groupBy(Object.entries(figures), ([, row]) => Object.keys(row).join());
  return [...byColumns.values()].map((rows) =>
    Object.fromEntries(rows.map(([name, row]) => [/^\d/.test(name) ? `${name} ` : name, row])),
  );
}
