import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { Project } from "ts-morph";
import { type Diagnosis, diagnose, type Question } from "./diagnose.ts";
import { formatted } from "./format.ts";
import type { Problem } from "./model/problem.ts";

/** With fewer files, a second compiler would take longer to start than to help. */
const MANY = 60;

/**
 * Compiles what was emitted, in memory beside the real runtime: whatever the compiler does not like becomes a problem at the
 * YAML line that the file comes from, and imports that nothing uses go.
 */
export async function checkTypes(
  root: string,
  files: ReadonlyMap<string, string>,
  changed: readonly string[],
  places: ReadonlyMap<string, string>,
): Promise<{ problems: Problem[]; files: Map<string, string> }> {
  const [here, there] = changed.length < MANY ? [changed, []] : halves(changed, files);
  const elsewhere = there.length > 0 ? inThread({ root, files, paths: there }) : undefined;
  const diagnoses = [diagnose({ root, files, paths: here }), ...(elsewhere ? [await elsewhere] : [])];
  const problems = diagnoses.flatMap(({ findings }) =>
    findings.map(
      ({ path, text, line }): Problem => ({
        where: places.get(path) || path,
        message: `the code made of it does not compile: ${text.replaceAll(/\s+/g, " ").slice(0, 300)}`,
        hint: `${path}${line === undefined ? "" : `:${line}`}`,
      }),
    ),
  );
  const untidy = problems.length > 0 ? [] : diagnoses.flatMap((one) => one.untidy);
  return { problems, files: untidy.length > 0 ? await formatted(organised(untidy, files)) : new Map() };
}

async function inThread(question: Question): Promise<Diagnosis> {
  const worker = new Worker(new URL("./diagnose-worker.ts", import.meta.url), { workerData: question });
  const [diagnosis] = (await once(worker, "message")) as [Diagnosis];
  return diagnosis;
}

/** Two parts that take about as long: whole folders, because the files of one vendor share most of what they import. */
function halves(paths: readonly string[], files: ReadonlyMap<string, string>): [string[], string[]] {
  const sizeOf = (some: readonly string[]) => some.reduce((total, path) => total + files.get(path)!.length, 0);
  const folders = [...Map.groupBy(paths, folderOf).values()].sort((a, b) => sizeOf(b) - sizeOf(a));
  const parts: [string[], string[]] = [[], []];
  for (const folder of folders) parts[sizeOf(parts[0]) <= sizeOf(parts[1]) ? 0 : 1].push(...folder);
  return parts;
}

/** `generated/acme/tools/list-all.ts` belongs to `generated/acme`. */
const folderOf = (path: string) => path.replace(/(?:\/tools)?\/[^/]+$/, "");

/** Drops imports that nothing uses. That needs no types. */
function organised(paths: readonly string[], files: ReadonlyMap<string, string>): Map<string, string> {
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    compilerOptions: { noLib: true, noResolve: true },
  });
  return new Map(
    paths.map((path) => {
      const file = project.createSourceFile(`/${path}`, files.get(path)!);
      file.organizeImports();
      return [path, file.getFullText()];
    }),
  );
}
