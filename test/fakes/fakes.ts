import type { RequestHandler } from "msw";
import { createDattoFake, type DattoFake } from "./datto-rmm.ts";
import type { Exchange } from "./fake.ts";
import { createGlueFake, type GlueFake } from "./itglue.ts";
import { demoKeys, otherKeys, type VendorSlug } from "./keys.ts";
import { checkAgainst, readDocument } from "./validate.ts";
import { createWorld } from "./world.ts";

export interface Fakes {
  "datto-rmm": DattoFake;
  itglue: GlueFake;
  all: readonly (DattoFake | GlueFake)[];
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
  const check = (slug: VendorSlug) => (validate ? checkAgainst(readDocument(slug).document) : undefined);
  const datto = createDattoFake(
    [
      { keys: demoKeys["datto-rmm"], world },
      { keys: otherKeys["datto-rmm"], world: other },
    ],
    check("datto-rmm"),
  );
  const glue = createGlueFake(
    [
      { keys: demoKeys.itglue, world },
      { keys: otherKeys.itglue, world: other },
    ],
    check("itglue"),
  );
  const all = [datto, glue] as const;
  return {
    "datto-rmm": datto,
    itglue: glue,
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
