import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { JsonSchema } from "../../runtime/index.ts";

/**
 * A JSON Schema printed at generate time, in the form the SDK takes. It lets every value through: arguments are read and
 * results shaped by the call itself, in its own order and for every way in, so that the SDK neither converts nor parses.
 */
export const frozen = (json: JsonSchema): StandardSchemaWithJSON<unknown, unknown> => ({
  "~standard": {
    version: 1,
    vendor: "vendorsmith",
    validate: (value) => ({ value }),
    jsonSchema: { input: () => json as Record<string, unknown>, output: () => json as Record<string, unknown> },
  },
});
