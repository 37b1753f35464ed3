import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What one run has started and made. All of it goes when the run ends, is interrupted or takes too long. */
export interface Ground {
  /** Of this run alone. */
  readonly folder: string;
  spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess;
  /** Done before the folder goes, last one first. */
  afterwards(undo: () => void | Promise<void>): void;
  close(): Promise<void>;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** @param limitMs after which everything is ended and the process ends with 1 */
export function openGround({ limitMs }: { limitMs: number }): Ground {
  const folder = mkdtempSync(join(tmpdir(), "vendorsmith-faults-"));
  const children = new Set<ChildProcess>();
  const undoing: (() => void | Promise<void>)[] = [];

  const endProcesses = () => {
    for (const child of children) kill(child);
  };
  const interrupted = (why: string) => () => {
    endProcesses();
    console.error(`Ended: ${why}.`);
    void close().finally(() => process.exit(1));
    setTimeout(() => process.exit(1), 5000).unref();
  };
  const late = setTimeout(interrupted(`the run took longer than ${Math.round(limitMs / 1000)} s`), limitMs);
  const onSignal = interrupted("interrupted");
  for (const signal of SIGNALS) process.once(signal, onSignal);
  process.once("exit", endProcesses);

  async function close() {
    clearTimeout(late);
    for (const signal of SIGNALS) process.off(signal, onSignal);
    for (const undo of undoing.splice(0).reverse()) await undo();
    endProcesses();
    await Promise.all([...children].map(ended));
    process.off("exit", endProcesses);
    rmSync(folder, { recursive: true, force: true });
  }

  return {
    folder,
    spawn(command, args, options) {
      const child = spawn(command, args, options);
      children.add(child);
      child.once("exit", () => children.delete(child));
      return child;
    },
    afterwards: (undo) => void undoing.push(undo),
    close,
  };
}

const isOver = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

export const ended = (child: ChildProcess): Promise<void> =>
  isOver(child) ? Promise.resolve() : new Promise((done) => child.once("exit", () => done()));

/** A stopped process takes SIGKILL as well. */
function kill(child: ChildProcess) {
  if (!isOver(child)) child.kill("SIGKILL");
}
