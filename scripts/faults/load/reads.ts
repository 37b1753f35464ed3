import { suites } from "../../../test/e2e/cases.ts";
import type { VendorSlug } from "../../../test/fakes/keys.ts";
import type { Seeded } from "../seed.ts";
import { assistant, type Part, steadily } from "./loop.ts";

/** A person's assistant that asks one vendor after the other. */
export async function reads(part: Part, { token, connections }: Seeded): Promise<void> {
  const own = assistant(part, token);
  const slugs = [...connections.keys()] as VendorSlug[];
  let turn = Math.floor(Math.random() * slugs.length);
  await steadily(part, async () => {
    const { tool, args } = suites[slugs[turn++ % slugs.length]!].failing;
    const answer = await own.call(tool, args);
    if (answer.isError) return;
    part.ledger.reads++;
    if ((answer as { _meta?: object })._meta?.["vendorsmith/cached" as never]) part.ledger.cached++;
  });
  await own.close();
}
