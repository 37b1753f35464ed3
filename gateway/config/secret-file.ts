import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * The text of a file that others may not read. Root may let its group read it: so orchestrators hand secrets to a process
 * that is not root.
 * @throws Error that says what is wrong: missing, not a file, or readable by others
 */
export function readSecretFile(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new Error("the file does not exist; correct the path, or put the file there");
  if (!found.isFile()) throw new Error("this is not a file");
  const open = found.uid === 0 ? 0o037 : 0o077;
  if ((found.mode & open) !== 0) {
    const mode = (found.mode & 0o777).toString(8).padStart(4, "0");
    throw new Error(`the file has mode ${mode}, so others may read it; close it with chmod 600`);
  }
  return readFileSync(file, "utf8");
}

/**
 * Writes a new file that only its owner may read, whole or not at all.
 * @returns false when the file was there already: a key is never overwritten
 */
export function writeSecretFile(file: string, text: string): boolean {
  makePrivateFolder(dirname(file));
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

/** The old content stays whole until the new one is. */
export function replaceSecretFile(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  renameSync(draft, file);
}

/** One that exists stays as it is: it may be shared on purpose, and what we write into it has modes of its own. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}
