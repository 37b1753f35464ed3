import { type Profiler, Session } from "node:inspector/promises";
import { setTimeout } from "node:timers/promises";

export type Profile = Profiler.Profile;

/** Profiles this process for so long. */
export async function profileFor(ms: number): Promise<Profile> {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: 250 });
    await session.post("Profiler.start");
    await setTimeout(ms);
    return (await session.post("Profiler.stop")).profile;
  } finally {
    session.disconnect();
  }
}

export interface Share {
  /** Of the time the process was not idle, 0–100. */
  readonly self: number;
  /** With everything it called; a function that calls itself counts once. */
  readonly total: number;
}

/** Shares of busy time by whatever `nameOf` makes of a frame, the largest first. */
export function sharesOf(
  profile: Profile,
  nameOf: (frame: Profiler.ProfileNode["callFrame"]) => string,
): [string, Share][] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const shares = new Map<string, { self: number; total: number }>();
  const of = (name: string) => {
    const share = shares.get(name) ?? { self: 0, total: 0 };
    shares.set(name, share);
    return share;
  };
  let busy = 0;
  const time = new Map<number, number>();
  profile.samples?.forEach((id, index) => {
    time.set(id, (time.get(id) ?? 0) + (profile.timeDeltas?.[index] ?? 0));
  });
  for (const [id, micros] of time) {
    const { functionName, url } = nodes.get(id)!.callFrame;
    if (functionName === "(idle)" || functionName === "(root)" || url === "node:inspector") continue;
    busy += micros;
    const names = new Set<string>();
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at))
      names.add(nameOf(nodes.get(at)!.callFrame));
    for (const name of names) of(name).total += micros;
    of(nameOf(nodes.get(id)!.callFrame)).self += micros;
  }
  const percent = (micros: number) => Math.round((1000 * micros) / busy) / 10;
  return [...shares]
    .sort(([, a], [, b]) => b.self - a.self)
    .map(([name, { self, total }]) => [name, { self: percent(self), total: percent(total) }]);
}

/** `gateway/mcp/door.ts serve`, or a package with its name alone in front. */
export function functionName({ url, functionName: name, lineNumber }: Profiler.ProfileNode["callFrame"]): string {
  return `${fileName({ url, functionName: name })} ${name || `(line ${lineNumber + 1})`}`;
}

/** Files of ours as they are called in the repository, others by their package, node's own by their module. */
export function fileName({
  url,
  functionName: name,
}: Pick<Profiler.ProfileNode["callFrame"], "url" | "functionName">): string {
  if (url === "") return name.startsWith("(") ? name : "native";
  if (url.startsWith("node:")) return url;
  const path = decodeURIComponent(new URL(url).pathname);
  const [, inside] = path.match(/.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/) ?? [];
  return inside ?? path.match(/\/((?:gateway|runtime|generated|scripts)\/.*)/)?.[1] ?? path;
}
