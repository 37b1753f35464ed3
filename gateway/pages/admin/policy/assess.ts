import type { CatalogTool } from "../../../calls/catalog.ts";
import type { Catalogs } from "../../../calls/catalogs.ts";
import { boundConnections, liveGrants } from "../../../database/grants.ts";
import type { Db } from "../../../database/index.ts";
import { readToolsOff } from "../../../database/policies.ts";
import type { KnownClient, Subject } from "../../../database/policy-subjects.ts";
import { agentTypeOf } from "../../../oauth/agent-type.ts";
import { ALL_VENDORS } from "../../../oauth/resources.ts";
import { type Explanation, explain } from "../../../policy/explain.ts";
import type { OrgPolicy } from "../../../policy/policy.ts";

interface House {
  readonly db: Db;
  readonly catalogs: Catalogs;
  readonly clock: { now(): number };
}

export interface Wondering {
  readonly org: { readonly id: string; readonly name: string };
  readonly policy: OrgPolicy;
  readonly person: Subject;
  readonly entry: CatalogTool;
  /** Undefined stands for an app that registered itself and that the person allowed everything. */
  readonly client?: KnownClient;
}

/** Why a person can or cannot call a tool through an app, at this moment: with the access they gave it, or else with all they could give. */
export async function assess(
  { db, catalogs, clock }: House,
  { org, policy, person, entry, client }: Wondering,
): Promise<Explanation> {
  const now = clock.now();
  const owner = { org: org.id, user: person.id };
  const access = (client && (await givenTo(db, owner, client.id, now))) ?? (await wholeOf(db, owner));
  const caller = {
    orgId: org.id,
    role: person.role,
    clientId: client?.id ?? "",
    agentType: agentTypeOf(client?.id ?? ""),
    limited: person.limited === 1,
    ...access,
  };
  const named = {
    tool: entry.tool.name,
    organisation: org.name,
    role: person.role,
    client: client ? `“${client.name}”` : "the app",
  };
  const circumstances = { now, lock: catalogs.all.lock, toolsOff: await readToolsOff(db) };
  return explain(entry.facts, caller, policy, circumstances, named);
}

interface Access {
  readonly reach: ReadonlySet<string>;
  readonly scopes: ReadonlySet<string>;
}

type Owner = { org: string; user: string };

/** What the person's live grants to this app add up to. */
async function givenTo(db: Db, owner: Owner, client: string, now: number): Promise<Access | undefined> {
  const grants = (await liveGrants(db, owner, now)).filter(({ client_id }) => client_id === client);
  if (grants.length === 0) return undefined;
  const reach = new Set<string>();
  for (const { id, vendor } of grants) {
    const vendors = vendor === ALL_VENDORS ? (await boundConnections(db, { grant: id, ...owner })).keys() : [vendor];
    for (const each of vendors) reach.add(each);
  }
  return { reach, scopes: new Set(grants.flatMap(({ scopes }) => scopes.split(" "))) };
}

/** Everything a person could let an app have: each vendor they have connected, to read, write and reveal. */
async function wholeOf(db: Db, owner: Owner): Promise<Access> {
  const reach = new Set((await boundConnections(db, { grant: "", ...owner })).keys());
  const scopes = [...reach].flatMap((vendor) => ["read", "write", "reveal"].map((one) => `${vendor}:${one}`));
  return { reach, scopes: new Set(scopes) };
}
