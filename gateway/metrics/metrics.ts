import { collectDefaultMetrics, type Gauge, Registry } from "prom-client";
import manifest from "../../package.json" with { type: "json" };
import { definitions, type Measures } from "./definitions.ts";

export type Metrics = Measures & {
  /** Reads a gauge's value for these labels whenever somebody looks; a value that cannot be read is left as it was. */
  watch<Label extends string>(
    gauge: Gauge<Label>,
    labels: Readonly<Record<Label, string>>,
    read: () => number | Promise<number>,
  ): void;
  /** Something that sets several gauges itself whenever somebody looks. */
  beforeRead(update: () => void | Promise<void>): void;
  /** Everything, in the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
};

/**
 * The figures of one process, in a registry of its own.
 * @param process whether its memory, event loop and handles are watched as well, which costs a timer
 */
export function createMetrics({ process: ofProcess = false } = {}): Metrics {
  const registry = new Registry();
  const entries = Object.entries(definitions).map(([name, definition]) => [name, definition.make(registry)] as const);
  const measures = Object.fromEntries(entries) as unknown as Measures; // one for each definition
  if (ofProcess) collectDefaultMetrics({ register: registry });
  measures.build.set({ version: manifest.version, node: process.version }, 1);
  const updates: (() => void | Promise<void>)[] = [];
  return {
    ...measures,
    watch(gauge, labels, read) {
      updates.push(async () => gauge.set(labels, await read()));
    },
    beforeRead: (update) => void updates.push(update),
    async text() {
      await Promise.allSettled(updates.map(async (update) => await update()));
      return await registry.metrics();
    },
    contentType: registry.contentType,
  };
}
