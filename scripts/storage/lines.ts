import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";

/** Far above what is written, see `LONG`; a line that swells to more is none of ours. */
const LONGEST = 64 * 2 ** 20;

/** The writer splits rows over lines of about this length; a single row is shorter. */
export const LONG = 8 * 2 ** 20;

/**
 * The lines of a gzipped file, one in memory at a time. Lines end with \n alone: what people write may hold every other mark of
 * a line's end.
 * @throws what `damaged` makes when it is no such file, or holds a line that is too long
 */
export async function* linesOf(file: string, damaged: () => Error): AsyncGenerator<string> {
  const unzipped = createGunzip();
  const source = createReadStream(file).on("error", (error) => unzipped.destroy(error));
  source.pipe(unzipped).setEncoding("utf8");
  let pending: string[] = [];
  let length = 0;
  try {
    for await (const chunk of unzipped as AsyncIterable<string>) {
      const [first = "", ...others] = chunk.split("\n");
      pending.push(first);
      length += first.length;
      if (length > LONGEST) throw damaged();
      for (const next of others) {
        yield pending.join("");
        pending = [next];
        length = next.length;
      }
    }
  } catch {
    throw damaged();
  } finally {
    source.destroy();
    unzipped.destroy();
  }
  if (length > 0) yield pending.join("");
}
