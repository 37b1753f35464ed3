import {
  type Across,
  type Boundary,
  callTool,
  createLimiter,
  memoryTokens,
  newCall,
  type Result,
  type Tool,
  type Vendor,
} from "../../runtime/index.ts";
import { demoKeys, type VendorSlug } from "../fakes/keys.ts";

/** Generated code, loaded as the gateway loads it. */
export const { vendors, across } = (await import("../../generated/index.ts")) as {
  vendors: readonly Vendor[];
  across: readonly Across[];
};

export const vendorOf = (slug: string): Vendor => vendors.find((vendor) => vendor.slug === slug)!;

export const toolOf = (name: string): Tool => vendors.flatMap(({ tools }) => tools).find((tool) => tool.name === name)!;

/** Whether an organisation that has switched on changes, and nothing else, is offered it. */
export const isOffered = ({ access, extended }: Tool): boolean =>
  !extended && (access === "read" || access === "write");

/** Whether it asks a person before every call, whatever the organisation wants. */
export const asksAlways = ({ confirm }: Tool): boolean => confirm !== undefined && confirm.when === undefined;

export interface Options {
  keys?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
  timeoutMs?: number;
  /** The customers that the person may see, if not all. */
  boundary?: Boundary;
  /** Looks at an answer, or changes it, before the runtime sees it. */
  change?(response: Response): Promise<Response>;
}

/** A person's connection without a gateway: calls tools the way every mode does, through the runtime. */
export function connection(
  slug: VendorSlug,
  { keys = demoKeys[slug], signal, timeoutMs, boundary, change }: Options = {},
) {
  const vendor = vendorOf(slug);
  const parsed = vendor.credentials.parse({ ...keys });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const client = vendor.connect(parsed.value, {
    // Looked up at the time of the call: msw replaces the global.
    fetch: (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
      const answer = globalThis.fetch(input, init);
      return change ? answer.then(change) : answer;
    },
    limiter: createLimiter(vendor.limits),
    tokens: memoryTokens(),
    ...(signal && { signal }),
    ...(timeoutMs && { timeoutMs }),
    ...(boundary && { boundary }),
  });
  const call = newCall({ ...(signal && { signal }) });
  // Waiting for a job is real, but nobody needs to wait for it here.
  const quick = { ...call, sleep: () => Promise.resolve() };
  return {
    client,
    call: (tool: string, args: unknown): Promise<Result> => callTool(toolOf(tool), { args, client, call: quick }),
    verify: () => vendor.verify(client),
  };
}
