import { distil } from "../intake/distil.ts";
import { lint } from "../intake/lint.ts";
import { prune } from "../intake/prune.ts";
import type { JsonObject } from "../model/json.ts";
import type { OpenApi, Operation, Schema } from "../model/openapi.ts";
import type { Problem } from "../model/problem.ts";

export interface Facts {
  /** The operations that could be read, and the types they reach. */
  readonly document: OpenApi;
  /** Why the others could not, by title. */
  readonly refused: ReadonlyMap<string, Problem>;
}

/** Reads these operations; one that has a problem is left out with its reason and does not spoil the others. */
export function readFacts(source: JsonObject, titles: readonly string[], name: string): Facts {
  const refused = new Map<string, Problem>();
  let wanted = titles;
  if (problemOf(source, titles, name)) {
    for (const title of titles) {
      const problem = problemOf(source, [title], name);
      if (problem) refused.set(title, problem);
    }
    wanted = titles.filter((title) => !refused.has(title));
  }
  return { document: distil(source, { name, operations: wanted }).document, refused };
}

function problemOf(source: JsonObject, operations: readonly string[], name: string): Problem | undefined {
  const { document, problems } = distil(source, { name, operations });
  return problems[0] ?? lint(prune(document, {}), name)[0];
}

/** The JSON answer of the first success, as the generator reads it. */
export function answerOf({ responses }: Operation): Schema | undefined {
  for (const [status, { content = {} }] of Object.entries(responses)) {
    const media = Object.keys(content).find((type) => type.includes("json") || type === "*/*");
    if (/^2/.test(status) && media !== undefined) return content[media]!.schema;
  }
}

/** The JSON body, and whether it must be sent; nothing when bodies have another form. */
export function bodyOf({ requestBody }: Operation): Schema | undefined {
  const [[media, content] = []] = Object.entries(requestBody?.content ?? {});
  return media?.includes("json") ? content?.schema : undefined;
}
