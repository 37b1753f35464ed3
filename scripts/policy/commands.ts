import { createAudit } from "../../gateway/audit/audit.ts";
import { refuseForeignTrail } from "../../gateway/audit/foreign-trail.ts";
import { catalogsOf } from "../../gateway/calls/catalogs.ts";
import { SYSTEM_ORG } from "../../gateway/database/audit-events.ts";
import type { Db } from "../../gateway/database/index.ts";
import { clientsOf, findSubject } from "../../gateway/database/policy-subjects.ts";
import { policyOf, switchToolForAll } from "../../gateway/identity/policies.ts";
import { assess } from "../../gateway/pages/admin/policy/assess.ts";
import lock from "../../generated/contract.json" with { type: "json" };
import { across, vendors } from "../../generated/index.ts";
import { openGateway } from "../audit/open.ts";

const clock = { now: Date.now };

const catalogs = catalogsOf(
  {
    vendors: new Map(vendors.map((vendor) => [vendor.slug, vendor])),
    across,
    config: { product: { name: "" } } as never, // its name is all that is asked of it
    log: console as never,
  },
  lock,
);

interface Asked {
  readonly org: string;
  readonly user: string;
  readonly tool: string;
  readonly client?: string;
}

/** The same reasoning as on the page "Why can(not) …?". */
export const explain = (asked: Asked): Promise<number> =>
  withDatabase(async (db) => {
    const org = await findOrg(db, asked.org);
    if (!org) return missing(`No organisation ${asked.org}.`);
    const person = await findSubject(db, org.id, asked.user);
    if (!person) return missing(`${asked.user} is no member of ${org.name}.`);
    const entry = catalogs.all.tools.get(asked.tool);
    if (!entry) return missing(`No tool ${asked.tool}.`);
    const known = await clientsOf(db, org.id, clock.now());
    const client = known.find(({ id, name }) => id === asked.client || name === asked.client);
    if (asked.client && !client) return missing(`Nobody in ${org.name} uses ${asked.client}.`);
    const policy = await policyOf(db, org.id);
    const { decision, sentence, steps } = await assess({ db, catalogs, clock }, { org, policy, person, entry, client });
    console.log(`${decision.verdict} (${decision.rule}, policy version ${policy.version})\n${sentence}\n`);
    for (const { question, answer, said } of steps) console.log(`${MARKS[said]} ${question} ${answer}`);
    return 0;
  });

const MARKS = { passed: "  ok  ", decided: "  ->  ", "would-stop": "  !   " } as const;

/** The policy in force, as JSON. */
export const show = (id: string): Promise<number> =>
  withDatabase(async (db) => {
    const org = await findOrg(db, id);
    if (!org) return missing(`No organisation ${id}.`);
    const { version, document } = await policyOf(db, org.id);
    console.log(JSON.stringify({ org: org.id, version, ...document }, undefined, 2));
    return 0;
  });

/** For every organisation at once: of a tool that must not be called now, whoever decided what. */
export const switchFor = (tool: string, on: boolean): Promise<number> =>
  withDatabase(async (db, keys) => {
    if (!catalogs.all.tools.has(tool)) return missing(`No tool ${tool}.`);
    await refuseForeignTrail(db, keys.audit);
    const audit = createAudit({ db, keys: keys.audit, clock, sinks: [] });
    await switchToolForAll({ audit }, { tool, on, org: SYSTEM_ORG });
    await audit.close();
    console.log(`${tool} is ${on ? "on" : "off"} for every organisation, from the next request on.`);
    return 0;
  });

const findOrg = (db: Db, id: string) =>
  db.selectFrom("orgs").select(["id", "name"]).where("id", "=", id).executeTakeFirst();

function missing(text: string): number {
  console.error(text);
  return 2;
}

type Opened = Awaited<ReturnType<typeof openGateway>>;

async function withDatabase(work: (db: Db, keys: Opened["keys"]) => Promise<number>): Promise<number> {
  const { db, keys } = await openGateway();
  try {
    return await work(db, keys);
  } finally {
    await db.destroy();
  }
}
