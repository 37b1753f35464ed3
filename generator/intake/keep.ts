import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { JsonObject } from "../model/json.ts";
import { unpacked } from "../read/spec.ts";
import type { IntakeResult } from "./intake.ts";
import { extractText, intakeReport, sizeOfOriginal } from "./report.ts";
import { sourceOf, withSource } from "./sources.ts";

interface Kept {
  /** The folder of descriptions. */
  readonly out: string;
  readonly vendor: string;
  /** File or address, as it was given. */
  readonly from: string;
  readonly original: { readonly bytes: Uint8Array; readonly url?: string };
  readonly document: JsonObject;
  readonly intake: IntakeResult;
  readonly address?: string | undefined;
  readonly date?: string | undefined;
}

/** Writes an extract with its report and its line in sources.yaml; answers the report. */
export function keepExtract({ out, vendor, from, original, document, intake, ...given }: Kept): string {
  const sourcesFile = join(out, "sources.yaml");
  const sources = existsSync(sourcesFile) ? readFileSync(sourcesFile, "utf8") : "";
  const known = sourceOf(sources, vendor);
  const sha256 = createHash("sha256").update(original.bytes).digest("hex");
  const same = known?.sha256 === sha256 ? known : undefined;
  const version = intake.document.info.version;
  const report = intakeReport(vendor, version, sizeOfOriginal(document, unpacked(original.bytes).length), intake);

  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, `${vendor}.${intake.document.sdl ? "graphql" : "json"}`), extractText(intake.document));
  writeFileSync(join(out, `${vendor}.report.md`), report);
  const address = given.address ?? same?.address ?? original.url ?? basename(from);
  const date = given.date ?? same?.date ?? new Date().toISOString().slice(0, 10);
  writeFileSync(sourcesFile, withSource(sources, vendor, { address, date, version, sha256 }));
  return report;
}
