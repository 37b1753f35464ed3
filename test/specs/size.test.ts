import { expect, it } from "vitest";
import { takeIn } from "../../generator/intake/intake.ts";
import { extractText } from "../../generator/intake/report.ts";
import { operationsIn } from "../../generator/model/openapi.ts";
import { parseSpec } from "../../generator/read/spec.ts";

/** About 13 MB: 2,500 operations over 2,500 types of 34 fields, each type referring to three others. */
function bigDocument() {
  const properties = (index: number) => ({
    ...Object.fromEntries(
      Array.from({ length: 34 }, (_, field) => [
        `field${field}`,
        {
          type: "string",
          description: `What field ${field} of thing ${index} is about, at some length, as vendors do.`,
        },
      ]),
    ),
    ...Object.fromEntries(
      [1, 7, 31].map((step) => [`next${step}`, { $ref: `#/components/schemas/Thing${(index + step) % 2500}` }]),
    ),
  });
  const indices = Array.from({ length: 2500 }, (_, index) => index);
  const schemas = Object.fromEntries(
    indices.map((index) => [`Thing${index}`, { type: "object", properties: properties(index) }]),
  );
  const paths = Object.fromEntries(
    indices.map((index) => [
      `/things${index}`,
      {
        get: {
          operationId: "get",
          responses: {
            200: {
              description: "Things.",
              content: { "application/json": { schema: { $ref: `#/components/schemas/Thing${index}` } } },
            },
          },
        },
      },
    ]),
  );
  return { openapi: "3.1.0", info: { title: "Big", version: "1" }, paths, components: { schemas } };
}

it("takes in 13 MB in seconds, and cuts it to what is used (FAC-04)", { timeout: 60_000 }, () => {
  const bytes = Buffer.from(JSON.stringify(bigDocument(), null, 1));
  expect(bytes.length).toBeGreaterThan(13_000_000);

  const started = performance.now();
  const { document } = parseSpec(bytes, "big.json");
  const all = takeIn({ name: "big.json", document: document! });
  const few = takeIn({ name: "big.json", document: document!, operations: ["GET /things1"] });
  const seconds = (performance.now() - started) / 1000;

  expect([...operationsIn(all.document)]).toHaveLength(2500);
  expect([...operationsIn(few.document)]).toHaveLength(1);
  expect(Buffer.byteLength(extractText(all.document))).toBeLessThan(bytes.length);
  expect([...all.problems, ...few.problems]).toEqual([]);
  expect(seconds).toBeLessThan(20);
});
