import { startChild } from "./child.ts";
import { call, get, listOf, ourCall, ourList } from "./targets.ts";
import { type Served, type Subject, type Turns, takeTurns } from "./turns.ts";

/** Our full path beside floors that do less and less of it. */
export async function measureServing(turns: Omit<Turns, "connections">): Promise<Served[]> {
  const vendor = await startChild("./servers/vendor.ts");
  const env = { VENDOR_URL: vendor.ready.url };
  const node = await startChild("./servers/bare-node.ts", env);
  const proxy = await startChild("./servers/http-proxy.ts", env);
  const sdk = await startChild("./servers/bare-sdk.ts", env);
  const gateway = await startChild("./servers/gateway.ts", env);
  const listing = await startChild("./servers/listing.ts", env);
  try {
    const subjects: Subject[] = [
      { name: "vendor call from a bare node server", child: node, target: get(node.ready.url) },
      { name: "Fastify + http-proxy", child: proxy, target: get(proxy.ready.url) },
      { name: "bare SDK server, tools/call", child: sdk, target: call(sdk.ready.url, "get_device") },
      { name: "Vendorsmith, tools/call", child: gateway, target: ourCall(gateway) },
      { name: "the same list from a Fastify route", child: listing, target: listOf(listing) },
      { name: "Vendorsmith, tools/list", child: gateway, target: ourList(gateway) },
    ];
    const results: Served[] = [];
    for (const connections of [1, 10])
      results.push(...(await takeTurns(subjects, { rounds: 3, ...turns, connections })));
    return results;
  } finally {
    await Promise.all([vendor, node, proxy, sdk, gateway, listing].map((child) => child.stop()));
  }
}
