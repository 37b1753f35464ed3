import { spawnSync } from "node:child_process";
import { cpSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { scratch } from "../gateway/support.ts";

interface Job {
  needs?: string;
  uses?: string;
  permissions?: Record<string, string>;
  "timeout-minutes"?: number;
  environment?: string;
  steps?: { uses?: string; run?: string; with?: Record<string, unknown>; env?: Record<string, string> }[];
}

interface Workflow {
  on: Record<string, { tags?: string[] } | null>;
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

const workflows = globSync(".github/workflows/*.yml").map((file) => ({
  file,
  text: readFileSync(file, "utf8"),
  workflow: parse(readFileSync(file, "utf8")) as Workflow,
}));
const release = parse(readFileSync(".github/workflows/release.yml", "utf8")) as Workflow;
const ci = parse(readFileSync(".github/workflows/ci.yml", "utf8")) as Workflow;
const { version, scripts } = JSON.parse(readFileSync("package.json", "utf8"));
const stepsOf = ({ steps = [] }: Job) => steps;

describe("the workflows", () => {
  it("use actions by a whole commit, with the version beside it (OPS-17)", () => {
    for (const { file, text } of workflows)
      for (const [, action] of text.matchAll(/uses: (\S+.*)/g))
        expect(action, file).toMatch(
          /^(\.\/\.github\/workflows\/[\w.-]+|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/,
        );
  });

  it("may do no more than read unless a job says so, end in time, and give checkouts no credentials (OPS-17)", () => {
    for (const { file, text, workflow } of workflows) {
      expect(workflow.permissions, file).toEqual({ contents: "read" });
      for (const [name, job] of Object.entries(workflow.jobs))
        if (!job.uses) expect(job["timeout-minutes"], `${file} ${name}`).toBeGreaterThan(0);
      for (const step of Object.values(workflow.jobs).flatMap(stepsOf))
        if (step.uses?.startsWith("actions/checkout@"))
          expect(step.with).toMatchObject({ "persist-credentials": false });
      expect(text).not.toContain("pull_request_target");
    }
  });

  it("put no text of others into a shell (OPS-17)", () => {
    for (const { file, workflow } of workflows)
      for (const { run } of Object.values(workflow.jobs).flatMap(stepsOf))
        if (run) expect(run, file).not.toMatch(/\$\{\{/);
  });

  it("name only scripts and files that exist (OPS-16)", () => {
    for (const { file, text } of workflows) {
      const named = [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name!);
      expect(
        named.filter((name) => !(name in scripts)),
        file,
      ).toEqual([]);
    }
  });

  it("check every change as this repository does: lint, types, fresh output, tests, tool contract (OPS-16)", () => {
    expect(Object.keys(ci.on)).toEqual(expect.arrayContaining(["pull_request", "push", "workflow_call"]));
    const runs = stepsOf(ci.jobs["check"]!)
      .map(({ run }) => run ?? "")
      .join("\n");
    expect(runs).toContain(".ci/run");
    expect(runs).toContain("npm audit signatures");
    expect(readFileSync(".ci/run", "utf8")).toContain("npm run check");
    expect(stepsOf(ci.jobs["image"]!).some(({ uses }) => uses?.startsWith("docker/build-push-action@"))).toBe(true);
  });

  it("release by a tag alone, after the check: an image with SBOM and provenance, signed (OPS-16, OPS-17)", () => {
    expect(release.on).toEqual({ push: { tags: ["v[0-9]+.[0-9]+.[0-9]+"] } });
    expect(release.jobs["check"]!.uses).toBe("./.github/workflows/ci.yml");
    const publish = release.jobs["publish"]!;
    expect([publish.needs, publish.environment]).toEqual(["check", "release"]);
    const steps = stepsOf(publish);
    const runs = steps.map(({ run }) => run ?? "").join("\n");
    const build = steps.find(({ uses }) => uses?.startsWith("docker/build-push-action@"))!;
    expect(build.with).toMatchObject({ push: true, sbom: true, provenance: "mode=max" });
    expect(build.with!["tags"]).not.toContain("latest");
    for (const words of ["release -- check", "npm sbom --omit=dev", "cosign sign --yes", "gh release create"]) expect(runs).toContain(words); // biome-ignore format: one thought
    expect(runs.indexOf("release -- check")).toBeLessThan(runs.indexOf("cosign sign"));
    expect(steps.some(({ uses }) => uses?.startsWith("actions/attest-build-provenance@"))).toBe(true);
  });

  it("keep packages, actions, images and providers fresh (OPS-17)", () => {
    const { updates } = parse(readFileSync(".github/dependabot.yml", "utf8"));
    const ecosystems = updates.map((update: { "package-ecosystem": string }) => update["package-ecosystem"]);
    expect(ecosystems).toEqual(expect.arrayContaining(["npm", "github-actions", "docker", "terraform"]));
  });
});

describe("npm run release", () => {
  /** A copy of what it reads, changed by the test. */
  function repository(changelog: string) {
    const folder = scratch();
    for (const file of ["package.json", "package-lock.json", "deploy"]) cpSync(file, join(folder, file), { recursive: true, filter: (path) => !path.includes("secrets") }); // biome-ignore format: one thought
    writeFileSync(join(folder, "CHANGELOG.md"), changelog);
    return (...args: string[]) =>
      spawnSync(process.execPath, [resolve("scripts/release.ts"), ...args], { cwd: folder, encoding: "utf8" });
  }
  const dated = `# Changelog\n\n## [Unreleased]\n\n## [${version}] - 2026-01-31\n\n### Added\n\n- A thing.\n`;

  it("lets a tag through that package.json, chart, recipe and changelog agree with (OPS-16)", () => {
    const run = repository(dated);
    expect(run("check", `v${version}`)).toMatchObject({ status: 0, stdout: `v${version} may be released.\n` });
    expect(run("notes").stdout).toBe("### Added\n\n- A thing.\n");
  });

  it("refuses another tag, and a version that the changelog does not date (OPS-16)", () => {
    expect(repository(dated)("check", "v9.9.9")).toMatchObject({ status: 1, stderr: expect.stringContaining(version) });
    expect(repository(dated)("check", "latest")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("v1.2.3"),
    });
    const undated = repository("# Changelog\n\n## [Unreleased]\n\n- A thing.\n");
    expect(undated("check", `v${version}`)).toMatchObject({ status: 1, stderr: expect.stringContaining("no section") });
    expect(undated("notes").status).toBe(1);
    expect(undated().status).toBe(2);
  });
});

describe("dependencies", () => {
  it("are exact, locked, and none runs a script at install in the image (OPS-17)", () => {
    const manifest = JSON.parse(readFileSync("package.json", "utf8"));
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies } as Record<string, string>)
      .filter(([, range]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))
      .map(([name]) => name);
    // One library is held to its patch releases on purpose; docs/dependencies.md says why.
    expect(loose).toEqual(["oidc-provider"]);
    const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Record<string, { integrity?: string; hasInstallScript?: boolean; dev?: boolean }> }; // biome-ignore format: one thought
    const unlocked = Object.entries(packages).filter(([path, { integrity }]) => path !== "" && !integrity);
    expect(unlocked.map(([path]) => path)).toEqual([]);
    const scripted = Object.entries(packages).filter(([, { hasInstallScript, dev }]) => hasInstallScript && !dev);
    expect(scripted.map(([path]) => path)).toEqual([]);
  });
});
