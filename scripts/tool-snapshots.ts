import { catalogOf } from "../gateway/calls/catalog.ts";
import type { Vendor } from "../runtime/index.ts";
import type { ToolSnapshot } from "./tool-changes.ts";

/** A vendor's tools as test/tools keeps them, by name. */
export const snapshotsOf = (vendor: Vendor): [string, ToolSnapshot][] =>
  [...catalogOf(vendor, {}).tools.values()].map(({ tool, definition }) => [
    tool.name,
    { access: tool.access, tool: definition },
  ]);
