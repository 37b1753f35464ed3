import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/** Copies of the vendors' own documents, which are not ours to publish. */
const originals: Readonly<Record<string, string>> = {
  "datto-rmm": "datto-rmm-openapi.build235.json",
  autotask: "autotask-swagger.json.gz",
  syncro: "syncro-swagger.json",
  atera: "atera-swagger-v3.json",
  superops: "superops-msp.graphql",
  halopsa: "halo-api-v2.swagger.2025-03-27.json.gz",
  "connectwise-psa": "cwm-msp-core.derived.openapi.json",
  "connectwise-automate": "automate-api-v1.merged.openapi.json.gz",
};
const folder = "../shared/vendor-specs";

describe.skipIf(!existsSync(folder))("with the vendors' originals at hand", () => {
  it.each(Object.entries(originals))(
    "the extract and report of %s are what a fresh intake gives, byte for byte (FAC-03, FAC-04)",
    { timeout: 60_000 },
    (slug, file) => {
      const out = mkdtempSync(join(tmpdir(), "intake-"));
      try {
        for (const name of ["sources.yaml", `${slug}.overlay.yaml`])
          if (existsSync(`specs/${name}`)) copyFileSync(`specs/${name}`, join(out, name));
        const args = ["scripts/spec.ts", slug, "--from", `${folder}/${slug}/${file}`, "--out", out];
        const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
        expect(stderr).toBe("");
        expect(status).toBe(0);
        const extract = file.endsWith(".graphql") ? `${slug}.graphql` : `${slug}.json`;
        for (const name of [extract, `${slug}.report.md`, "sources.yaml"])
          expect(readFileSync(join(out, name), "utf8"), name).toBe(readFileSync(`specs/${name}`, "utf8"));
      } finally {
        rmSync(out, { recursive: true, force: true });
      }
    },
  );
});
