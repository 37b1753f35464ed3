import { setTimeout as sleep } from "node:timers/promises";
import type { Visit } from "../../test/fakes/fake.ts";
import type { Fakes } from "../../test/fakes/fakes.ts";
import { type Instead, serveFakes } from "../../test/fakes/serve.ts";
import type { Ground } from "./ground.ts";

/** The simulated vendors of a run, and their own record of what reached them. */
export interface Vendors {
  readonly origins: Readonly<Record<string, string>>;
  readonly fakes: Fakes;
  /** How often a change with this mark arrived, whether or not it was answered. */
  arrivals(mark: string): number;
  readonly marks: ReadonlyMap<string, number>;
  /** When a vendor was asked for new tokens, in milliseconds. */
  readonly renewals: readonly number[];
  /** Requests that no fake knows. */
  readonly unknown: readonly string[];
  /** How long a change takes, at most; each one takes a random part of it. */
  changeMs: number;
  /** How long giving new tokens takes. */
  renewalMs: number;
}

/** What a change carries so that it can be found at the vendor. */
const MARK = /fault-[a-z]+-\d+-[0-9a-f]{8}/;

const MOST_EXCHANGES = 400;

export async function startVendors(ground: Ground, { instead }: { instead?: Instead } = {}): Promise<Vendors> {
  const served = await serveFakes(instead ? { instead } : {});
  ground.afterwards(() => served.close());
  const marks = new Map<string, number>();
  const renewals: number[] = [];
  const vendors: Vendors = {
    origins: served.origins,
    fakes: served.fakes,
    arrivals: (mark) => marks.get(mark) ?? 0,
    marks,
    renewals,
    unknown: served.unknown,
    changeMs: 0,
    renewalMs: 0,
  };
  for (const fake of served.fakes.all)
    fake.trouble.next(
      async (visit) => {
        if (fake.exchanges.length > MOST_EXCHANGES) fake.exchanges.splice(0, MOST_EXCHANGES / 2);
        await note(visit);
        return undefined;
      },
      { times: Number.POSITIVE_INFINITY },
    );
  return vendors;

  async function note({ body, exchange }: Visit) {
    if (exchange.outside && body.includes("grant_type=refresh_token")) {
      renewals.push(Date.now());
      if (vendors.renewalMs > 0) await sleep(vendors.renewalMs);
    }
    const mark = exchange.method === "GET" ? undefined : MARK.exec(body)?.[0];
    if (!mark) return;
    marks.set(mark, (marks.get(mark) ?? 0) + 1);
    if (vendors.changeMs > 0) await sleep(Math.random() * vendors.changeMs);
  }
}
