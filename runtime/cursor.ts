import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { canonicalJson } from "./contract.ts";
import { ToolError } from "./errors.ts";
import type { Listing, Resume } from "./pages.ts";
import type { Tool } from "./tool.ts";

/** A place in a list as opaque text. Vendors' page numbers and cursors are in it, nothing secret. */
export const closePlace = ({ at, size, offset }: Resume): string =>
  Buffer.from(JSON.stringify([at ?? null, size ?? null, offset])).toString("base64url");

const MAX = 100_000;

/** @throws ToolError INVALID_INPUT for a text that is no place of this list */
export function openPlace(text: string, listing: Pick<Listing<unknown>, "accepts">): Resume {
  const [at, size, offset, ...others] = arrayIn(text);
  const fits =
    others.length === 0 &&
    isCount(offset, 0) &&
    (size === null || isCount(size, 1)) &&
    listing.accepts((at ?? undefined) as Resume["at"]);
  if (!fits) throw badCursor();
  return { at: at ?? undefined, size: size ?? undefined, offset } as Resume; // each was checked above
}

const isCount = (value: unknown, least: number) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= MAX;

function arrayIn(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

type Named = Pick<Tool, "name">;
type Input = Readonly<Record<string, unknown>>;

const MARK_LENGTH = 12;

/** A cursor belongs to one tool and its arguments; the mark in front of the place says to which. */
export const closeCursor = (tool: Named, input: Input, place: string, seal?: string): string =>
  markOf(tool, input, place, seal) + place;

/** @throws ToolError INVALID_INPUT when the cursor is of another query, or was closed with none of the seals */
export function openCursor(
  tool: Named,
  input: Input,
  cursor: string,
  seals: readonly (string | undefined)[] = [undefined],
): string {
  const place = cursor.slice(MARK_LENGTH);
  const given = Buffer.from(cursor);
  const fits = seals.some((seal) => {
    const right = Buffer.from(closeCursor(tool, input, place, seal));
    return given.length === right.length && timingSafeEqual(given, right);
  });
  if (!fits) throw badCursor();
  return place;
}

/**
 * Without a seal it finds mistakes and need not keep anybody out, because every place of a list is the caller's to read. Where the
 * caller may read a part only, places count what is left out, so the mark is one that nobody can make without the seal.
 */
function markOf(
  { name }: Named,
  { cursor: _cursor, limit: _limit, ...query }: Input,
  place: string,
  seal: string | undefined,
): string {
  const hash = seal === undefined ? createHash("sha256") : createHmac("sha256", seal);
  return hash
    .update(canonicalJson([name, query, place]))
    .digest("base64url")
    .slice(0, MARK_LENGTH);
}

const badCursor = () =>
  new ToolError("INVALID_INPUT", "cursor is not one that this tool gave for these arguments.", {
    fields: [{ field: "cursor", message: "is not one that this tool gave for these arguments" }],
    advice: "Leave out cursor to start from the beginning.",
  });
