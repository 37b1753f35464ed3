import { z } from "zod";

/** Where the next page of a list goes on: behind this one, in the order of names. */
export interface Cursor {
  readonly name: string;
  readonly id: string;
}

export const cursorText = ({ name, id }: Cursor): string =>
  Buffer.from(JSON.stringify([name, id])).toString("base64url");

const Read = z.tuple([z.string(), z.string()]);

/** What somebody made up shows the list from its beginning. */
export function readCursor(text: string): Cursor | undefined {
  try {
    const [name, id] = Read.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
    return { name, id };
  } catch {
    return undefined;
  }
}
