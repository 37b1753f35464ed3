import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, posix, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseAllDocuments } from "yaml";
import { generate } from "../generator/generate.ts";
import { keepExtract } from "../generator/intake/keep.ts";
import { readOriginal } from "../generator/intake/original.ts";
import { extractText } from "../generator/intake/report.ts";
import type { JsonObject } from "../generator/model/json.ts";
import { type Problem, problemText } from "../generator/model/problem.ts";
import { isSdl } from "../generator/model/sdl.ts";
import { type Added, addVendor, finished, isAdded, noTool } from "../generator/propose/add.ts";
import { printDraft } from "../generator/propose/print.ts";
import { without } from "../generator/propose/settle.ts";
import { parseSpec } from "../generator/read/spec.ts";
import { table } from "../generator/table.ts";

const USAGE = `npm run vendor -- add <slug> --from <file or https address> [options]
  writes vendors.<slug>.yaml, a first draft with a handful of tools, and what it needs of the description to specs/
  --vendors <file>        where the draft goes (default vendors.<slug>.yaml)
  --specs <dir>           where the description goes (default specs)
  --prefix <word>         what the names of its tools begin with (default: made of the slug)
  --address <url>         the public address of the description, when --from is a copy of it
  --force                 replace files that are there

npm run vendor -- check <file>
  tells what is wrong with the vendors of one YAML file, with places and remedies; writes nothing

Exit code 0: done. 1: problems, nothing was written. 2: not understood.
`;

const ROOT = join(import.meta.dirname, "..");

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const options = read(args);
  if (!options) return 2;
  const { values, positionals } = options;
  const [command, subject, ...more] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(USAGE);
    return values.help ? 0 : 2;
  }
  if (more.length > 0 || subject === undefined)
    return misunderstood(`${command} takes one ${command === "check" ? "file" : "slug"}`);
  if (command === "check") return check(subject);
  if (command !== "add") return misunderstood(`"${command}" is neither add nor check`);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(subject) || subject.length > 40)
    return misunderstood(`"${subject}" is not a slug such as acme-rmm`);
  if (values.from === undefined)
    return misunderstood("add needs --from: the vendor's description, a file or an https address");
  if (values.prefix !== undefined && !/^[a-z][a-z0-9]{0,11}$/.test(values.prefix))
    return misunderstood(`"${values.prefix}" is not a short word such as acme`);
  return add(subject, { ...values, from: values.from });
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        from: { type: "string" },
        vendors: { type: "string" },
        specs: { type: "string", default: "specs" },
        prefix: { type: "string" },
        address: { type: "string" },
        force: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    misunderstood((error as Error).message);
    return undefined;
  }
}

function misunderstood(message: string): number {
  process.stderr.write(`${message}\n\n${USAGE}`);
  return 2;
}

interface Options {
  readonly from: string;
  readonly vendors?: string | undefined;
  readonly specs: string;
  readonly prefix?: string | undefined;
  readonly address?: string | undefined;
  readonly force: boolean;
}

async function add(slug: string, options: Options): Promise<number> {
  const file = options.vendors ?? `vendors.${slug}.yaml`;
  const extract = join(options.specs, `${slug}.json`);
  const there = [file, extract, join(options.specs, `${slug}.yaml`)].filter((path) => existsSync(path));
  if (there.length > 0 && !options.force)
    return fail(
      there.map((where) => ({
        where,
        message: "is there already",
        hint: "--force replaces it; another slug or --vendors leaves it alone",
      })),
    );

  say(`Reading ${options.from}`);
  const original = await readOriginal(options.from);
  if ("message" in original) return fail([original]);
  const name = basename(options.from);
  const { document, problems } = parseSpec(original.bytes, name);
  if (!document) return fail(problems);
  if (isSdl(document))
    return fail([
      {
        where: name,
        message: "is SDL, for which no tools are proposed",
        hint: "write the document by hand: docs/vendors-yaml.md",
      },
    ]);

  say("Choosing operations");
  const spec = posix.join(
    relative(dirname(resolve(file)), resolve(options.specs)).replaceAll("\\", "/"),
    `${slug}.json`,
  );
  const wish = {
    slug,
    prefix: options.prefix ?? prefixFor(slug),
    spec,
    name,
    file,
    ...(original.url && { from: original.url }),
  };
  const first = addVendor(document, wish);
  if (!isAdded(first)) return fail(first.problems);
  say(`Trying ${first.draft.tools.size} tools`);
  const added = await tried(first, document, name, slug);
  if (!isAdded(added)) return fail(added.problems);

  const schema = posix.join(
    relative(dirname(resolve(file)), join(ROOT, "generated")).replaceAll("\\", "/"),
    "vendors.schema.json",
  );
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(file, printDraft(added.draft, schema));
  keepExtract({
    out: options.specs,
    vendor: slug,
    from: options.from,
    original,
    document,
    intake: added.intake,
    address: options.address,
  });
  report(added, file, extract);
  return 0;
}

/** Once through the whole generator, the compiler too, in a folder beside everything else. */
async function tried(
  added: Added,
  document: JsonObject,
  name: string,
  slug: string,
): Promise<Added | { problems: readonly Problem[] }> {
  mkdirSync(join(ROOT, "out"), { recursive: true });
  const root = mkdtempSync(join(ROOT, "out", "vendor-"));
  try {
    let current = added;
    for (let turn = 0; turn < 3; turn++) {
      writeFileSync(join(root, "spec.json"), extractText(current.intake.document));
      const draft = { ...current.draft, head: { ...current.draft.head, spec: "spec.json" } };
      writeFileSync(join(root, "vendors.yaml"), printDraft(draft, "schema.json"));
      const job = { root, files: ["vendors.yaml"], out: "generated", docs: "generated/docs", only: slug };
      const { problems } = await generate({ ...job, read: () => undefined });
      if (problems.length === 0) return current;
      const next = without(current.draft, problems);
      if (!next || turn === 2) return { problems };
      if (next.tools.size === 0) return { problems: [noTool(name), ...problems] };
      current = finished(document, next, name, [...current.left, ...problems]);
    }
    return current;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function report({ draft, left }: Added, file: string, extract: string): void {
  say(`\nWrote ${file} and ${extract}: ${draft.tools.size} tools.\n`);
  for (const [key, { title }] of draft.tools) say(`  ${draft.head["prefix"]}_${key}  ${title}`);
  if (left.length > 0)
    say(
      `\nLeft out:\n${left
        .slice(0, 12)
        .map((problem) => `  ${problemText(problem)}`)
        .join("\n")}`,
    );
  if (left.length > 12) say(`  … and ${left.length - 12} more`);
  say(`\nNext: look at each "# review:" in ${file}, then npm run generate -- --vendors vendors.yaml,${file}`);
}

/** The whole slug when it is short, else its first word; another when the vendors of this folder have it. */
function prefixFor(slug: string): string {
  const [first = slug] = slug.split("-");
  const whole = slug.replaceAll("-", "");
  const wanted = whole.length <= 12 ? whole : first.length >= 3 ? first.slice(0, 12) : whole.slice(0, 12);
  const taken = new Set(
    existsSync("vendors.yaml")
      ? parseAllDocuments(readFileSync("vendors.yaml", "utf8")).map((each) =>
          "get" in each ? String(each.get("prefix")) : "",
        )
      : [],
  );
  return taken.has(wanted) ? whole.slice(0, 12) : wanted;
}

async function check(file: string): Promise<number> {
  const root = process.cwd();
  const path = relative(root, resolve(file)).replaceAll("\\", "/");
  const job = { root, files: [path], out: "out/vendor-check", docs: "out/vendor-check/docs", only: undefined };
  const { problems, warnings, rows } = await generate({ ...job, read: () => undefined });
  if (problems.length > 0) return fail(problems, "");
  for (const warning of warnings) say(`note: ${problemText(warning)}`);
  const left = existsSync(path) ? [...readFileSync(path, "utf8").matchAll(/^\s*# review:/gm)].length : 0;
  say(table(rows));
  say(`${path} has no problem${left > 0 ? `; ${left} guesses are yet to be looked at (# review:)` : ""}.`);
  return 0;
}

function fail(problems: readonly Problem[], after = "; nothing was written"): number {
  process.stderr.write(
    `${problems.map(problemText).join("\n")}\n\n${problems.length} ${problems.length === 1 ? "problem" : "problems"}${after}.\n`,
  );
  return 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
