/**
 * Does something when it is first asked for; whoever asks meanwhile or later gets the same. A failure is told to those who wait,
 * and the next one begins anew.
 */
export function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let begun: Promise<Result> | undefined;
  return () => {
    begun ??= work().catch((error: unknown) => {
      begun = undefined;
      throw error;
    });
    return begun;
  };
}
