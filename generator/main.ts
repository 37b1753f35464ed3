import { enableCompileCache } from "node:module";
import { parseArgs } from "node:util";
import { remember, unchanged } from "./cache.ts";
import type { Job } from "./job.ts";
import { problemText } from "./model/problem.ts";
import { table } from "./table.ts";

enableCompileCache();

const USAGE = `npm run generate [-- options]
  --check                 write nothing; fail when a fresh run differs from what is on disk
  --watch                 again whenever a YAML file or a description changes
  --only <slug>           this vendor alone
  --vendors <a,b>         YAML files (default vendors.yaml); their spec paths are relative to them
  --out <dir>             where the code goes (default generated)
`;

const options = {
  check: { type: "boolean", default: false },
  watch: { type: "boolean", default: false },
  only: { type: "string" },
  vendors: { type: "string", default: "vendors.yaml" },
  out: { type: "string", default: "generated" },
  help: { type: "boolean", default: false },
} as const;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const parsed = read(args);
  if (!parsed) return 2;
  if (parsed.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const root = process.cwd();
  const files = parsed.vendors.split(",").map((file) => file.trim());
  const job: Job = {
    root,
    files,
    out: parsed.out,
    docs: parsed.out === "generated" ? "docs/vendors" : `${parsed.out}/docs`,
    only: parsed.only,
  };
  if (parsed.check) return check(job);
  const code = await once(job);
  if (!parsed.watch) return code;
  const { watch } = await import("./watch.ts");
  await watch(job, () => once(job));
  return code;
}

function read(args: string[]) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return undefined;
  }
}

async function once(job: Job): Promise<number> {
  const start = performance.now();
  const before = unchanged(job);
  if (before) {
    say(`${before}\nNothing to do: ${Math.round(performance.now() - start)} ms.`);
    return 0;
  }
  const { generate } = await import("./generate.ts");
  const { diskOf, staleFiles, writeChanges } = await import("./files.ts");
  const result = await generate({ ...job, read: diskOf(job.root), progress: say });
  if (result.problems.length > 0) return complain(result);
  const { written, removed } = writeChanges(job.root, result.files, staleFiles(job, result.files));
  const report = table(result.rows);
  for (const warning of result.warnings) say(`note: ${problemText(warning)}`);
  say(report);
  say(
    `${written.length} files written, ${removed.length} removed, ${result.files.size - written.length} as they were: ${Math.round(performance.now() - start)} ms.`,
  );
  remember(job, result.files, report);
  return 0;
}

async function check(job: Job): Promise<number> {
  const { generate } = await import("./generate.ts");
  const { diskOf, staleFiles } = await import("./files.ts");
  const disk = diskOf(job.root);
  const result = await generate({ ...job, read: disk });
  if (result.problems.length > 0) return complain(result);
  const differing = [...result.files].filter(([path, text]) => disk(path) !== text).map(([path]) => path);
  const stale = staleFiles(job, result.files);
  for (const path of differing)
    process.stderr.write(`${path}: ${disk(path) === undefined ? "is missing" : "differs from a fresh run"}\n`);
  for (const path of stale) process.stderr.write(`${path}: is made of nothing any more\n`);
  if (differing.length + stale.length > 0) {
    process.stderr.write("Run npm run generate and commit what it writes.\n");
    return 1;
  }
  say(`${result.files.size} files are as a fresh run makes them.`);
  return 0;
}

function complain({ problems }: { problems: readonly Parameters<typeof problemText>[0][] }): number {
  process.stderr.write(
    `${problems.map(problemText).join("\n")}\n\n${problems.length} ${problems.length === 1 ? "problem" : "problems"}; nothing was written.\n`,
  );
  return 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
