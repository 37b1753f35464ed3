import { existsSync, globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { clientSetups } from "../../gateway/pages/client-setups.ts";
import { vendors } from "../../generated/index.ts";
import { vendorJsonSchema, vendorYaml } from "../../generator/read/schema.ts";

const read = (path: string) => readFileSync(path, "utf8");
const manifest = JSON.parse(read("package.json")) as {
  license: string;
  version: string;
  scripts: Record<string, string>;
};

/** The text below each heading of this level. */
function sections(path: string, level = "##"): Map<string, string> {
  const [, ...parts] = `\n${read(path)}`.split(`\n${level} `);
  return new Map(parts.map((part) => [part.split("\n", 1)[0]!, part]));
}

/** Code blocks in one language. */
const blocks = (markdown: string, language: string) =>
  [...markdown.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, text]) => text!.trim());

describe("the README", () => {
  const readme = sections("README.md");

  it("sets up and runs, and sets up and tests, with one line each (DOC-01)", () => {
    expect(blocks(readme.get("Run it")!, "sh")).toEqual(["npm ci && npm run generate && npm start"]);
    expect(blocks(readme.get("Test it")!, "sh")).toEqual(["npm ci && npm test"]);
    expect(blocks(readme.get("Connect an assistant")! + readme.get("Try it without vendor accounts")!, "sh").length)
      .toBeGreaterThan(0); // biome-ignore format: one thought
    const steps = readme.get("Add a vendor")!.match(/^\d\. /gm);
    expect(steps).toEqual([1, 2, 3, 4, 5, 6].map((step) => `${step}. `));
  });

  it("and its companions name only commands and files that exist (DOC-01)", () => {
    const pages = globSync(["*.md", "docs/*.md", "docs/adr/*.md", ".github/*.md"]);
    const named = pages.flatMap((page) => [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!));
    expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
    const programs = Object.values(manifest.scripts).flatMap((script) => script.match(/\S+\.ts\b/g) ?? []);
    expect(programs.filter((file) => !existsSync(file))).toEqual([]);
    const folders = [...read("README.md").matchAll(/`((?:test|specs|generated|docs)\/[\w./-]+)`/g)];
    expect(folders.map(([, path]) => path!).filter((path) => !path.includes("acme") && !existsSync(path))).toEqual([]);
  });
});

describe("the page about clients", () => {
  const page = read("docs/clients.md");
  const connector = { slug: "datto-rmm", title: "Datto RMM", url: "http://localhost:3100/v1/datto-rmm" };

  it("has a section for every client, with the configuration that the settings page gives (DOC-03)", () => {
    const configurations = blocks(page, "json").map((text) => JSON.parse(text));
    const commands = blocks(page, "sh").join("\n");
    for (const { title, snippets } of clientSetups([connector]))
      for (const { text, file } of snippets) {
        if (/^[[{]/.test(text)) expect(configurations, title).toContainEqual(JSON.parse(text));
        else if (file === undefined) expect(commands, title).toContain(text);
        if (file?.endsWith(".json")) expect(page, title).toContain(file);
      }
    const titles = [...sections("docs/clients.md").keys()];
    for (const client of ["Claude Desktop", "Claude Code", "VS Code", "Cursor", "Copilot Studio", "Codex", "Roo Code"])
      expect(
        titles.some((title) => title.includes(client)),
        client,
      ).toBe(true);
    for (const words of ["Add custom connector", "claude_desktop_config.json", ".mcp.json"])
      expect(page).toContain(words);
  });

  it("says where clients that run on the own machine keep their logs (DOC-03)", () => {
    for (const [title, text] of sections("docs/clients.md"))
      if (/Claude|VS Code|Cursor|Codex|Roo/.test(title)) expect(text, title).toMatch(/^Logs: \S/m);
  });
});

describe("the page about vendors.yaml", () => {
  const page = read("docs/vendors-yaml.md");

  it("shows an example that the language takes (DOC-01)", () => {
    expect(vendorYaml.safeParse(parse(blocks(page, "yaml")[0]!)).error?.issues).toBeUndefined();
  });

  it("explains every word of the language (DOC-01)", () => {
    const unexplained = [...wordsOf(vendorJsonSchema())].filter((word) => !new RegExp(`\\b${word}\\b`).test(page));
    expect(unexplained).toEqual([]);
  });
});

/** Every property name of a JSON Schema, at any depth. */
function wordsOf(schema: unknown, words = new Set<string>()): Set<string> {
  if (typeof schema !== "object" || schema === null) return words;
  const { properties = {} } = schema as { properties?: object };
  for (const name of Object.keys(properties)) words.add(name);
  for (const inner of Object.values(schema)) wordsOf(inner, words);
  return words;
}

describe("the page of a vendor", () => {
  it.each(vendors.map((vendor) => [vendor.slug, vendor] as const))(
    "%s says where keys come from, the least rights, the limits and the addresses to admit (DOC-04)",
    (slug, { credentials, limits }) => {
      const page = read(`docs/vendors/${slug}.md`);
      const parts = sections(`docs/vendors/${slug}.md`);
      expect(parts.get("Keys")).toContain(credentials.help);
      expect(credentials.rights).toBeTruthy();
      expect(parts.get("Keys")).toContain(credentials.rights);
      expect(parts.get("Network")).toContain("under which your gateway reaches the internet");
      expect(parts.get("Network")).toMatch(/The vendor allows: \d+/);
      const budgets = [limits.reads, limits.writes, limits.all].flatMap((budget) => budget ?? []);
      // Some publish no rate; then a few requests at a time is what we keep to.
      expect(budgets.length + (limits.concurrency ?? 0)).toBeGreaterThan(0);
      for (const { requests } of budgets) expect(parts.get("Network")).toContain(requests.toLocaleString("en"));
      expect(page).toContain(`/v1/${slug}`);
    },
  );
});

describe("what a public repository needs", () => {
  it("is a licence, a changelog, templates and a way to report a vulnerability in private (DOC-09)", () => {
    expect(manifest.license).toBe("Apache-2.0");
    expect(read("LICENSE")).toMatch(/Apache License\s+Version 2\.0/);
    expect([...sections("CHANGELOG.md").keys()][0]).toMatch(new RegExp(`^\\[(Unreleased|${manifest.version})\\]`));
    const forms = globSync(".github/ISSUE_TEMPLATE/*.yml").filter((path) => !path.endsWith("config.yml"));
    expect(forms.length).toBeGreaterThanOrEqual(2);
    for (const form of forms) {
      const { name, description, body } = parse(read(form)) as Record<string, unknown>;
      expect(typeof name === "string" && typeof description === "string" && Array.isArray(body), form).toBe(true);
    }
    expect(read(".github/pull_request_template.md")).toContain("npm run check");
    expect(read("SECURITY.md")).toMatch(/private vulnerability reporting[\s\S]*advisory/);
    expect(read(".github/ISSUE_TEMPLATE/config.yml")).toContain("security-advisories");
  });
});
