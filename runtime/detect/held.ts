import type { Finding } from "./detector.ts";
import { literally } from "./pattern.ts";

/** Most values that are looked for. */
const MOST = 300;

/** Finds what hidden fields held, by what hid it, as whole words and whatever their capitals. */
export function heldFinder(held: ReadonlyMap<string, string>): (text: string) => (Finding & { readonly by: string })[] {
  const by = new Map([...held].slice(0, MOST).map(([text, name]) => [text.toLowerCase(), name]));
  if (by.size === 0) return () => [];
  const longestFirst = [...by.keys()].sort((a, b) => b.length - a.length);
  const shape = new RegExp(`(?<![\\p{L}\\p{N}])(?:${longestFirst.map(literally).join("|")})(?![\\p{L}\\p{N}])`, "giu");
  return (text) =>
    [...text.matchAll(shape)].map(({ 0: value, index }) => {
      const name = by.get(value.toLowerCase()) ?? "field";
      return { start: index, end: index + value.length, mark: "[hidden]", by: name === "redact" ? "field" : name };
    });
}
