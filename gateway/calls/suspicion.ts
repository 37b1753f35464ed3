import { type Suspicion, suspicionsIn } from "../../runtime/index.ts";
import type { Call } from "./call.ts";
import { Denied, refusedByPolicy } from "./denied.ts";

/**
 * What of the arguments looks like an exfiltration or an injection, as far as the organisation wants to know.
 * @throws Denied where it wants such calls blocked; the words name the argument, never its text
 */
export function suspicionsOf({ entry, caller }: Call, input: Readonly<Record<string, unknown>>): readonly Suspicion[] {
  const { suspicion } = caller.policy.document;
  const found = suspicionsIn(entry.tool, input).filter(({ kind }) => suspicion[kind] !== "off");
  const blocked = found.find(({ kind }) => suspicion[kind] === "block");
  if (blocked) throw new Denied(`suspected-${blocked.kind}`, refusal(blocked, caller.orgName), { marks: found });
  return found;
}

const LOOKS: Readonly<Record<Suspicion["kind"], string>> = {
  exfiltration: "would carry data out",
  injection: "speaks to a model",
};

const refusal = ({ kind, argument }: Suspicion, organisation: string) =>
  refusedByPolicy(
    `The argument ${argument} looks as if it ${LOOKS[kind]}, and ${organisation} blocks such calls; an owner or admin can change that under Admin, Policy.`,
  );

/** For the audit log: what looked so and where, without the text. */
export const marksOf = (found: readonly Suspicion[]) =>
  found.map(({ kind, argument, mark }) => `${kind} ${mark} ${argument}`);
