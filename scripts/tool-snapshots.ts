import type { Catalog } from "../gateway/calls/catalog.ts";
import type { ToolSnapshot } from "../gateway/calls/tool-changes.ts";

/** The tools of a vendor or of a set across vendors as test/tools keeps them, by name. */
export const snapshotsOf = ({ tools }: Pick<Catalog, "tools">): [string, ToolSnapshot][] =>
  [...tools.values()].map(({ tool, definition }) => [tool.name, { access: tool.access, tool: definition }]);
