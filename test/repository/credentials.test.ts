import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { credentialFields } from "../../gateway/pages/fields.ts";
import { vendors } from "../../generated/index.ts";

interface Described {
  readonly vendor: string;
  readonly credentials: Readonly<Record<string, unknown>>;
}

const described = parseAllDocuments(readFileSync("vendors.yaml", "utf8")).map((each) => each.toJS() as Described);

/** Everything below `credentials` that is no field. */
const ABOUT_ALL = ["help", "rights", "hosts"];

describe("a vendor's credential fields", () => {
  it.each(vendors.map((vendor) => [vendor.slug, vendor] as const))(
    "of %s are the same in the YAML, in the code, on the connect page and in the documentation (FAC-18)",
    (slug, vendor) => {
      const { credentials } = described.find((each) => each.vendor === slug)!;
      const names = Object.keys(credentials).filter((name) => !ABOUT_ALL.includes(name));
      expect(vendor.credentials.fields.map(({ name }) => name)).toEqual(names);

      const inputs = credentialFields(vendor);
      expect(inputs.map(({ name }) => name)).toEqual(names.map((name) => `credential.${name}`));
      expect(inputs.filter(({ type }) => type === "password").map(({ label }) => label)).toEqual(
        vendor.credentials.fields.filter(({ secret }) => secret).map(({ title }) => title),
      );

      const page = readFileSync(`docs/vendors/${slug}.md`, "utf8");
      const rows = page.slice(page.indexOf("| field |"), page.indexOf("## Network")).trim().split("\n").slice(2);
      expect(rows.map((row) => row.split("|")[1]!.trim())).toEqual(inputs.map(({ label }) => label));
    },
  );
});
