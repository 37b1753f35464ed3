import { startChild } from "./child.ts";
import { FLAGS } from "./start.ts";

export interface Crowd {
  readonly people: number;
  /** MB after a forced collection: before anybody called, after each called once, and after they were idle for two hours. */
  readonly before: Memory;
  readonly called: Memory;
  readonly idle: Memory;
}

export interface Memory {
  readonly rss_mb: number;
  readonly heap_mb: number;
}

/** What stays in memory of people who are gone: each has a connection and a grant, calls once and then no more. */
export async function measureMemory(people: number, progress: (line: string) => void): Promise<Crowd> {
  const vendor = await startChild("./servers/vendor.ts");
  const crowd = await startChild("./servers/crowd.ts", { VENDOR_URL: vendor.ready.url, PEOPLE: String(people) }, [
    "--expose-gc",
    ...FLAGS,
  ]);
  try {
    const before = (await crowd.ask("memory")) as Memory;
    progress(`memory: each of ${people} people calls once`);
    await crowd.ask("call");
    const called = (await crowd.ask("memory")) as Memory;
    progress("memory: two hours later, and a minute of ours");
    await crowd.ask("leave");
    const idle = (await crowd.ask("memory")) as Memory;
    return { people, before, called, idle };
  } finally {
    await Promise.all([crowd, vendor].map((child) => child.stop()));
  }
}
