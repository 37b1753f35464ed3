import { operationsOf } from "../build/choice.ts";
import { words } from "../model/names.ts";
import type { Access, ToolModel } from "../model/tool.ts";
import type { ToolYaml } from "../read/schema.ts";
import type { Gate } from "./vendor.ts";

/** Words for running code or cutting power. Whoever means something harmless says why. */
const FORCEFUL = new Set(
  "run job script command execute exec reboot restart shutdown poweroff wipe uninstall kill".split(" "),
);

const rank: Readonly<Record<Access, number>> = { read: 0, reveal: 1, write: 1, destroy: 2 };

/** A tool's tier is at least that of its steps. What cannot be derived must be stated, and lowering needs a reason. */
export function checkAccess(tool: ToolModel, yaml: ToolYaml, { problem }: Gate): void {
  const at = ["tools", tool.key];
  const here = yaml.access === undefined ? at : [...at, "access"];
  const sends = tool.steps.filter(({ kind }) => kind === "send").flatMap(({ choice }) => operationsOf(choice));
  if (yaml.access === undefined && sends.length > 0) {
    problem(
      at,
      `is not classified: it sends ${sends.map(({ name }) => name).join(", ")}`,
      "say access: write or access: destroy",
    );
    return;
  }
  if (sends.length > 0 && (tool.access === "read" || tool.access === "reveal")) {
    problem(here, `a tool that sends needs access: write or destroy, found ${tool.access}`);
    return;
  }
  if (sends.length === 0 && (tool.access === "write" || tool.access === "destroy")) {
    problem(here, `access: ${tool.access} on a tool that changes nothing`);
  }
  const needed = neededBy(tool, sends);
  if (needed && rank[tool.access] < rank.destroy && !yaml.reason) {
    problem(here, `needs access: destroy: ${needed}`, "or a reason why it does no harm");
  }
  if (tool.access === "reveal") checkReveal(tool, { problem });
}

function neededBy(tool: ToolModel, sends: ReturnType<typeof operationsOf>): string | undefined {
  const deletes = sends.find(({ method }) => method === "delete");
  if (deletes) return `${deletes.name} deletes`;
  // A read tool may well speak of jobs and scripts; only its verb counts.
  const ownWords = sends.length > 0 ? words(tool.key) : words(tool.key).slice(0, 1);
  const own = ownWords.find((word) => FORCEFUL.has(word) && word !== "job" && word !== "script" && word !== "command");
  if (own) return `its name says "${own}"`;
  for (const { name, path } of sends) {
    const word = [...words(name), ...words(path.replaceAll(/\{[^}]*\}/g, ""))].find((each) => isForceful(each));
    if (word) return `${name} seems to ${word}`;
  }
}

const isForceful = (word: string) =>
  FORCEFUL.has(word) || FORCEFUL.has(word.replace(/s$/, "")) || /^(quick|remote)?(job|script|command)s?$/.test(word);

function checkReveal(tool: ToolModel, { problem }: Pick<Gate, "problem">): void {
  const at = ["tools", tool.key];
  if (tool.steps.some(({ kind, each }) => kind === "list" || each)) {
    problem([...at, "steps"], "a reveal tool answers one item: no list and no each");
  }
  if (!tool.inputs.some(({ name, presence }) => name === "reason" && presence === "required")) {
    problem(
      [...at, "input"],
      "a reveal tool asks for a reason",
      'reason: { type: string, min: 5, about: "Why it is needed." }',
    );
  }
}
