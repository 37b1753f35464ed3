import { readFileSync } from "node:fs";

// npm run release -- check v1.2.3: whether a tag, package.json and CHANGELOG.md agree, so that it may become a release.
// npm run release -- notes: what CHANGELOG.md says of the version that package.json has.

const [command, tag, ...rest] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
const notes = sectionOf(version);

if (command === "check" && tag && rest.length === 0) check(tag);
else if (command === "notes" && !tag) print();
else refuse(["npm run release -- check <tag>, or npm run release -- notes"], 2);

function check(tag: string) {
  const wrong: string[] = [];
  if (!/^v\d+\.\d+\.\d+$/.test(tag)) wrong.push(`${tag} is no version such as v1.2.3`);
  else if (tag !== `v${version}`)
    wrong.push(`package.json has version ${version}, so its tag is v${version}, not ${tag}`);
  if (!notes) wrong.push(`CHANGELOG.md has no section "## [${version}] - year-month-day"`);
  else if (!/^- /m.test(notes)) wrong.push(`CHANGELOG.md says nothing of ${version}`);
  for (const [file, found] of Object.entries(elsewhere()))
    if (found !== version) wrong.push(`${file} says ${found ?? "nothing"}, not ${version}`);
  if (wrong.length > 0) return refuse(wrong, 1);
  console.log(`${tag} may be released.`);
}

function print() {
  if (!notes) return refuse([`CHANGELOG.md has no section "## [${version}] - year-month-day"`], 1);
  console.log(notes.trim());
}

/** The text below the heading of a version that is dated. */
function sectionOf(version: string): string | undefined {
  const [, ...sections] = `\n${readFileSync("CHANGELOG.md", "utf8")}`.split("\n## ");
  const heading = new RegExp(`^\\[${version.replaceAll(".", "\\.")}\\] - \\d{4}-\\d{2}-\\d{2}\n`);
  return sections.find((section) => heading.test(section))?.replace(heading, "");
}

/** The version as other files repeat it. */
function elsewhere(): Record<string, string | undefined> {
  const chart = readFileSync("deploy/helm/vendorsmith/Chart.yaml", "utf8");
  return {
    "deploy/helm/vendorsmith/Chart.yaml (version)": /^version: (\S+)$/m.exec(chart)?.[1],
    "deploy/helm/vendorsmith/Chart.yaml (appVersion)": /^appVersion: (\S+)$/m.exec(chart)?.[1],
    "deploy/digitalocean.yaml": /^ +tag: (\S+)$/m.exec(readFileSync("deploy/digitalocean.yaml", "utf8"))?.[1],
    "package-lock.json": (JSON.parse(readFileSync("package-lock.json", "utf8")) as { version: string }).version,
  };
}

function refuse(wrong: readonly string[], code: number) {
  console.error(wrong.join("\n"));
  process.exitCode = code;
}
