import { type JsonObject, objectOf } from "../model/json.ts";
import { type OpenApi, operationsIn } from "../model/openapi.ts";
import type { Problem } from "../model/problem.ts";
import { isSdl, type Sdl } from "../model/sdl.ts";
import { distil } from "./distil.ts";
import { takeInSdl } from "./graphql.ts";
import { lint } from "./lint.ts";
import { keepNamed } from "./named.ts";
import { applyOverlay } from "./overlay.ts";
import { prune } from "./prune.ts";
import { applyRepairs } from "./repair.ts";

export interface IntakeResult {
  readonly document: OpenApi;
  readonly problems: readonly Problem[];
  readonly overlayUsed: readonly string[];
  readonly notes: ReadonlyMap<string, number>;
}

export interface Intake {
  /** File name of the original, for problems. */
  readonly name: string;
  /** An OpenAPI 3 document or SDL as data, as `parseSpec` gives it. */
  readonly document: JsonObject;
  readonly overlay?: { readonly name: string; readonly document: JsonObject };
  /** As `GET /path`; all when left out. */
  readonly operations?: readonly string[];
  /** Names of the fields and parameters in use; an overlay with `x-keep: named` leaves the rest out. */
  readonly names?: ReadonlySet<string>;
}

/** From a vendor's document to our extract: corrected by overlay, reduced to facts, cut to the operations in use, checked. */
export function takeIn({ name, document, overlay, operations, names }: Intake): IntakeResult {
  const wanted = { name, ...(overlay && { overlay }), ...(operations && { operations }), ...(names && { names }) };
  if (isSdl(document)) return takeInSdl({ ...wanted, sdl: document as unknown as Sdl });
  const repaired = applyRepairs(document, overlay?.document["x-repairs"], overlay?.name ?? "");
  const overlaid = overlay ? applyOverlay(repaired.document, overlay.document, overlay.name) : repaired;
  const {
    document: facts,
    problems,
    notes,
  } = distil(overlaid.document, {
    name,
    ...(operations && { operations }),
    short: overlay?.document["x-names"] === "short",
  });
  const named = names && overlay?.document["x-keep"] === "named" ? keepNamed(facts, names) : undefined;
  const extract = prune(named?.document ?? facts, {});
  const missing = operations ? missingFrom(facts, operations, name) : [];
  const corrections = overlay ? [...repaired.problems, ...overlaid.problems] : [];
  return {
    document: extract,
    problems: [...corrections, ...problems, ...missing, ...lint(extract, name)],
    overlayUsed: overlay ? [...repaired.used, ...overlaid.used] : [],
    notes: new Map([
      ...notes,
      ...droppedFrom(overlaid.document),
      ...(named
        ? ([
            ["fields that no tool names, dropped", named.fields],
            ["parameters that no tool names, dropped", named.parameters],
          ] as const)
        : []),
    ]),
  };
}

function missingFrom(document: OpenApi, operations: readonly string[], name: string): Problem[] {
  const found = new Set([...operationsIn(document)].map(([title]) => title));
  return [...new Set(operations)]
    .filter((each) => !found.has(each))
    .map((each) => ({ where: name, message: `has no operation ${each}` }));
}

/** What distilling leaves behind by its nature, counted for the report. */
function droppedFrom(document: JsonObject): [string, number][] {
  const ids = new Map<string, number>();
  let prose = 0;
  const count = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) count(each);
    else if (typeof value === "object" && value !== null) {
      for (const [key, each] of Object.entries(value)) {
        if (typeof each === "string" && (key === "description" || key === "summary")) prose++;
        if (typeof each === "string" && key === "operationId") ids.set(each, (ids.get(each) ?? 0) + 1);
        if (typeof each === "object") count(each);
      }
    }
  };
  count(document);
  const twice = [...ids.values()].filter((uses) => uses > 1).length;
  const all: [string, number][] = [
    ["descriptions and summaries dropped", prose],
    ["operationIds dropped", ids.size],
    ["operationIds that were used twice", twice],
    ["servers dropped", Array.isArray(document.servers) ? document.servers.length : 0],
    ["security schemes dropped", Object.keys(objectOf(objectOf(document.components).securitySchemes)).length],
  ];
  return all.filter(([, amount]) => amount > 0);
}
