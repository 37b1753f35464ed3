import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { describe as text } from "../../runtime/index.ts";
import type { VendorSlug } from "../fakes/keys.ts";
import { type Misbehaviour, refused } from "../fakes/trouble.ts";
import { useFakes } from "../fakes/use.ts";
import { idsOf, suites } from "./cases.ts";
import { connection, vendors } from "./vendor.ts";

const fakes = useFakes();
const ids = idsOf(fakes);

/** What an operation does after its vendor has changed it: it is gone, or answers something else than was described. */
const changes: Readonly<Record<string, Misbehaviour>> = {
  "is gone": refused(410, { error: "This version has been retired." }),
  "answers a list of texts": () => Response.json(["moved", "elsewhere"]),
  "answers one number": () => Response.json(7),
};

const CODES = ["VENDOR_UNEXPECTED", "VENDOR_NOT_FOUND", "VENDOR_REJECTED", "VENDOR_UNAVAILABLE"];

for (const [slug, { failing, cases }] of Object.entries(suites)) {
  const vendor = slug as VendorSlug;
  const other = cases.find(
    ({ tool, uses, asks }) => tool !== failing.tool && !asks && !uses.some((use) => use.startsWith(failing.path)),
  );

  it.each(Object.entries(changes))(
    `${vendor}: an operation that %s breaks its own tools readably, and no others (FAC-16)`,
    async (_, change) => {
      fakes[vendor].trouble.next(change, { match: failing.path, times: 20 });
      const account = connection(vendor);
      const broken = await account.call(failing.tool, failing.args);
      if (!broken.ok) {
        expect(CODES).toContain(broken.error.code);
        expect(text(broken.error)).toMatch(/^\S.{20,}/s);
        expect(text(broken.error)).not.toMatch(/undefined|\[object|TypeError|\bat .*:\d+/);
      } else expect(JSON.stringify(broken.value)).not.toMatch(/moved|elsewhere/);
      const answered = await account.call(other!.tool, other!.args(ids));
      if (!answered.ok) throw new Error(`${other!.tool}: ${text(answered.error)}`);
      other!.check(answered.value, ids);
    },
  );
}

it("keeps the tools of each vendor under a version of their own: its description's, and a lock for each tool (FAC-16)", () => {
  const lock = JSON.parse(readFileSync("generated/contract.json", "utf8")) as Record<string, Record<string, string>>;
  const sources = parse(readFileSync("specs/sources.yaml", "utf8")) as Record<string, { version: string }>;
  for (const { slug, tools } of vendors) {
    expect(sources[slug]?.version, slug).toBeTruthy();
    expect(Object.keys(lock[slug] ?? {}).sort()).toEqual(tools.map(({ name }) => name).sort());
    const [, spec] = readFileSync(`generated/${slug}/client.ts`, "utf8").split("\n");
    expect(spec).toMatch(/^\/\/ Spec: .+, specs\/[\w.-]+$/);
  }
});
