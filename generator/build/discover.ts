import type { DiscoverModel } from "../model/vendor.ts";
import type { VendorYaml } from "../read/schema.ts";
import type { Context } from "./context.ts";
import { buildTemplate, originOf } from "./templates.ts";

/** What is asked, without any secret, to learn where an account lives. */
export function buildDiscover({ discover }: VendorYaml, context: Context): DiscoverModel | undefined {
  if (!discover) return;
  const at = ["discover"];
  const url = buildTemplate(discover.url, [...at, "url"], context, { open: true });
  const take = Object.entries(discover.take).map(([name, { path, match }]) => {
    checkMatch(match, [...at, "take", name, "match"], context);
    return { name, path, match };
  });
  if (take.length === 0) context.problem([...at, "take"], "needs a name for what is taken");
  return { url, origin: originOf(url, [...at, "url"], context), take };
}

/** A regular expression of which the first group is kept; anchored, so that nothing unseen stands around it. */
export function checkMatch(match: string, at: readonly string[], { problem }: Pick<Context, "problem">): void {
  let groups = 0;
  try {
    groups = new RegExp(`${match}|`, "iu").exec("")!.length - 1;
  } catch {
    problem(at, "is not a regular expression");
    return;
  }
  if (!match.startsWith("^")) problem(at, "must begin with ^");
  if (groups !== 1) problem(at, `needs one group in brackets, what is kept; it has ${groups}`, "(?:…) is no group");
}
