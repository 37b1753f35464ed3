import { posix } from "node:path";
import type { VendorModel } from "../model/vendor.ts";
import { emitClient } from "./client.ts";
import { emitCredentials } from "./credentials.ts";
import { emitCustomers } from "./customers.ts";
import type { Emitted } from "./emitted.ts";
import { emitDocuments } from "./graphql.ts";
import { emitIndex } from "./index.ts";
import { emitLabels } from "./labels.ts";
import { emitSchemas } from "./schemas.ts";
import { emitTool, ownerOf } from "./tool.ts";

/**
 * Everything but types.ts for one vendor. `runtime` is the path from the folder of all vendors to the runtime's door, `lent`
 * what tools across vendors import of client.ts.
 */
export function emitVendor(
  vendor: VendorModel,
  { runtime, yaml, lent }: { runtime: string; yaml: string; lent: ReadonlySet<string> },
): Emitted[] {
  const up = (levels: number) => posix.join("../".repeat(levels), runtime);
  const tools = vendor.tools.map((tool) => emitTool(tool, ownerOf(vendor), { runtime: up(2), yaml }));
  const options = { runtime: up(1), yaml };
  const labels = emitLabels(vendor, options);
  const index = emitIndex(vendor, options);
  const used = new Set([
    ...lent,
    ...[...tools, index, ...(labels ? [labels] : [])].flatMap(
      ({ text }) =>
        /^import (?:type )?\{ (.*) \} from "\.\.?\/client\.ts";$/m
          .exec(text)?.[1]
          ?.replaceAll("type ", "")
          .split(", ") ?? [],
    ),
  ]);
  const documents = emitDocuments(vendor, options);
  return [
    emitClient(vendor, { ...options, used }),
    ...(documents ? [documents] : []),
    ...(labels ? [labels] : []),
    emitCredentials(vendor, options),
    emitCustomers(vendor, options),
    emitSchemas(vendor),
    index,
    ...tools,
  ];
}
