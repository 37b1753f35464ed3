import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readOriginal } from "../../generator/intake/original.ts";
import { sourceOf, withSource } from "../../generator/intake/sources.ts";
import { petShop } from "./fixtures.ts";

const folder = () => mkdtempSync(join(tmpdir(), "specs-"));
const spec = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/spec.ts", ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
};
const VENDORS =
  "vendor: pets\nverify: GET /pets\noperations:\n  get: GET /pets/{id}\n---\nvendor: other\noperations: {}\n";

describe("npm run spec", () => {
  it("writes extract, report and source, and the same bytes again (FAC-03) (FAC-04)", () => {
    const out = folder();
    const from = join(out, "original.json");
    const vendors = join(out, "vendors.yaml");
    writeFileSync(from, JSON.stringify(petShop()));
    writeFileSync(vendors, VENDORS);
    writeFileSync(
      join(out, "pets.overlay.yaml"),
      "overlay: 1.0.0\nactions:\n  - { target: $.components.schemas.Pet.properties.age, description: Not true., remove: true }\n",
    );
    const args = ["pets", "--from", from, "--out", out, "--vendors", vendors];
    const files = () =>
      ["pets.json", "pets.report.md", "sources.yaml"].map((file) => readFileSync(join(out, file), "utf8"));

    expect(spec(...args, "--date", "2026-01-02", "--address", "https://pets.example.com/spec")).toMatchObject({
      status: 0,
      stderr: "",
    });
    const first = files();
    expect(spec(...args)).toMatchObject({ status: 0 });
    expect(files()).toEqual(first);

    const [extract, report, sources] = first as [string, string, string];
    expect(Object.keys(JSON.parse(extract).paths)).toEqual(["/pets", "/pets/{id}"]);
    expect(JSON.parse(extract).paths["/pets"]).not.toHaveProperty("post");
    expect(extract).not.toContain("age");
    expect(report).toContain("| operations | 3 | 2 |");
    expect(report).toContain("- remove $.components.schemas.Pet.properties.age (1): Not true.");
    expect(sourceOf(sources, "pets")).toEqual({
      address: "https://pets.example.com/spec",
      date: "2026-01-02",
      version: "7",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(first.join("")).not.toContain(out);
  });

  it.each([
    ["no arguments", [], "expected a vendor and --from"],
    ["a file that is not there", ["pets", "--from", "no/such.json"], "no/such.json: no such file"],
    [
      "an address that is not https",
      ["pets", "--from", "http://pets.example.com/spec.json"],
      "expected a file or an https address",
    ],
  ])("prints a problem and writes nothing for %s", (_, args, text) => {
    const { status, stderr } = spec(...args, "--out", folder());
    expect(status).toBe(1);
    expect(stderr).toContain(text);
    expect(stderr).toMatch(/nothing was written\.\n$/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it("leaves a description that we wrote ourselves alone", () => {
    const out = folder();
    writeFileSync(join(out, "pets.yaml"), "openapi: 3.1.0\n");
    const { status, stderr } = spec("pets", "--from", "no/matter.json", "--out", out);
    expect(status).toBe(1);
    expect(stderr).toContain("is written by hand");
  });

  it("prints every problem of a broken description at once, without a stack trace (FAC-04)", () => {
    const out = folder();
    const from = join(out, "broken.json");
    const paths = {
      "/a/{id}": { get: { responses: {} } },
      "/b": { get: { responses: { 200: { content: { "application/json": { schema: { $ref: "other.json" } } } } } } },
    };
    writeFileSync(from, JSON.stringify({ openapi: "3.0.0", paths }));
    const { status, stderr } = spec("pets", "--from", from, "--out", out, "--vendors", join(out, "none.yaml"));
    expect(status).toBe(1);
    expect(stderr.split("\n").filter((line) => line.startsWith("broken.json GET"))).toHaveLength(4);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("reading the original", () => {
  const from = "https://pets.example.com/spec.json";
  const answering = (answer: Response) => async () => answer;

  it("downloads what the command line names, without following redirects", async () => {
    expect(await readOriginal(from, answering(new Response("{}")))).toEqual({ bytes: Buffer.from("{}"), url: from });
    const moved = answering(
      new Response(null, { status: 302, headers: { location: "https://elsewhere.example.com" } }),
    );
    expect(await readOriginal(from, moved)).toMatchObject({
      where: from,
      message: "answered 302",
      hint: expect.stringContaining("redirects"),
    });
    expect(await readOriginal(from, answering(new Response("no", { status: 404 })))).toMatchObject({
      message: "answered 404",
    });
  });

  it("stops when it grows too large", async () => {
    expect(await readOriginal(from, answering(new Response("x".repeat(100))), 99)).toMatchObject({
      message: "is larger than 99 bytes",
    });
  });
});

describe("sources.yaml", () => {
  const source = { address: "https://a.example.com", date: "2026-01-01", version: "1", sha256: "ab" };

  it("keeps the entries and comments of other vendors", () => {
    const text = withSource("# ours\nzeta: # by hand\n  address: https://z.example.com\n", "alpha", source);
    expect(text).toContain("# ours");
    expect(text).toContain("# by hand");
    expect(text.indexOf("alpha:")).toBeLessThan(text.indexOf("zeta:"));
    expect(withSource(text, "alpha", source)).toBe(text);
    expect(sourceOf(text, "zeta")).toEqual({ address: "https://z.example.com" });
  });
});
