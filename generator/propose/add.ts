import type { IntakeResult } from "../intake/intake.ts";
import { takeIn } from "../intake/intake.ts";
import type { JsonObject } from "../model/json.ts";
import type { Problem } from "../model/problem.ts";
import type { Draft } from "./draft.ts";
import { isProposal, propose, type Wish } from "./propose.ts";
import { settle } from "./settle.ts";

export interface Added {
  readonly draft: Draft;
  readonly intake: IntakeResult;
  /** What was looked at and is not in the draft, with the reason. */
  readonly left: readonly Problem[];
}

/** A draft that the generator takes, with the extract it needs; or all that is in the way. Nothing is read or written here. */
export function addVendor(
  document: JsonObject,
  wish: Wish & { readonly file: string },
): Added | { problems: readonly Problem[] } {
  const proposed = propose(document, wish);
  if (!isProposal(proposed)) return proposed;
  const intake = takeIn({ name: wish.name, document, operations: proposed.routes });
  if (intake.problems.length > 0) return { problems: intake.problems };
  const { draft, dropped, problems } = settle(proposed.draft, intake.document, wish.file);
  if (problems.length > 0) return { problems };
  const left = [...proposed.left, ...dropped];
  return draft.tools.size > 0 ? finished(document, draft, wish.name, left) : { problems: [noTool(wish.name), ...left] };
}

/** With the extract cut to what the draft uses. */
export function finished(document: JsonObject, draft: Draft, name: string, left: readonly Problem[]): Added {
  const verify = String(draft.head.verify);
  const routes = [
    ...(draft.operations.has(verify) || verify === "none" ? [] : [verify]),
    ...[...draft.operations.values()].map((each) => each.do),
  ];
  return { draft, intake: takeIn({ name, document, operations: [...new Set(routes)] }), left };
}

export const noTool = (name: string): Problem => ({
  where: `${name} paths`,
  message: "no operation could be made a tool",
});

export const isAdded = (value: object): value is Added => "draft" in value;
