import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { startChild } from "./child.ts";
import { ourCall, ourList } from "./targets.ts";
import { type Served, type Turns, takeTurns } from "./turns.ts";

/**
 * This working tree against another one, such as a worktree of an earlier commit, by turns: what a change costs or saves,
 * which figures of two runs do not tell.
 */
export async function measureAgainst(folder: string, turns: Omit<Turns, "connections">): Promise<Served[]> {
  const vendor = await startChild("./servers/vendor.ts");
  const env = { VENDOR_URL: vendor.ready.url };
  const other = new URL("scripts/bench/servers/gateway.ts", pathToFileURL(`${resolve(folder)}/`));
  const [before, now] = [await startChild(other, env), await startChild("./servers/gateway.ts", env)];
  try {
    const served: Served[] = [];
    for (const connections of [10, 1])
      for (const [what, target] of [["tools/call", ourCall] as const, ["tools/list", ourList] as const]) {
        const subjects = [
          { name: `${folder}, ${what}`, child: before, target: target(before) },
          { name: `here, ${what}`, child: now, target: target(now) },
        ];
        served.push(...(await takeTurns(subjects, { rounds: 5, ...turns, connections })));
      }
    return served;
  } finally {
    await Promise.all([vendor, before, now].map((child) => child.stop()));
  }
}
