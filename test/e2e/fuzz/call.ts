import { callTool, createLimiter, memoryLabels, memoryTokens, newCall, type Result } from "../../../runtime/index.ts";
import { demoKeys, type VendorSlug } from "../../fakes/keys.ts";
import type { Ids } from "../cases.ts";
import { suites } from "../cases.ts";
import { across, toolOf, vendorOf } from "../vendor.ts";

export interface FuzzCase {
  readonly tool: string;
  args(ids: Ids): Record<string, unknown>;
}

const vendorSlugs = Object.keys(suites) as VendorSlug[];

/** The cases of every vendor, and of the tools across vendors. */
export const fuzzCases: Readonly<Record<string, readonly FuzzCase[]>> = {
  ...Object.fromEntries(vendorSlugs.map((slug) => [slug, suites[slug].cases])),
  msp: [
    { tool: "msp_device_overview", args: (ids) => ({ deviceUid: ids.machine("CONT-SEA-FS01").uid }) },
    { tool: "msp_company_overview", args: () => ({ company: "Contoso Dental" }) },
    { tool: "msp_list_alerts", args: () => ({}) },
    {
      tool: "msp_alert_to_ticket",
      args: (ids) => ({ alertUid: ids.alert("CONT-SEA-WS07").alertUid, queueId: 5, priority: 1, resolve: true }),
    },
  ],
};

/** Calls tools of one person; what a call throws, if it should ever throw, is its answer. */
export function createCaller(fetch: typeof globalThis.fetch) {
  const clients = Object.fromEntries(vendorSlugs.map((slug) => [slug, clientOf(slug, fetch)]));
  const sets = across.flatMap(({ tools }) => tools);
  return (slug: string, tool: string, args: unknown): Promise<Result | Error> => {
    let time = Date.now();
    /** Waiting for a job takes no time here, but the tool must believe that it does. */
    const call = {
      ...newCall(),
      now: () => time,
      sleep: async (ms: number) => {
        time += ms;
      },
    };
    const run = sets.find(({ name }) => name === tool) ?? toolOf(tool);
    const client =
      slug in clients ? clients[slug]!() : Object.fromEntries(vendorSlugs.map((each) => [each, clients[each]!()]));
    return callTool(run, { args, client, call }).catch((error: unknown) => error as Error);
  };
}

/** Each call has tokens and labels of its own, so that wrong ones do not stay; of the limits, only those that need no waiting count. */
function clientOf(slug: VendorSlug, fetch: typeof globalThis.fetch) {
  const vendor = vendorOf(slug);
  const keys = vendor.credentials.parse({ ...demoKeys[slug] });
  if (!keys.ok) throw new Error(`The demo keys of ${slug} do not fit its fields.`);
  const { concurrency, concurrencyBy } = vendor.limits;
  const limiter = createLimiter({ concurrency, concurrencyBy });
  return () => vendor.connect(keys.value, { fetch, limiter, tokens: memoryTokens(), labels: memoryLabels() });
}

/** What no answer may show, whatever the vendor says. No vendor knows the keys of another. */
export function secretsOf(slug: string): string[] {
  const keys: Readonly<Record<string, string>> = demoKeys[slug as VendorSlug] ?? {};
  const fields = slug in suites ? vendorOf(slug).credentials.fields : [];
  return fields.flatMap(({ name, secret }) => (secret && keys[name] ? [keys[name]] : []));
}
