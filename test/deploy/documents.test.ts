import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { variables } from "../../gateway/config/variables.ts";

const read = (file: string) => readFileSync(file, "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
const GUIDES = ["deployment", "dedicated", "scaling", "incident-playbook", "extending", "security-guide", "dependencies", "backup", "monitoring", "upgrading", "keys", "postgresql", "replicas", "data-residency", "audit", "limits", "reliability"].map((name) => `docs/${name}.md`); // biome-ignore format: one thought

/** `npm run audit -- verify`, and the same inside the image: `node --run audit -- verify`. */
function commandsIn(text: string) {
  const found = text.matchAll(/(?:npm run|node --run) (?:--[\w-]+ \S+ )?([\w:-]+)(?: -- ([a-z-]+)(?: ([a-z-]+))?)?/g);
  return [...found].map(([, script, command, about]) => ({ script: script!, command, about }));
}

/** Source of a script with the files of its folder. */
const sourceOf = (script: string) => {
  const [file = ""] = scripts[script]!.match(/\S+\.ts/) ?? [];
  return [file, ...globSync(`${file.replace(".ts", "")}/**/*.ts`)].map(read).join("\n");
};

/** Commands of scripts that take what they are asked for as a first word. */
const WORDED = ["audit", "keys", "policy", "release", "storage", "vendor"];

describe("the guides of an operator", () => {
  it("name only commands that exist, down to their words (DOC-02, DOC-10)", () => {
    const wrong = GUIDES.flatMap((guide) =>
      commandsIn(read(guide))
        .filter(({ script, command }) => {
          if (!(script in scripts)) return true;
          return (
            WORDED.includes(script) && command !== undefined && !new RegExp(`\\b${command}\\b`).test(sourceOf(script))
          );
        })
        .map(({ script, command }) => `${guide}: ${script} ${command}`),
    );
    expect(wrong).toEqual([]);
  });

  it("link only to pages and files that are there (DOC-02)", () => {
    const missing = GUIDES.flatMap((guide) =>
      [...read(guide).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
        .map(([, target]) => normalize(join(dirname(guide), target!)))
        .filter((path) => !existsSync(path))
        .map((path) => `${guide}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it("name only variables and codes that exist (DOC-02)", () => {
    const others = ["NODE_EXTRA_CA_CERTS", "PUBLIC_HOST", "REPLICAS", "PWD", "IMAGE", "NEW_DATABASE_URL", "NAME"];
    const sources = globSync("{gateway,runtime}/**/*.ts").map(read).join("\n");
    const isKnown = (name: string) => name in variables || others.includes(name) || sources.includes(`"${name}"`);
    const unknown = GUIDES.flatMap((guide) =>
      [...read(guide).matchAll(/(?<![\w/])([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)\b/g)]
        .map(([, name]) => name!)
        .filter((name) => !isKnown(name) && !isKnown(name.replace(/_FILE$/, "")))
        .map((name) => `${guide}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  it("name only files of this repository that are there (DOC-08)", () => {
    const named = GUIDES.flatMap((guide) =>
      [...read(guide).matchAll(/`((?:gateway|runtime|generator|test|deploy|scripts)\/[\w./-]+)`/g)].map(
        ([, path]) => path!,
      ),
    );
    expect(named.filter((path) => !existsSync(path) && !path.startsWith("deploy/secrets"))).toEqual([]);
  });
});

describe("the page about deployment", () => {
  const page = read("docs/deployment.md");

  it("has a way for each set that is in deploy/, for npm and for Docker, and says what was not tried (DOC-02, OPS-11)", () => {
    for (const title of ["npm", "Docker", "Compose", "Kubernetes", "Azure Container Apps", "Fly.io", "Railway", "DigitalOcean", "systemd", "Hybrid", "One worker per tenant", "Desktop bundles", "What was tried"]) // biome-ignore format: one thought
      expect(page, title).toMatch(new RegExp(`^## .*${title.replace(".", "\\.")}`, "m"));
    for (const file of ["compose.yaml", "fly.toml", "railway.json", "digitalocean.yaml", "helm/vendorsmith", "terraform/azure", "systemd/vendorsmith.service"]) // biome-ignore format: one thought
      expect(page).toContain(`deploy/${file}`);
    expect(page).toContain("There is no MCPB bundle yet");
  });

  it("names each key that production needs (DOC-02)", () => {
    for (const name of ["PUBLIC_URL", "TRUST_PROXY", "VAULT_KEYS", "AUDIT_KEY", "COOKIE_KEYS", "SIGNING_KEYS"])
      expect(page).toContain(`\`${name}\``);
  });
});

it("the map has the three layers with folders that are there, and the three ways to deploy with their pages (DOC-02)", () => {
  const section = read("ARCHITECTURE.md").split("\n## ").find((text) => text.startsWith("Three layers, three ways to deploy"))!; // biome-ignore format: one thought
  const rows = [...section.matchAll(/^\| ([a-z]+) \|.*\| (.+) \|$/gm)].map(
    ([, name, where]) => [name!, where!] as const,
  );
  expect(rows.map(([name]) => name)).toEqual([
    "layer",
    "factory",
    "connectors",
    "gateway",
    "shared",
    "dedicated",
    "hybrid",
  ]);
  const places = rows.flatMap(([, where]) => [...where.matchAll(/`([^`]+)`|\]\(([^)#]+)/g)].map(([, folder, page]) => folder ?? page!)); // biome-ignore format: one thought
  expect(places.length).toBeGreaterThan(8);
  expect(places.filter((place) => !existsSync(place))).toEqual([]);
  expect(read("docs/deployment.md")).toMatch(/^## Hybrid: a worker near the data$/m);
});

it("the page about extending has authentication, audit sinks, storage, a vendor and a new server (DOC-08)", () => {
  const page = read("docs/extending.md");
  for (const title of ["A vendor", "A way to sign in", "A sink of the audit trail", "A store", "A new server"])
    expect(page).toMatch(new RegExp(`^## ${title}`, "m"));
  expect(statSync("gateway/audit/readers.ts").isFile()).toBe(true);
});

describe("the security guide", () => {
  const page = read("docs/security-guide.md");

  it("has a pilot of two or three uses that are measured, read-only first (DOC-10)", () => {
    const checklist = page.split("## Pilot checklist")[1]!.split("## Scorecard")[0]!;
    expect(checklist.match(/^- \[ \] /gm)!.length).toBeGreaterThan(8);
    expect(checklist).toMatch(/[Tt]wo or three uses/);
    expect(checklist).toContain("Read-only for the first");
  });

  it("scores authentication, tenancy, audit, policy, deployment, cost, compliance and maturity (DOC-10)", () => {
    const areas = [...page.split("## Scorecard")[1]!.matchAll(/^\| ([a-z]+) \|/gm)].map(([, area]) => area);
    expect(areas.slice(1)).toEqual(
      "authentication tenancy audit policy deployment cost compliance maturity".split(" "),
    );
  });
});

it("the incident playbook has the four incidents, each with numbered steps and a command (DOC-10)", () => {
  const [, ...sections] = read("docs/incident-playbook.md").split("\n## ");
  for (const title of [
    "A token has leaked",
    "The database or a backup",
    "A key has leaked",
    "A key is lost",
    "A vendor account is compromised",
  ]) {
    // biome-ignore format: one thought
    const section = sections.find((text) => text.startsWith(title));
    expect(section, title).toMatch(/npm run (keys|audit|policy)/);
  }
  expect(sections.filter((text) => /^1\. /m.test(text)).length).toBeGreaterThanOrEqual(4);
});
