import { mkdirSync, writeFileSync } from "node:fs";
import { startChild } from "./child.ts";
import { load } from "./load.ts";
import { fileName, functionName, type Share, sharesOf } from "./profile.ts";
import { ourCall, ourList } from "./targets.ts";

const FOLDER = "out/bench";
const MOST = 40;

/** Where the time of the gateway's process goes under ten connections; the whole profile stays in `out/bench`. */
export async function profileServing(seconds: number, progress: (line: string) => void) {
  mkdirSync(FOLDER, { recursive: true });
  const vendor = await startChild("./servers/vendor.ts");
  const gateway = await startChild("./servers/gateway.ts", { VENDOR_URL: vendor.ready.url });
  try {
    const found: Record<string, { files: Shares; functions: Shares }> = {};
    for (const [name, target] of [["call", ourCall(gateway)] as const, ["list", ourList(gateway)] as const]) {
      progress(`profile: tools/${name}`);
      await load(target, 10, seconds);
      const profiling = gateway.profile(seconds * 1000);
      await load(target, 10, seconds + 0.5);
      const profile = await profiling;
      writeFileSync(`${FOLDER}/tools-${name}.cpuprofile`, JSON.stringify(profile));
      found[name] = { files: top(sharesOf(profile, fileName)), functions: top(sharesOf(profile, functionName)) };
    }
    return found;
  } finally {
    await Promise.all([gateway, vendor].map((child) => child.stop()));
  }
}

type Shares = Readonly<Record<string, Share>>;

const top = (shares: readonly [string, Share][]): Shares => Object.fromEntries(shares.slice(0, MOST));
