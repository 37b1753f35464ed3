import type { AppOptions } from "../../../gateway/app.ts";
import type { ToolError, Vendor } from "../../../runtime/index.ts";
import { acme, acmeWorld } from "../acme.ts";
import { connectClient, gate } from "../mcp/gate.ts";
import { fakeClock } from "../support.ts";

/** A gateway with such an Acme, and Ann who may read and change it through MCP. */
export async function cachingHouse({
  cache,
  ...options
}: Partial<AppOptions> & { cache?: number; env?: Record<string, string> } = {}) {
  const world: CachedWorld = acmeWorld();
  const clock = fakeClock(Date.now());
  const house = await gate({ ...clock, ...options, vendors: [cachedAcme(world, cache)] });
  const ann = await house.someone();
  await ann.writes(true);
  const connection = await ann.connect();
  const clientOf = async (token: string) => {
    const client = await connectClient(`${house.origin}/v1/acme`, token, "modern");
    return async (name: string, args: Record<string, unknown> = {}) => {
      const answer = await client.callTool({ name, arguments: args });
      return { ...answer, cached: answer._meta?.["vendorsmith/cached"] as { ageSeconds: number } | undefined };
    };
  };
  const call = await clientOf(await ann.token(["acme:read", "acme:write"], { connection: connection.id }));
  return {
    ...house,
    world,
    clock,
    ann,
    connection,
    clientOf,
    call,
    list: (args = {}) => call("acme_list_things", args),
  };
}

/** Where a test wants it to fail. */
type CachedWorld = ReturnType<typeof acmeWorld> & { failing?: ToolError };

/** Acme, with a list that may be some minutes old. */
function cachedAcme(world: CachedWorld, cache: true | number = true): Vendor {
  const vendor = acme(world);
  const tools = vendor.tools.map((tool) => ({
    ...tool,
    ...(tool.name === "acme_list_things" && { cache }),
    async run(...asked: Parameters<typeof tool.run>) {
      if (world.failing) throw world.failing;
      return await tool.run(...asked);
    },
  }));
  return { ...vendor, tools };
}
