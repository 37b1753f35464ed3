import type { VendorSlug } from "../fakes/keys.ts";
import { atera } from "./cases/atera.ts";
import { autotask } from "./cases/autotask.ts";
import type { Suite, VendorCase } from "./cases/case.ts";
import { connectwiseAutomate } from "./cases/connectwise-automate.ts";
import { connectwisePsa } from "./cases/connectwise-psa.ts";
import { dattoRmm } from "./cases/datto-rmm.ts";
import { halopsa } from "./cases/halopsa.ts";
import { itglue } from "./cases/itglue.ts";
import { superops } from "./cases/superops.ts";
import { syncro } from "./cases/syncro.ts";

export { type Ids, idsOf } from "./cases/case.ts";

/** What is asked of every vendor. */
export const suites: Readonly<Record<VendorSlug, Suite>> = {
  "datto-rmm": dattoRmm,
  itglue,
  syncro,
  atera,
  superops,
  halopsa,
  "connectwise-automate": connectwiseAutomate,
  autotask,
  "connectwise-psa": connectwisePsa,
};

export interface Case extends VendorCase {
  vendor: VendorSlug;
}

export const cases: readonly Case[] = Object.entries(suites).flatMap(([vendor, suite]) =>
  suite.cases.map((each) => ({ vendor: vendor as VendorSlug, ...each })),
);
