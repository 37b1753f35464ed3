import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { sourceOf } from "../../generator/intake/sources.ts";
import { acmeDesk } from "../generator/propose/acme.ts";

// Inside the project, so that what is generated finds its packages.
const out = join(import.meta.dirname, "..", "..", "out");
mkdirSync(out, { recursive: true });
const root = mkdtempSync(join(out, "vendor-test-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function run(script: string, ...args: string[]) {
  const path = join(import.meta.dirname, "..", "..", script);
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], { cwd: root, encoding: "utf8" });
  return { status, stdout, stderr };
}
const vendor = (...args: string[]) => run("scripts/vendor.ts", ...args);
writeFileSync(join(root, "desk.json"), JSON.stringify(acmeDesk()));
const ADD = ["add", "acme-desk", "--from", "desk.json"];

describe("npm run vendor", { timeout: 120_000 }, () => {
  it("adds a vendor that generates without a line of code (FAC-03, FAC-10, VEN-20)", () => {
    const { status, stdout, stderr } = vendor(...ADD, "--address", "https://acme.example/openapi.json");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("acmedesk_list_tickets  List tickets");
    expect(stdout).toContain("Wrote vendors.acme-desk.yaml and specs/acme-desk.json: 4 tools.");
    expect(readdirSync(join(root, "specs")).sort()).toEqual(["acme-desk.json", "acme-desk.report.md", "sources.yaml"]);
    expect(sourceOf(readFileSync(join(root, "specs", "sources.yaml"), "utf8"), "acme-desk")).toMatchObject({
      address: "https://acme.example/openapi.json",
      version: "2",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(run("generator/main.ts", "--vendors", "vendors.acme-desk.yaml")).toMatchObject({ status: 0, stderr: "" });
    expect(existsSync(join(root, "generated", "acme-desk", "tools", "list-tickets.ts"))).toBe(true);
    expect(vendor("check", "vendors.acme-desk.yaml")).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/vendors\.acme-desk\.yaml has no problem; \d+ guesses are yet to be looked at/),
    });
  });

  it("replaces nothing without --force", () => {
    const before = "# mine\n";
    writeFileSync(join(root, "vendors.acme-desk.yaml"), before);
    const { status, stderr } = vendor(...ADD);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^vendors\.acme-desk\.yaml: is there already; --force replaces it/);
    expect(readFileSync(join(root, "vendors.acme-desk.yaml"), "utf8")).toBe(before);
    expect(vendor(...ADD, "--force").status).toBe(0);
    expect(readFileSync(join(root, "vendors.acme-desk.yaml"), "utf8")).toContain("vendor: acme-desk");
  });

  it("checks one file: shape, names and gates, each with its place and a remedy (FAC-05)", () => {
    const text = readFileSync(join(root, "vendors.acme-desk.yaml"), "utf8")
      .replace("limits:", "limit:")
      .replace("access: write", "access: wrote");
    writeFileSync(join(root, "broken.yaml"), text);
    const { status, stderr } = vendor("check", "broken.yaml");
    expect(status).toBe(1);
    expect(stderr).toMatch(/broken\.yaml:\d+:\d+ limit: unknown key; did you mean "limits"\?/);
    expect(stderr).toMatch(/broken\.yaml:\d+:\d+ tools\.create_ticket\.access: expected .*did you mean "write"\?/);
    expect(stderr).toMatch(/\n2 problems\.\n$/);
  });

  it.each([
    [["add", "acme"], "add needs --from"],
    [["add", "Acme Desk", "--from", "x"], "is not a slug such as acme-rmm"],
    [["add", "acme", "other", "--from", "x"], "takes one slug"],
    [["check"], "check takes one file"],
    [["remove", "acme"], '"remove" is neither add nor check'],
    [["add", "acme", "--form", "x"], "Unknown option '--form'"],
  ])("says how it is used: %j", (args, text) => {
    const { status, stderr } = vendor(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(text);
    expect(stderr).toContain("npm run vendor -- add <slug> --from");
  });

  it.each([
    ["no such file", "nowhere.json", undefined, "nowhere.json: no such file"],
    ["an address that is not https", "http://acme.example/x.json", undefined, "expected a file or an https address"],
    ["no description", "list.json", "[]", "list.json: expected an object at its root"],
    ["JSON that ends too early", "half.json", '{"openapi":', "half.json:1:12: the JSON ends too early"],
    [
      "a description without operations",
      "none.json",
      '{"openapi":"3.0.0","paths":{}}',
      "none.json paths: describes no operation",
    ],
  ])("writes nothing for %s, and says why with a place", (_, from, text, problem) => {
    if (text !== undefined) writeFileSync(join(root, from), text);
    const { status, stderr } = vendor("add", "other", "--from", from);
    expect(status).toBe(1);
    expect(stderr).toContain(problem);
    expect(stderr).toMatch(/1 problem; nothing was written\.\n$/);
    expect(existsSync(join(root, "vendors.other.yaml"))).toBe(false);
  });
});
