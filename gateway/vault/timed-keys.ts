import type { Metrics } from "../metrics/metrics.ts";
import type { KeyProvider } from "./keys.ts";

/** @param serviceOf which service a key lives at, by its name: `local`, `transit` and so on */
export function timedKeys(
  keys: KeyProvider,
  { keySeconds, keyFailures }: Pick<Metrics, "keySeconds" | "keyFailures">,
  serviceOf: (kid: string) => string,
): KeyProvider {
  // A counter that begins with its first failure hides it: Prometheus sees no increase.
  for (const provider of new Set(keys.names.map(serviceOf)))
    for (const operation of ["wrap", "unwrap"]) keyFailures.inc({ provider, operation }, 0);

  async function timed<Result>(operation: string, provider: string, work: () => Promise<Result>): Promise<Result> {
    const done = keySeconds.startTimer({ provider, operation });
    try {
      return await work();
    } catch (error) {
      keyFailures.inc({ provider, operation });
      throw error;
    } finally {
      done();
    }
  }
  return {
    ...keys,
    wrap: (key, bound) => timed("wrap", serviceOf(keys.names[0]!), () => keys.wrap(key, bound)),
    unwrap: (kid, blob, bound) => timed("unwrap", serviceOf(kid), () => keys.unwrap(kid, blob, bound)),
  };
}
