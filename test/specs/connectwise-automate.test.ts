import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { takeIn } from "../../generator/intake/intake.ts";
import { mappedOperations, namedIn } from "../../generator/intake/mapped.ts";
import { extractText, intakeReport, sizeOfOriginal } from "../../generator/intake/report.ts";
import { operationsIn } from "../../generator/model/openapi.ts";
import { parseOverlay, parseSpec, readSpec, unpacked } from "../../generator/read/spec.ts";

const slug = "connectwise-automate";
const original = `../shared/vendor-specs/${slug}/automate-api-v1.merged.openapi.json.gz`;
const vendors = readFileSync("vendors.yaml", "utf8");
const { document } = readSpec(`specs/${slug}.json`);
const operations = [...operationsIn(document!)];

describe("the extract of ConnectWise Automate", () => {
  it("has the query names that the server takes, not those of its binder (FAC-04)", () => {
    const names = operations.flatMap(([, { parameters = [] }]) => parameters.map(({ name }) => name));
    expect(names.filter((name) => name.includes("."))).toEqual([]);
    expect(new Set(names)).toEqual(
      new Set(["ticketId", "computerId", "softwareId", "page", "pageSize", "condition", "orderBy"]),
    );
  });

  it("has one media type of five, and schema names that are short identifiers", () => {
    const media = operations.flatMap(([, { requestBody, responses }]) =>
      [requestBody, ...Object.values(responses)].flatMap((each) => Object.keys(each?.content ?? {})),
    );
    expect(new Set(media)).toEqual(new Set(["application/json"]));
    const schemas = Object.keys(document!.components.schemas);
    expect(schemas.filter((name) => !/^[A-Za-z]\w*$/.test(name))).toEqual([]);
    expect(schemas).toEqual(
      expect.arrayContaining(["Alert", "Computer", "Client", "ClientsLocation", "NetworkDevice"]),
    );
  });

  it("knows no field that carries a secret", () => {
    expect(readFileSync(`specs/${slug}.json`, "utf8")).not.toMatch(/Password|SNMPCommunity|ProductKey|AccessToken/);
  });
});

describe.runIf(existsSync(original))("with the original of ConnectWise Automate at hand", () => {
  const bytes = existsSync(original) ? readFileSync(original) : Buffer.alloc(0);
  const source = () => parseSpec(bytes, "original").document!;

  it("a fresh intake gives the committed extract and report, byte for byte (FAC-03) (FAC-04)", () => {
    const names = namedIn(vendors, slug);
    const mapped = mappedOperations(vendors, slug);
    const result = takeIn({
      name: "original",
      document: source(),
      overlay: {
        name: "overlay",
        document: parseOverlay(readFileSync(`specs/${slug}.overlay.yaml`), "overlay").document!,
      },
      ...(mapped && { operations: mapped }),
      ...(names && { names }),
    });
    expect(result.problems).toEqual([]);
    expect(extractText(result.document)).toBe(readFileSync(`specs/${slug}.json`, "utf8"));
    const size = sizeOfOriginal(source(), unpacked(bytes).length);
    expect(intakeReport(slug, "v1", size, result)).toBe(readFileSync(`specs/${slug}.report.md`, "utf8"));
    const sources = parse(readFileSync("specs/sources.yaml", "utf8")) as Record<string, { sha256: string }>;
    expect(sources[slug]!.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  it("the duplicate operation id is no matter, as operations go by method and path (FAC-06)", () => {
    const mapped = mappedOperations(vendors, slug)!;
    expect(mapped).toEqual(
      expect.arrayContaining(["GET /api/v1/Computers/Software", "GET /api/v1/Computers/{computerId}/Software"]),
    );
    const ids = mapped.map((each) => {
      const [method, path] = each.split(" ") as [string, string];
      const item = (source().paths as Record<string, Record<string, { operationId: string }>>)[path];
      return item?.[method.toLowerCase()]?.operationId; // one read is known from public clients only
    });
    expect(ids.filter((id) => id === "Computers_GetComputerSoftwareList")).toHaveLength(2);
  });
});
