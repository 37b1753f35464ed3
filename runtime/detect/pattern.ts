import { type Finding, matches } from "./detector.ts";

/** What an organisation wants hidden wherever it is found. */
export interface Pattern {
  readonly name: string;
  /** In the wildcards of `compilePattern`; or made by us. */
  readonly pattern: string | RegExp;
}

const LONGEST = 200;
/** What a `*` stands for at most. */
const LONGEST_RUN = 64;

export type CompiledPattern =
  | { readonly ok: true; readonly shape: RegExp }
  | { readonly ok: false; readonly problem: string };

/**
 * `EMP-#####`, `PROJ-*`, `@@##`: `#` is a digit, `@` a letter, `?` one character, `*` up to 64 that are no blanks, `\` takes the next
 * one as it is; capitals do not matter, and a match is not part of a longer word. People who write rules know wildcards, and no
 * text can make them slow: two runs of at most 64 characters are tried for each place, where a regular expression of a
 * person's choice could take for ever.
 */
export function compilePattern(pattern: string): CompiledPattern {
  if (pattern.length > LONGEST) return { ok: false, problem: `at most ${LONGEST} characters` };
  const parts = [...pattern.trim().matchAll(/\\(.)|([#@?*])|(\s+)|([^\\])/gsu)].map(
    ([, escaped, sign, blank, other]) => ({ sign, text: escaped ?? other, blank }),
  );
  const runs = parts.filter(({ sign }) => sign === "*").length;
  const fixed = parts.filter(({ sign, text }) => text !== undefined || sign === "#" || sign === "@").length;
  if (runs > 2) return { ok: false, problem: "at most two *" };
  if (fixed < 3) return { ok: false, problem: "at least three characters, # or @: less would hide nearly everything" };
  const source = parts.map(({ sign, text, blank }) => {
    if (blank !== undefined) return "\\s{1,3}";
    if (sign === "#") return "\\p{Nd}";
    if (sign === "@") return "\\p{L}";
    if (sign === "?") return "[^\\n]";
    return sign === "*" ? `[^\\s]{0,${LONGEST_RUN}}` : literally(text!);
  });
  return { ok: true, shape: new RegExp(`(?<![\\p{L}\\p{N}_])${source.join("")}(?![\\p{L}\\p{N}_])`, "giu") };
}

/** A text as a regular expression that matches nothing else. */
export const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

interface Shaped {
  readonly name: string;
  readonly shape: RegExp;
}

/** An organisation's patterns stay the same from call to call. */
const compiled = new WeakMap<readonly Pattern[], readonly Shaped[]>();

/** Where the patterns match; one that does not compile finds nothing, since nobody could have saved it. */
export function patternFinder(patterns: readonly Pattern[]): (text: string) => (Finding & { readonly by: string })[] {
  const shapes = compiled.get(patterns) ?? patterns.flatMap(shapeOf);
  compiled.set(patterns, shapes);
  return (text) =>
    shapes.flatMap(({ name, shape }) => {
      const mark = `[hidden: ${name.replace(/[[\]\n]/g, "").slice(0, 60)}]`;
      return matches(text, shape, mark, (value) => value !== "").map((found) => ({ ...found, by: `pattern:${name}` }));
    });
}

function shapeOf({ name, pattern }: Pattern): Shaped[] {
  if (typeof pattern !== "string") return [{ name, shape: pattern }];
  const result = compilePattern(pattern);
  return result.ok ? [{ name, shape: result.shape }] : [];
}
