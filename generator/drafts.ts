import { join, posix, relative, sep } from "node:path";
import { emitAcross } from "./emit/across.ts";
import type { Emitted } from "./emit/emitted.ts";
import { emitVendors } from "./emit/index.ts";
import { emitContract, json } from "./emit/schemas.ts";
import { emitVendor } from "./emit/vendor.ts";
import type { Request } from "./generate.ts";
import type { AcrossModel } from "./model/across.ts";
import type { VendorModel } from "./model/vendor.ts";
import { vendorJsonSchema } from "./read/schema.ts";

/** Everything but types.ts, as it comes from the templates: code that is yet to be formatted, and the rest. */
export function emitAll(
  request: Request,
  chosen: readonly VendorModel[],
  across: readonly AcrossModel[],
  sets: readonly AcrossModel[],
  yamlOf: ReadonlyMap<string, string>,
) {
  const { root, out, progress = () => {} } = request;
  const runtime = runtimePath(root, out);
  const plain = new Map<string, string>();
  const code = new Map<string, string>();
  const places = new Map<string, string>();
  const ms = new Map<string, number>();
  const add = (folder: string, { path, text, where }: Emitted) => {
    (path.endsWith(".ts") ? code : plain).set(posix.join(folder, path), text);
    places.set(posix.join(folder, path), where);
  };
  const lent = new Map<string, Set<string>>();
  for (const set of across) {
    const { files, used } = emitAcross(set, { runtime, yaml: yamlOf.get(set.slug)! });
    for (const [slug, names] of used) lent.set(slug, new Set([...(lent.get(slug) ?? []), ...names]));
    if (sets.includes(set)) for (const file of files) add(posix.join(out, set.slug), file);
  }
  for (const vendor of chosen) {
    const start = performance.now();
    progress(`${vendor.slug}: ${vendor.operations.length} operations, ${vendor.tools.length} tools`);
    for (const file of emitVendor(vendor, {
      runtime,
      yaml: yamlOf.get(vendor.slug)!,
      lent: lent.get(vendor.slug) ?? new Set(),
    }))
      add(posix.join(out, vendor.slug), file);
    ms.set(vendor.slug, performance.now() - start);
  }
  for (const file of emitVendors(slugsToList(request, chosen, across), slugsOf(across), runtime)) add(out, file);
  add(out, { path: "contract.json", text: contractText(request, [...chosen, ...sets]), where: "" });
  add(out, { path: "vendors.schema.json", text: json(vendorJsonSchema()), where: "" });
  return { plain, code, places, ms };
}

/** From the folder of all vendors to the runtime's door, with slashes. */
function runtimePath(root: string, out: string): string {
  const path = relative(join(root, out), join(import.meta.dirname, "..", "runtime", "index.ts"))
    .split(sep)
    .join("/");
  return path.startsWith(".") ? path : `./${path}`;
}

/** With `--only`, the other vendors stay as they are on disk. */
function slugsToList(
  { only, out, read }: Request,
  models: readonly VendorModel[],
  across: readonly AcrossModel[],
): string[] {
  const slugs = models.map(({ slug }) => slug);
  if (only === undefined) return slugs;
  const before = Object.keys(JSON.parse(read(posix.join(out, "contract.json")) ?? "{}"));
  const sets = new Set(slugsOf(across));
  return [...new Set([...before, ...slugs])].filter((slug) => !sets.has(slug));
}

const slugsOf = (models: readonly { readonly slug: string }[]) => models.map(({ slug }) => slug);

function contractText({ only, out, read }: Request, models: readonly (VendorModel | AcrossModel)[]): string {
  const { text } = emitContract(models);
  if (only === undefined) return text;
  const merged = { ...JSON.parse(read(posix.join(out, "contract.json")) ?? "{}"), ...JSON.parse(text) };
  return json(Object.fromEntries(Object.entries(merged).sort(([a], [b]) => (a < b ? -1 : 1))));
}
