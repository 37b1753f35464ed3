import { exec } from "jsonpath-rfc9535";
import { arrayOf, isObject, type Json, type JsonObject, objectOf } from "../model/json.ts";
import type { Problem } from "../model/problem.ts";

export interface Overlaid {
  readonly document: JsonObject;
  /** One line per action: what it matched and why it is there. */
  readonly used: readonly string[];
  readonly problems: readonly Problem[];
}

type Place = readonly (string | number)[];

/**
 * Applies the actions of an OpenAPI Overlay 1.0 in order. Each needs a description, which is its reason, and must match:
 * an action that matches nothing means that the vendor has changed the place it corrects.
 */
export function applyOverlay(source: JsonObject, overlay: JsonObject, name: string): Overlaid {
  const problems: Problem[] = [];
  const used: string[] = [];
  let document: JsonObject = source;
  if (!String(overlay.overlay).startsWith("1.")) problems.push({ where: name, message: "expected overlay: 1.0.0" });

  for (const [index, action] of arrayOf(overlay.actions).entries()) {
    const where = `${name} actions.${index}`;
    const { target, description, update, remove } = isObject(action) ? action : {};
    const over = isObject(action) ? expired(action, source) : undefined;
    if (over) problems.push({ where, ...over });
    if (typeof target !== "string") problems.push({ where, message: "expected a target, a JSONPath of RFC 9535" });
    else if (typeof description !== "string" || !description)
      problems.push({ where, message: "expected a description: the reason" });
    else if ((remove === true) === (update !== undefined))
      problems.push({ where, message: "expected either update or remove: true" });
    else {
      const places = find(document, target);
      if (!places) problems.push({ where, message: `${target} is not a JSONPath of RFC 9535` });
      else if (places.length === 0)
        problems.push({
          where,
          message: `${target} matches nothing`,
          hint: "corrected by the vendor? then drop the action",
        });
      else {
        // Backwards, so that removing an element leaves the places before it where they are.
        for (const place of places.toReversed())
          document = change(document, place, remove === true ? undefined : update) as JsonObject;
        used.push(`${remove === true ? "remove" : "update"} ${target} (${places.length}): ${description}`);
      }
    }
  }
  return { document, used, problems };
}

/** `x-until`: the last version of the description that a correction is for, so that none outlives what it corrects. */
export function expired(correction: JsonObject, document: JsonObject): Omit<Problem, "where"> | undefined {
  const until = correction["x-until"];
  if (until === undefined) return;
  const { version } = objectOf(document.info);
  if (typeof until !== "string" && typeof until !== "number") return { message: "expected x-until: a version" };
  if (byVersion.compare(String(version ?? ""), String(until)) <= 0) return;
  return {
    message: `was until version ${until}; the description is ${version} now`,
    hint: "still wrong there? then raise x-until, else drop it",
  };
}

const byVersion = new Intl.Collator("en", { numeric: true });

function find(document: JsonObject, target: string): Place[] | undefined {
  const places: Place[] = [];
  try {
    exec(document as never, target, (_, path) => places.push([...path] as Place));
    return places;
  } catch {
    return undefined;
  }
}

/** A copy of `node` in which the place is removed, or merged with the update; what is not on the way is shared. */
function change(node: Json, place: Place, update: Json | undefined): Json {
  const [step, ...rest] = place;
  if (step === undefined) return update === undefined ? node : merge(node, update);
  const dropped = update === undefined && rest.length === 0;
  if (Array.isArray(node)) {
    return dropped
      ? node.toSpliced(Number(step), 1)
      : node.with(Number(step), change(node[Number(step)], rest, update));
  }
  const entries = Object.entries(node as JsonObject);
  const kept = dropped ? entries.filter(([key]) => key !== step) : entries;
  return Object.fromEntries(kept.map(([key, child]) => [key, key === step ? change(child, rest, update) : child]));
}

/** As Overlay 1.0 says: objects merge, arrays grow, anything else is replaced. */
function merge(before: Json, update: Json): Json {
  if (Array.isArray(before)) return [...before, ...(Array.isArray(update) ? update : [update])];
  if (!isObject(before) || !isObject(update)) return update;
  const added = Object.entries(update).filter(([key]) => !Object.hasOwn(before, key));
  const changed = Object.entries(before).map(
    ([key, value]) => [key, Object.hasOwn(update, key) ? merge(value, update[key] as Json) : value] as const,
  );
  return Object.fromEntries([...changed, ...added]);
}
