import { readFileSync } from "node:fs";
import { DockerfileParser, type From, type Instruction, type ModifiableInstruction } from "dockerfile-ast";

/** One stage of the Dockerfile, as far as the checks read it. */
export interface Stage {
  readonly name: string | undefined;
  readonly image: string;
  readonly instructions: readonly Step[];
}

export interface Step {
  readonly keyword: string;
  /** `from`, `chown` and so on. */
  readonly flags: Readonly<Record<string, string>>;
  /** Words, or the strings of the JSON form. */
  readonly words: readonly string[];
  /** As it is written, line ends included. */
  readonly text: string;
  readonly line: number;
}

export const dockerfileText = readFileSync("Dockerfile", "utf8");

/** The stages in their order; the last is the image. */
export function stagesOf(text: string): Stage[] {
  const stages: (Stage & { instructions: Step[] })[] = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction.getKeyword() === "FROM") {
      const from = instruction as From;
      stages.push({ name: from.getBuildStage() ?? undefined, image: from.getImage()!, instructions: [] });
    } else stages.at(-1)?.instructions.push(stepOf(instruction));
  }
  return stages;
}

export const image = (): Stage => stagesOf(dockerfileText).at(-1)!;

/** What the image runs, word by word. */
export function commandOf(keyword: "CMD" | "HEALTHCHECK"): string[] {
  const steps = image().instructions.filter((step) => step.keyword === keyword);
  if (steps.length !== 1) throw new Error(`The image has ${steps.length} ${keyword}.`);
  return [...steps[0]!.words];
}

/** Variables that the image sets. */
export function environmentOf(stage: Stage): Record<string, string> {
  const pairs = stage.instructions
    .filter(({ keyword }) => keyword === "ENV")
    .flatMap(({ words }) => words.map((word) => word.split("=") as [string, string]));
  return Object.fromEntries(pairs);
}

function stepOf(instruction: Instruction): Step {
  const flags = (instruction as Partial<ModifiableInstruction>).getFlags?.() ?? [];
  return {
    keyword: instruction.getKeyword(),
    flags: Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? ""])),
    words: wordsOf(instruction),
    text: instruction.getRawArgumentsContent() ?? "",
    line: instruction.getRange().start.line + 1,
  };
}

function wordsOf(instruction: Instruction): string[] {
  const text = instruction.getRawArgumentsContent() ?? "";
  const command = instruction.getKeyword() === "HEALTHCHECK" ? text.replace(/^[\s\S]*?\bCMD\s+/, "") : text;
  return command.startsWith("[")
    ? JSON.parse(command)
    : instruction.getArguments().map((argument) => argument.getValue());
}
