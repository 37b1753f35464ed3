// npm run spec -- <vendor> --from <file or https url> [--address <public url>] [--date YYYY-MM-DD] [--vendors vendors.yaml] [--out specs]
// With --compare: writes nothing, and says which tools would break with that description. Exit code 1 when some would.
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { type IntakeResult, takeIn } from "../generator/intake/intake.ts";
import { keepExtract } from "../generator/intake/keep.ts";
import { mappedOperations, namedIn } from "../generator/intake/mapped.ts";
import { readOriginal } from "../generator/intake/original.ts";
import type { JsonObject } from "../generator/model/json.ts";
import { type Problem, problemText } from "../generator/model/problem.ts";
import { parseOverlay, parseSpec } from "../generator/read/spec.ts";
import { readSources } from "../generator/sources.ts";
import { compareSpecs, comparisonText } from "./spec/compare.ts";

const USAGE =
  "npm run spec -- <vendor> --from <file or https url> [--address <public url>] [--date YYYY-MM-DD] [--compare]";

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
  if (options.compare) return compare(vendor, options.vendors, result);
  if (result.problems.length > 0) return fail(result.problems);
  console.log(
    keepExtract({
      out,
      vendor,
      from,
      original,
      document,
      intake: result,
      address: options.address,
      date: options.date,
    }),
  );
  return 0;
}

/** Against the description that the vendor's document names now. */
function compare(vendor: string, file: string, newer: IntakeResult): number {
  const { described, problems } = readSources([file], process.cwd());
  const pinned = described.find(({ source }) => source.yaml.vendor === vendor);
  if (!pinned)
    return fail(problems.length > 0 ? problems : [{ where: file, message: `has no vendor ${vendor} to compare with` }]);
  const comparison = compareSpecs(pinned.source, pinned.document, newer);
  console.log(comparisonText(comparison, pinned.document.info.version, newer.document.info.version));
  return comparison.changes.some(({ breaks }) => breaks) ? 1 : 0;
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
        compare: { type: "boolean", default: false },
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
