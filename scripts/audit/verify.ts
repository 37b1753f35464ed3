import { readAnchors } from "../../gateway/audit/anchor-file.ts";
import type { Anchor } from "../../gateway/audit/anchor-keys.ts";
import { wordsOf } from "../../gateway/audit/fault-words.ts";
import { type Verdict, verifyAll, verifyChain } from "../../gateway/audit/verify.ts";
import { openGateway } from "./open.ts";

/** @returns the exit code */
export async function verify({
  org,
  anchors: file,
  json,
}: {
  org?: string;
  anchors?: string;
  json?: boolean;
}): Promise<number> {
  let outside: Anchor[] | undefined;
  try {
    outside = file === undefined ? undefined : await readAnchors(file);
  } catch (error) {
    console.error(`--anchors: ${error instanceof Error ? error.message : "cannot be read"}`);
    return 2;
  }
  const { db, keys } = await openGateway();
  try {
    const options = { outside, onProgress: progress() };
    const verdicts = org
      ? [await verifyChain(db, org, keys.audit, { ...options, outside: outside?.filter((one) => one.org === org) })]
      : await verifyAll(db, keys.audit, options);
    const [only] = verdicts;
    if (org && only?.ok && only.events === 0) {
      // Nothing is not intact: most likely the id is mistyped.
      console.error(`No organisation ${org} has events here.`);
      return 2;
    }
    if (json) console.log(JSON.stringify(verdicts.map((verdict) => ({ ...verdict, words: wordsOf(verdict) }))));
    else for (const verdict of verdicts) console.log(`${verdict.org}: ${wordsOf(verdict)}`);
    return exitCode(verdicts);
  } finally {
    await db.destroy();
  }
}

/** What is wrong goes before what is not proven. */
function exitCode(verdicts: readonly Verdict[]): number {
  const reasons = new Set(verdicts.flatMap((verdict) => (verdict.ok ? [] : [verdict.reason])));
  if (reasons.size === 0) return 0;
  const unproven = [...reasons].every((reason) => reason === "key missing" || reason === "unanchored");
  if (!unproven) return 1;
  return reasons.has("key missing") ? 3 : 2;
}

const EVERY_MS = 2000;

/** A line on the way for chains that take longer; nothing for the others. */
function progress() {
  let next = Date.now() + EVERY_MS;
  return (done: number, total: number) => {
    if (Date.now() < next) return;
    next = Date.now() + EVERY_MS;
    console.error(`${done} of ${total} events, ${Math.floor((100 * done) / total)} %`);
  };
}
