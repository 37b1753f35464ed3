import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { operationsIn } from "../../generator/model/openapi.ts";
import { readSpec } from "../../generator/read/spec.ts";

const original = "../shared/vendor-specs/autotask/autotask-swagger.json.gz";

/** Runs `npm run spec` in a process of its own, to see what it needs. */
function takeIn(out: string, ...options: string[]) {
  const code = `process.on("exit", () => console.error("RSS " + process.resourceUsage().maxRSS));
    await import(${JSON.stringify(`${process.cwd()}/scripts/spec.ts`)});`;
  const started = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", code, "--", "spec", "autotask", "--from", original, "--out", out, ...options],
    { encoding: "utf8" },
  );
  const megabytes = Number(/^RSS (\d+)$/m.exec(stderr)?.[1]) / 1024;
  return { status, stderr, seconds: (performance.now() - started) / 1000, megabytes };
}

describe.runIf(existsSync(original))("the whole of Autotask, 3,009 operations of Swagger 2.0", () => {
  it("is taken in within 600 MB and 15 s, without a problem (FAC-04)", { timeout: 60_000 }, () => {
    const out = mkdtempSync(join(tmpdir(), "spec-"));
    try {
      const { status, stderr, seconds, megabytes } = takeIn(out, "--vendors", "/dev/null");
      expect([status, stderr.replace(/^RSS .*\n/m, "")]).toEqual([0, ""]);
      expect(seconds).toBeLessThan(15);
      expect(megabytes).toBeLessThan(600);
      const { document, problems } = readSpec(join(out, "autotask.json"));
      expect(problems).toEqual([]);
      expect([...operationsIn(document!)]).toHaveLength(3009);
      expect(Object.keys(document!.components.schemas).filter((name) => !/^[A-Za-z]\w*$/.test(name))).toEqual([]);
    } finally {
      rmSync(out, { recursive: true });
    }
  });

  it("a fresh intake gives the committed extract and report, byte for byte (FAC-03)", { timeout: 60_000 }, () => {
    const out = mkdtempSync(join(tmpdir(), "spec-"));
    try {
      for (const file of ["autotask.overlay.yaml", "sources.yaml"]) copyFileSync(`specs/${file}`, join(out, file));
      const { status, stderr } = takeIn(out);
      expect([status, stderr.replace(/^RSS .*\n/m, "")]).toEqual([0, ""]);
      for (const file of ["autotask.json", "autotask.report.md", "sources.yaml"])
        expect(readFileSync(join(out, file), "utf8")).toBe(readFileSync(`specs/${file}`, "utf8"));
    } finally {
      rmSync(out, { recursive: true });
    }
  });

  it("holds none of the vendor's sentences in the extract", () => {
    const text = readFileSync("specs/autotask.json", "utf8");
    const found = [
      ...gunzipSync(readFileSync(original))
        .toString()
        .matchAll(/"description": *("(?:[^"\\]|\\.)*")/g),
    ];
    const sentences = new Set(found.map(([, sentence]) => sentence!).filter((sentence) => /\s/.test(sentence)));
    expect(sentences.size).toBeGreaterThan(3);
    expect([...sentences].filter((sentence) => text.includes(sentence))).toEqual([]);
  });
});

describe("the extract of Autotask", () => {
  const { document } = readSpec("specs/autotask.json");
  const text = readFileSync("specs/autotask.json", "utf8");

  it("asks no caller for what the connection sends, and carries no junk", () => {
    expect(text).not.toMatch(/ApiIntegrationCode|ImpersonationResourceId|soapParentPropertyId|Expression/);
  });

  it("has no operation that empties what it is not sent", () => {
    expect([...operationsIn(document!)].map(([title]) => title).filter((title) => title.startsWith("PUT "))).toEqual(
      [],
    );
  });
});
