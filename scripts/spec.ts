// npm run spec -- <vendor> --from <file or https url> [--address <public url>] [--date YYYY-MM-DD] [--vendors vendors.yaml] [--out specs]
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { takeIn } from "../generator/intake/intake.ts";
import { mappedOperations, namedIn } from "../generator/intake/mapped.ts";
import { readOriginal } from "../generator/intake/original.ts";
import { extractText, intakeReport, sizeOfOriginal } from "../generator/intake/report.ts";
import { sourceOf, withSource } from "../generator/intake/sources.ts";
import type { JsonObject } from "../generator/model/json.ts";
import { type Problem, problemText } from "../generator/model/problem.ts";
import { parseOverlay, parseSpec, unpacked } from "../generator/read/spec.ts";

const USAGE = "npm run spec -- <vendor> --from <file or https url> [--address <public url>] [--date YYYY-MM-DD]";

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (!options) return fail([{ where: "npm run spec", message: "expected a vendor and --from", hint: USAGE }]);
  const { vendor, from, out } = options;

  const ours = join(out, `${vendor}.yaml`);
  if (existsSync(ours))
    return fail([{ where: ours, message: "is written by hand: an extract beside it would mislead" }]);

  const original = await readOriginal(from);
  if ("message" in original) return fail([original]);
  const { document, problems } = parseSpec(original.bytes, basename(from));
  if (!document) return fail(problems);

  const overlay = readOverlay(join(out, `${vendor}.overlay.yaml`));
  if (overlay && "problems" in overlay) return fail(overlay.problems);
  const vendors = existsSync(options.vendors) ? readFileSync(options.vendors, "utf8") : "";
  const operations = mappedOperations(vendors, vendor);
  const names = namedIn(vendors, vendor);
  const result = takeIn({
    name: basename(from),
    document,
    ...(overlay && { overlay }),
    ...(operations && { operations }),
    ...(names && { names }),
  });
  if (result.problems.length > 0) return fail(result.problems);

  const sourcesFile = join(out, "sources.yaml");
  const sources = existsSync(sourcesFile) ? readFileSync(sourcesFile, "utf8") : "";
  const known = sourceOf(sources, vendor);
  const sha256 = createHash("sha256").update(original.bytes).digest("hex");
  const same = known?.sha256 === sha256 ? known : undefined;
  const version = result.document.info.version;
  const report = intakeReport(vendor, version, sizeOfOriginal(document, unpacked(original.bytes).length), result);

  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, `${vendor}.${result.document.sdl ? "graphql" : "json"}`), extractText(result.document));
  writeFileSync(join(out, `${vendor}.report.md`), report);
  const address = options.address ?? same?.address ?? original.url ?? basename(from);
  const date = options.date ?? same?.date ?? new Date().toISOString().slice(0, 10);
  writeFileSync(sourcesFile, withSource(sources, vendor, { address, date, version, sha256 }));
  console.log(report);
  return 0;
}

function fail(problems: readonly Problem[]): number {
  for (const problem of problems) console.error(problemText(problem));
  console.error(`\n${problems.length} ${problems.length === 1 ? "problem" : "problems"}; nothing was written.`);
  return 1;
}

function readOptions(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        from: { type: "string" },
        address: { type: "string" },
        date: { type: "string" },
        vendors: { type: "string", default: "vendors.yaml" },
        out: { type: "string", default: "specs" },
      },
    });
    const [vendor, ...rest] = positionals;
    if (!vendor || !/^[a-z][a-z0-9-]*$/.test(vendor) || rest.length > 0 || !values.from) return undefined;
    if (values.date && !/^\d{4}-\d\d-\d\d$/.test(values.date)) return undefined;
    return { ...values, vendor, from: values.from };
  } catch {
    return undefined;
  }
}

function readOverlay(
  file: string,
): { name: string; document: JsonObject } | { problems: readonly Problem[] } | undefined {
  if (!existsSync(file)) return undefined;
  const name = basename(file);
  const { document, problems } = parseOverlay(readFileSync(file), name);
  return document ? { name, document } : { problems };
}
