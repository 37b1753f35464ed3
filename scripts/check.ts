import { spawnSync } from "node:child_process";

/** `npm run check`: everything a change must pass, one step after the other, each with its time. */
const steps: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ["lint and format", "biome", "check", "--error-on-warnings", "."],
  ["types", "tsc", "--noEmit"],
  ["generated files are fresh", "node", "generator/main.ts", "--check"],
  ["tests and tool contract", "vitest", "run"],
];

const failed: string[] = [];
for (const [name, command, ...args] of steps) {
  console.log(`\n== ${name}: ${[command, ...args].join(" ")}`);
  const start = performance.now();
  const { status, error } = spawnSync(command, args, { stdio: "inherit" });
  if (error) console.error(`${command} did not start: ${error.message}. Run this through \`npm run check\`.`);
  if (status !== 0) failed.push(name);
  console.log(
    `== ${name}: ${status === 0 ? "passed" : "FAILED"} in ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
}
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(", ")}`);
  process.exit(1);
}
