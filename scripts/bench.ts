import { parseArgs } from "node:util";
import { measureGenerating } from "./bench/generate.ts";
import { measureServing } from "./bench/serve.ts";
import { measureStart } from "./bench/start.ts";
import { measureTokens } from "./bench/tokens.ts";

/** `npm run bench [-- --json] [-- --seconds 3]`: every figure of docs/benchmarks.md, in one run on one machine. */
const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, seconds: { type: "string", default: "3" } },
});
const progress = (line: string) => console.error(line);

const tokens = await measureTokens(progress);
const generate = measureGenerating(progress);
const start_ms = await measureStart(progress);
const serve = await measureServing(Number(values.seconds), progress);

console.log("\nGenerating, milliseconds of a whole process");
console.table(generate);
console.log("\nServing; cpu_ms is the server's process for one request");
console.table(serve);
console.log("\nTokens (o200k) of tools/list, and of results against the vendor answers they replace");
for (const [vendor, { list, tools }] of Object.entries(tokens)) {
  const sum = (key: "result" | "raw") => Object.values(tools).reduce((total, tool) => total + tool[key], 0);
  console.log(
    `${vendor}: tools/list ${list}; all results together ${sum("result")}, the vendor's answers ${sum("raw")}`,
  );
  console.table(tools);
}
console.log(`\nFrom npm start to the first answer: ${start_ms} ms`);
if (values.json) console.log(JSON.stringify({ generate, serve, tokens, start_ms }));
