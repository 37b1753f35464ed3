import { coreOf, extendedOf, type VendorModel } from "./model/vendor.ts";

/** A line of the closing table. */
export interface Row {
  readonly vendor: string;
  readonly operations: number;
  readonly access: Readonly<Record<"read" | "write" | "destroy" | "reveal", number>>;
  /** Tools that are off until they are switched on, and what they take then. */
  readonly extended: { readonly tools: number; readonly tokens: number };
  readonly bytes: number;
  readonly tokens: number;
  readonly ms: number;
}

export function rowOf(
  vendor: VendorModel,
  tokens: { readonly core: number; readonly extended: number },
  bytes: number,
  ms: number,
): Row {
  const access = { read: 0, write: 0, destroy: 0, reveal: 0 };
  for (const tool of coreOf(vendor)) access[tool.access]++;
  const { length: tools } = extendedOf(vendor);
  const extended = { tools, tokens: tools === 0 ? 0 : tokens.extended };
  return {
    vendor: vendor.slug,
    operations: vendor.operations.length,
    access,
    extended,
    bytes,
    tokens: tokens.core,
    ms,
  };
}

export function bytesOf(files: ReadonlyMap<string, string>, folder: string): number {
  let bytes = 0;
  for (const [path, text] of files) if (path.startsWith(`${folder}/`)) bytes += Buffer.byteLength(text);
  return bytes;
}
