import type { OpenApi } from "../model/openapi.ts";
import type { Problem } from "../model/problem.ts";
import type { Proposed } from "./draft.ts";
import type { Resource } from "./routes.ts";
import { toolsOf } from "./tools.ts";

/** How many kinds of things become tools, and how many tools there are at most. */
const KINDS = 4;
const MOST = 12;

interface Named {
  readonly slug: string;
  readonly prefix: string;
  /** Of the description, for problems. */
  readonly name: string;
}

/** The tools of the first few resources that have any. */
export function chosenFrom(
  resources: readonly Resource[],
  document: OpenApi,
  constants: ReadonlyMap<string, string>,
  { prefix, name, slug }: Named,
  left: Problem[],
): Proposed[] {
  const made: Proposed[] = [];
  const longest = Math.min(40 - prefix.length - 1, 64 - `mcp__${slug}__${prefix}_`.length);
  let kinds = 0;
  for (const resource of resources) {
    if (kinds === KINDS) break;
    if (resource.isDull && made.length > 0) continue;
    const isTaken = (noun: readonly string[]) =>
      made.some(({ key }) => key.endsWith(`_${noun.join("_")}`) || key === `list_${noun.join("_")}s`);
    const noun = isTaken(resource.noun) ? [...resource.parent, ...resource.noun] : resource.noun;
    const { tools, refused } = toolsOf(resource, {
      document,
      constants,
      noun: fitted(noun, longest),
      prefix,
      ...(resource.verb !== undefined && { verb: resource.verb }),
    });
    left.push(...refused.map(({ title, reason }) => ({ where: `${name} ${title}`, message: reason })));
    const fresh = tools.filter(
      ({ key, operationName }) =>
        key.length <= longest && !made.some((other) => other.key === key || other.operationName === operationName),
    );
    if (fresh.length === 0) continue;
    made.push(...fresh);
    kinds++;
  }
  return made.slice(0, MOST);
}

/** As many of its last words as a tool's name has room for, behind a verb and with a plural's end. */
function fitted(noun: readonly string[], longest: number): readonly string[] {
  const room = longest - "create_".length - 2;
  let words = noun;
  while (words.length > 1 && words.join("_").length > room) words = words.slice(1);
  return words.join("_").length > room ? [words.join("").slice(0, room)] : words;
}
