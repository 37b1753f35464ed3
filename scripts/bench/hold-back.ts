/** Short enough for a call to run over it, long enough for a timer to keep. */
const PERIOD_MS = 40;

/**
 * Lets a process run for a share of the time only, by stopping and waking it: what a container's CPU limit does, without needing
 * to be root. @returns what lets go of it
 */
export function holdBack(pid: number, share: number): () => void {
  if (share >= 1) return () => {};
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
