import { openRedis } from "../../../gateway/bus/redis.ts";
import { sharedBudgets } from "../../../gateway/connections/budgets.ts";
import { createLanes } from "../../../gateway/connections/lanes.ts";
import { openDatabase } from "../../../gateway/database/index.ts";

// One replica's way to a vendor: says "ready", waits for a line, then sends as fast as the budget allows for `ms`, and prints the
// epoch millisecond of each request.

const { url, redisUrl, limits, ms } = JSON.parse(process.argv[2]!);
const db = await openDatabase({ url });
const ignore = () => {};
const redis = redisUrl
  ? await openRedis({ url: redisUrl, installation: "https://mcp.example.com", onLost: ignore, onBack: ignore })
  : undefined;
const lanes = createLanes({ now: Date.now, budgets: sharedBudgets({ db, redis, clock: { now: Date.now } }) });
const connection = { id: "con_1", org_id: "org_1", vendor: "acme", version: 1 };
const { limiter } = lanes.of(connection, limits);

process.stdout.write("ready\n");
await new Promise((go) => process.stdin.once("data", go));
const starts: number[] = [];
const end = Date.now() + ms;
const worker = async () => {
  while (Date.now() < end)
    await limiter
      .run("read", async () => void starts.push(Date.now()), AbortSignal.timeout(Math.max(1, end - Date.now())))
      .catch(() => new Promise((next) => setTimeout(next, 20)));
};
await Promise.all(Array.from({ length: 8 }, worker));
process.stdout.write(`${JSON.stringify(starts)}\n`);
redis?.close();
await db.destroy();
process.exit(0);
