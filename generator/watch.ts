import { watch as watchFile } from "node:fs";
import { join } from "node:path";
import { inputsOf } from "./cache.ts";
import type { Job } from "./job.ts";

/** Editors write in several steps; this much quiet means that they are done. */
const QUIET_MS = 100;

/** Runs again whenever something changes that a run reads, until the process is told to stop. */
export async function watch(job: Job, run: () => Promise<number>): Promise<void> {
  const next = () => changeOf(inputsOf(job).map((path) => join(job.root, path)));
  let change = next();
  process.stdout.write("Watching for changes; Ctrl-C ends it.\n");
  for (;;) {
    await change;
    change = next(); // what is saved during a run is for the next one
    await run();
  }
}

function changeOf(paths: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const watchers = paths.map((path) =>
      watchFile(path, () => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          for (const each of watchers) each.close();
          resolve();
        }, QUIET_MS);
      }),
    );
  });
}
