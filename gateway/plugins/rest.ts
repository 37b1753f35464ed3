import { Session } from "node:inspector/promises";
import { performance } from "node:perf_hooks";
import fp from "fastify-plugin";
import { repeat } from "../repeat.ts";

const EVERY_MS = 5000;
/** Of the time that the process was awake: probes and what is done now and then take less. */
const IDLE = 0.05;
/** V8 has to have taken so much since the last time for a collection to be worth its pause. */
const WORTH_BYTES = 16 * 2 ** 20;

/**
 * Gives memory back when there is nothing to do. V8 means to do so itself and in Node 24 never does: it waits until each of its
 * heaps is allocated from slowly, and takes the one for C++ objects, from which nothing is allocated, for a busy one.
 */
export default fp(
  async (app) => {
    let awake = performance.eventLoopUtilization();
    let kept = 0;
    repeat(app, { everyMs: EVERY_MS, what: "giving memory back" }, async () => {
      const before = awake;
      awake = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(awake, before);
      if (utilization > IDLE || process.memoryUsage().heapTotal < kept + WORTH_BYTES) return;
      await collect();
      kept = process.memoryUsage().heapTotal;
    });
  },
  { name: "rest" },
);

/** As a debugger would have it done, which is the one way to it that needs no flag of node. */
async function collect() {
  const session = new Session();
  session.connect();
  try {
    await session.post("HeapProfiler.collectGarbage");
  } finally {
    session.disconnect();
  }
}
