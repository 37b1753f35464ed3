import { isObject, type JsonObject, objectOf } from "../model/json.ts";
import { methods, type OpenApi, operationsIn } from "../model/openapi.ts";
import { isSdl, type Sdl } from "../model/sdl.ts";
import { countOperations } from "./graphql.ts";
import type { IntakeResult } from "./intake.ts";

interface Size {
  readonly operations: number;
  readonly schemas: number;
  readonly bytes: number;
}

/** The extract as it is written to `specs/`: stable and readable in review. */
export const extractText = (document: OpenApi) => document.sdl ?? `${JSON.stringify(document, null, 2)}\n`;

const sizeOfExtract = (document: OpenApi): Size => ({
  operations: [...operationsIn(document)].length,
  schemas: Object.keys(document.components.schemas).length,
  bytes: Buffer.byteLength(extractText(document)),
});

export function sizeOfOriginal(document: JsonObject, bytes: number): Size {
  if (isSdl(document)) {
    const sdl = document as unknown as Sdl;
    return { operations: countOperations(sdl), schemas: Object.keys(sdl.types).length, bytes };
  }
  const items = Object.values(objectOf(document.paths)).filter(isObject);
  return {
    operations: items.reduce((sum, item) => sum + methods.filter((method) => isObject(item[method])).length, 0),
    schemas: Object.keys(objectOf(objectOf(document.components).schemas)).length,
    bytes,
  };
}

/** What was taken in, corrected and left behind, as Markdown. */
export function intakeReport(
  vendor: string,
  version: string,
  before: Size,
  { document, overlayUsed, notes }: IntakeResult,
): string {
  const after = sizeOfExtract(document);
  const row = (label: string, key: keyof Size) => `| ${label} | ${number(before[key])} | ${number(after[key])} |`;
  const unverified = [...operationsIn(document)].flatMap(([title, operation]) =>
    operation["x-unverified"] ? [title] : [],
  );
  return [
    `# Intake of ${vendor}`,
    "",
    `Version ${version}. Written by \`npm run spec\`; the extract holds facts (paths, names, types), none of the vendor's words.`,
    "",
    "| | original | extract |",
    "|---|---|---|",
    row("operations", "operations"),
    row("schemas", "schemas"),
    row("bytes", "bytes"),
    ...section("Corrections by overlay", overlayUsed),
    ...section(
      "Dropped and mended",
      [...notes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([text, count]) => `${text}: ${number(count)}`),
    ),
    ...section("Unverified operations", unverified),
    "",
  ].join("\n");
}

const section = (title: string, lines: readonly string[]) =>
  lines.length > 0 ? ["", `## ${title}`, "", ...lines.map((line) => `- ${line}`)] : [];

const number = (value: number) => value.toLocaleString("en-US");
