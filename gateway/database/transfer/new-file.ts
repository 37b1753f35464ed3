import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Place } from "../index.ts";

/**
 * A database file that is not there yet is filled beside its name, and gets it when it is whole: what fails or is killed on the
 * way leaves nothing that a gateway could take for an installation. Any other place is filled where it is.
 */
export async function inNewFile<Result>(place: Place, fill: (place: Place) => Promise<Result>): Promise<Result> {
  if (!("file" in place) || existsSync(place.file)) return await fill(place);
  const part = `${place.file}.part`;
  remove(part); // of a run that was killed
  try {
    const result = await fill({ file: part });
    if (existsSync(`${part}-wal`)) throw new Error(`${part} is still in use. Nothing was kept.`);
    renameSync(part, place.file);
    settle(dirname(place.file));
    return result;
  } finally {
    remove(part);
  }
}

function remove(part: string) {
  for (const end of ["", "-wal", "-shm"]) rmSync(`${part}${end}`, { force: true });
}

/** The name on the disk; the content is there since its transaction ended. */
function settle(folder: string) {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
