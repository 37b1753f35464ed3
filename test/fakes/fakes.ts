import type { RequestHandler } from "msw";
import { createAteraFake } from "./atera.ts";
import { createAutotaskFake } from "./autotask.ts";
import { createAutomateFake } from "./connectwise-automate.ts";
import { createPsaFake } from "./connectwise-psa.ts";
import { createDattoFake } from "./datto-rmm.ts";
import type { Check, Exchange, Fake } from "./fake.ts";
import { createHaloFake } from "./halopsa.ts";
import { createGlueFake } from "./itglue.ts";
import { demoKeys, otherKeys, type VendorSlug } from "./keys.ts";
import { createSuperopsFake } from "./superops.ts";
import { createSyncroFake } from "./syncro.ts";
import { checkRequests } from "./validate.ts";
import { createWorld, type World } from "./world.ts";

/** How each vendor's fake is made: for accounts, each with its keys and its world. */
const makers = {
  "datto-rmm": createDattoFake,
  itglue: createGlueFake,
  syncro: createSyncroFake,
  atera: createAteraFake,
  superops: createSuperopsFake,
  halopsa: createHaloFake,
  "connectwise-automate": createAutomateFake,
  autotask: createAutotaskFake,
  "connectwise-psa": createPsaFake,
} satisfies Record<VendorSlug, unknown>;

type FakeOf = { [Slug in VendorSlug]: ReturnType<(typeof makers)[Slug]> };

export interface Fakes extends FakeOf {
  all: readonly Fake[];
  handlers: RequestHandler[];
  /** Requests of all vendors since the last `clear`, oldest first within a vendor. */
  readonly exchanges: Exchange[];
  /** Forgets requests and planned trouble; the worlds stay. */
  clear(): void;
}

/**
 * Two MSPs with accounts at every vendor: the one of `demoKeys`, and one of `otherKeys` with the same ids and other names.
 * With `validate`, a request that the vendor's document does not allow is answered 501 and noted as a violation.
 */
export function createFakes({ now = Date.now(), validate = false }: { now?: number; validate?: boolean } = {}): Fakes {
  const world = createWorld({ now });
  const other = createWorld({ now, msp: "Harbor & Finch IT" });
  const slugs = Object.keys(makers) as VendorSlug[];
  const bySlug = Object.fromEntries(
    slugs.map((slug) => {
      const make = makers[slug] as (accounts: { keys: unknown; world: World }[], check?: Check) => Fake;
      const accounts = [
        { keys: demoKeys[slug], world },
        { keys: otherKeys[slug], world: other },
      ];
      return [slug, make(accounts, validate ? checkRequests(slug) : undefined)];
    }),
  ) as unknown as FakeOf;
  const all = slugs.map((slug): Fake => bySlug[slug]);
  return {
    ...bySlug,
    all,
    handlers: all.flatMap(({ handlers }) => handlers),
    get exchanges() {
      return all.flatMap(({ exchanges }) => exchanges);
    },
    clear() {
      for (const { exchanges, trouble } of all) {
        exchanges.length = 0;
        trouble.clear();
      }
    },
  };
}
