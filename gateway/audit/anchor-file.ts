import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { Anchor } from "./anchor-keys.ts";

const Line = z.object({
  org: z.string(),
  seq: z.int().positive(),
  mac: z.string(),
  at: z.int(),
  key: z.string(),
  signature: z.string(),
});

export const anchorLine = (anchor: Anchor): string => `${JSON.stringify(Line.parse(anchor))}\n`;

/** Adds lines at the end of a file that only its owner may read; they are on the disk when it resolves. */
export async function appendAnchors(file: string, anchors: readonly Anchor[]): Promise<void> {
  const handle = await open(file, "a", 0o600);
  try {
    await handle.appendFile(anchors.map(anchorLine).join(""));
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** @throws Error that names the line which is no anchor, or that the file cannot be read */
export async function readAnchors(file: string): Promise<Anchor[]> {
  const anchors: Anchor[] = [];
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line.trim() === "") continue;
    const anchor = Line.safeParse(jsonOf(line));
    if (!anchor.success) throw new Error(`${file}:${number} is no anchor.`);
    anchors.push(anchor.data);
  }
  return anchors;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
