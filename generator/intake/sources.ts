import { isMap, parseDocument } from "yaml";

/** Where an extract comes from. */
export interface Source {
  /** Public address of the original, or its file name when there is none. */
  readonly address: string;
  /** Day of the original, YYYY-MM-DD. */
  readonly date: string;
  readonly version: string;
  readonly sha256: string;
}

const HEADER = ` Where each description in this folder comes from. Extracts are written by \`npm run spec\`, which keeps this list.
 sha256 is of the original file, which is not here: vendors' documents are not openly licensed.`;

export function sourceOf(text: string, vendor: string): Partial<Source> | undefined {
  const entry = parseDocument(text).get(vendor);
  return isMap(entry) ? (entry.toJSON() as Partial<Source>) : undefined;
}

/** The list with one entry replaced or added, vendors in alphabetical order, comments kept. */
export function withSource(text: string, vendor: string, source: Source): string {
  const document = parseDocument(text || "{}");
  if (!document.commentBefore) document.commentBefore = HEADER;
  document.set(vendor, document.createNode({ ...sourceOf(text, vendor), ...source }));
  if (isMap(document.contents)) {
    document.contents.flow = false;
    document.contents.items.sort((a, b) => (String(a.key) < String(b.key) ? -1 : 1));
  }
  return document.toString({ lineWidth: 0 });
}
