import { camel, kebab } from "../model/names.ts";
import type { VendorModel } from "../model/vendor.ts";
import type { Gate } from "./vendor.ts";

/** First segments of our own addresses, which a vendor's slug would shadow. */
const RESERVED = new Set(
  (
    "mcp v1 v2 api oauth oauth2 tools settings login logout connect connections setup health interaction assets well-known " +
    "authorize token register revoke introspect jwks me audit approvals admin metrics docs static favicon-ico robots-txt"
  ).split(" "),
);

/** Hosts put `mcp__<server>__` before a tool's name and stop at 64 characters. */
const MAX_PREFIXED = 64;
const MANY_TOOLS = 15;
const TOO_MANY_TOOLS = 40;

export function checkNames({ slug, tools }: Pick<VendorModel, "slug" | "tools">, { problem, warning }: Gate): void {
  if (RESERVED.has(slug)) problem(["vendor"], `"${slug}" is reserved: it is an address of the gateway itself`);
  const files = new Map<string, string>();
  for (const { key, name } of tools) {
    const at = ["tools", key];
    if (!/^[a-z][a-z0-9_]{2,39}$/.test(name)) {
      problem(
        at,
        `the tool's name ${name} does not match ^[a-z][a-z0-9_]{2,39}$`,
        `${name.length} characters with the prefix`,
      );
    }
    const prefixed = `mcp__${slug}__${name}`;
    if (prefixed.length > MAX_PREFIXED)
      problem(at, `${prefixed} has ${prefixed.length} characters`, `hosts stop at ${MAX_PREFIXED}`);
    const other = files.get(kebab(key)) ?? files.get(camel(key));
    if (other !== undefined) problem(at, `has the same name in code as ${other}`);
    files.set(kebab(key), key).set(camel(key), key);
  }
  const { length } = tools.filter(({ extended }) => !extended);
  if (length > TOO_MANY_TOOLS) problem(["tools"], `${length} tools are too many`, `at most ${TOO_MANY_TOOLS}`);
  else if (length > MANY_TOOLS)
    warning(["tools"], `${length} tools are many`, `assistants choose best among ${MANY_TOOLS} or fewer`);
}
