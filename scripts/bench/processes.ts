import { readdirSync, readFileSync } from "node:fs";

/** Linux counts in hundredths of a second, wherever node runs. */
const MS_PER_TICK = 10;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time so far, in milliseconds: its own, and that of its children that have ended. */
  readonly ownMs: number;
  readonly endedMs: number;
}

/** Milliseconds of CPU that processes have used so far, each with all that it has started. Linux only. */
export function cpuMsOf(...roots: readonly number[]): number {
  const all = everyProcess();
  return roots.reduce((sum, root) => sum + treeMs(root, all), 0);
}

/** Of the process alone, without those that it has started. */
export const ownCpuMsOf = (pid: number): number => statOf(pid)?.ownMs ?? 0;

/** Of all that the process has started, without itself. */
export const childrenCpuMsOf = (pid: number): number => cpuMsOf(pid) - ownCpuMsOf(pid);

export const parentOf = (pid: number): number | undefined => statOf(pid)?.parent;

/** Resident memory in MB. */
export const rssMbOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

function treeMs(pid: number, all: readonly Stat[]): number {
  const stat = all.find((one) => one.pid === pid);
  if (!stat) return 0;
  const children = all.filter(({ parent }) => parent === pid);
  return stat.ownMs + stat.endedMs + children.reduce((sum, child) => sum + treeMs(child.pid, all), 0);
}

const everyProcess = (): Stat[] =>
  readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []));

/** @see proc_pid_stat(5); the name in brackets may hold anything, so fields are counted from its end */
function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const ticks = (...places: number[]) => places.reduce((sum, place) => sum + Number(fields[place]), 0) * MS_PER_TICK;
    return { pid, parent: Number(fields[1]), ownMs: ticks(11, 12), endedMs: ticks(13, 14) };
  } catch {
    return undefined; // it ended meanwhile
  }
}
