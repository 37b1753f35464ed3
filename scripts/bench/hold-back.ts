import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";

/** Short enough for a call to run over it, long enough for the kernel and for a timer to keep. */
const PERIOD_MS = 40;

/**
 * Lets a process have a share of a core, until what is returned is called: by the kernel's quota, as a container's CPU limit is,
 * or where we may not set one by stopping and waking it.
 */
export function holdBack(pid: number, share: number): () => void {
  if (share >= 1) return () => {};
  return byQuota(pid, share) ?? byTurns(pid, share);
}

const CGROUP = "/sys/fs/cgroup/cpu";

/** What holds processes back on this machine. */
export const holdingBy = (): string => {
  const release = byQuota(process.pid, 0.9);
  release?.();
  return release ? "the kernel's quota" : "stopping and waking";
};

/** Undefined where there is no such controller, or it is not ours. */
function byQuota(pid: number, share: number): (() => void) | undefined {
  const folder = `${CGROUP}/vendorsmith-bench-${pid}`;
  try {
    mkdirSync(folder);
    writeFileSync(`${folder}/cpu.cfs_period_us`, String(PERIOD_MS * 1000));
    writeFileSync(`${folder}/cpu.cfs_quota_us`, String(Math.round(PERIOD_MS * 1000 * share)));
    writeFileSync(`${folder}/cgroup.procs`, String(pid));
  } catch {
    return undefined;
  }
  return () => {
    writeFileSync(`${CGROUP}/cgroup.procs`, String(pid));
    rmdirSync(folder);
  };
}

function byTurns(pid: number, share: number): () => void {
  let timer: NodeJS.Timeout;
  const run = () => {
    process.kill(pid, "SIGCONT");
    timer = setTimeout(pause, PERIOD_MS * share);
  };
  const pause = () => {
    process.kill(pid, "SIGSTOP");
    timer = setTimeout(run, PERIOD_MS * (1 - share));
  };
  run();
  return () => {
    clearTimeout(timer);
    process.kill(pid, "SIGCONT");
  };
}
