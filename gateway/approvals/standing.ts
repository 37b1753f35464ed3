import { findApproval } from "../database/approvals.ts";
import { boundTo } from "../database/boxes.ts";
import { newId } from "../database/ids.ts";
import {
  addStanding,
  endStanding,
  findStanding,
  type Standing,
  standingFor,
  useStanding,
} from "../database/standing-approvals.ts";
import type { ApprovalPolicy } from "../policy/document.ts";
import { mayLookAfter } from "../policy/roles.ts";
import { connectionsText } from "./bind.ts";
import { openContent } from "./content.ts";
import { behind, isOutdated, othersThan } from "./decide.ts";
import type { ApprovalHouse, AskedCall } from "./request.ts";
import { type Decider, mayApprove } from "./who.ts";

type Values = Readonly<Record<string, unknown>>;

export interface StandingWish {
  readonly org: string;
  /** The decided request whose like is to be allowed. */
  readonly approval: string;
  readonly by: Decider;
  /** Arguments whose values have to be the same. Of the others the call had, each is free; what it left out stays left out. */
  readonly fixed: readonly string[];
  readonly hours: number;
  readonly uses: number;
  /** What the organisation allows at most. */
  readonly bounds: ApprovalPolicy["standing"];
  readonly requestId?: string;
}

export type StandingMade =
  | { readonly kind: "made"; readonly standing: Standing }
  | { readonly kind: "refused"; readonly why: "unknown" | "access" | "role" | "fresh" | "bounds" | "outdated" };

/** Allows the like of a decided call beforehand, within bounds, until anything about it changes. */
export async function makeStanding(house: ApprovalHouse, wish: StandingWish): Promise<StandingMade> {
  const { audit, box, clock } = house;
  const { org, by, bounds, fixed } = wish;
  return await audit.atomically(async (trx, record): Promise<StandingMade> => {
    const now = clock.now();
    const approval = await findApproval(trx, { id: wish.approval, org });
    const isDecided = approval?.status === "approved" || approval?.status === "consumed";
    const content = approval && isDecided ? await openContent(box, approval) : undefined;
    if (!approval || !content) return refused("unknown");
    if (approval.access !== "write") return refused("access");
    if (!mayLookAfter(by.role, "approve")) return refused("role");
    // Allowing many is more than allowing one: it always takes a fresh sign-in.
    const asked = await behind(trx, approval);
    const verdict = mayApprove({ ...asked, fresh: 1 }, by, { others: await othersThan(trx, asked), now });
    if (!verdict.may) return refused(verdict.why === "fresh" ? "fresh" : "role");
    if (!within(wish.hours, bounds.maxHours) || !within(wish.uses, bounds.maxUses)) return refused("bounds");
    if (await isOutdated(trx, approval)) return refused("outdated");
    const free = Object.keys(content.input).filter((name) => !fixed.includes(name));
    const values = without(content.input, free);
    const id = newId("sta");
    const standing: Standing = {
      id,
      org_id: org,
      user_id: approval.user_id,
      client_id: approval.client_id,
      client_name: approval.client_name,
      vendor: approval.vendor,
      tool: approval.tool,
      tool_hash: approval.tool_hash,
      connections: approval.connections,
      policy_version: approval.policy_version,
      customer_id: null,
      free_names: JSON.stringify(free),
      fixed_hash: fixedHash(audit, org, values),
      fixed_box: await box.seal(JSON.stringify(values), boundTo.standingApproval(org, id)),
      uses: 0,
      max_uses: wish.uses,
      expires_at: now + wish.hours * 3_600_000,
      created_by: by.id,
      created_at: now,
      ended_by: null,
      ended_at: null,
    };
    await addStanding(trx, standing);
    const detail = { standing: id, fixed: Object.keys(values), free, hours: wish.hours, uses: wish.uses };
    await record({ ...eventOf(standing, by.id), type: "approval.standing", approval: approval.id, rule: verdict.rule, detail, requestId: wish.requestId }); // biome-ignore format: one thought
    return { kind: "made", standing };
  });
}

const refused = (why: Extract<StandingMade, { kind: "refused" }>["why"]) => ({ kind: "refused", why }) as const;
const within = (wanted: number, most: number) => Number.isInteger(wanted) && wanted >= 1 && wanted <= most;

/** All that is not free: an argument that the person never saw must not come with a call they allowed. */
const without = (input: Values, free: readonly string[]): Values =>
  Object.fromEntries(
    Object.entries(input)
      .filter(([name, value]) => value !== undefined && !free.includes(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const fixedHash = ({ hash }: Pick<ApprovalHouse["audit"], "hash">, org: string, values: Values): string =>
  hash(org, ["standing/v1", values]);

/** The values that are fixed, for the page. */
export const fixedValues = async ({ box }: Pick<ApprovalHouse, "box">, { id, org_id, fixed_box }: Standing) =>
  JSON.parse(await box.open(fixed_box, boundTo.standingApproval(org_id, id))) as Values;

/** Uses what was allowed beforehand for this call, together with the row that says it was begun. @returns its id */
export async function admittedBeforehand(house: ApprovalHouse, call: AskedCall): Promise<string | undefined> {
  const { db, audit, clock } = house;
  const asked = {
    org_id: call.org,
    user_id: call.user,
    client_id: call.client,
    tool: call.tool,
    tool_hash: call.toolHash,
    connections: connectionsText(call.connections),
    policy_version: call.policyVersion,
  };
  for (const standing of await standingFor(db, asked, clock.now())) {
    const free = JSON.parse(standing.free_names) as string[];
    if (fixedHash(audit, call.org, without(call.input, free)) !== standing.fixed_hash) continue;
    const used = await audit.atomically(async (trx, record) => {
      const use = await useStanding(trx, standing, clock.now());
      if (use === undefined) return false; // the last one was taken, or it was ended, a moment ago
      await record({ ...call.started, detail: { standing: standing.id, use } });
      return true;
    });
    if (used) return standing.id;
  }
  return undefined;
}

/** Ends it at once. Approvers may end any, a person what was allowed for them. */
export async function endStandingApproval(
  { audit, clock }: ApprovalHouse,
  {
    org,
    id,
    by,
    requestId,
  }: {
    readonly org: string;
    readonly id: string;
    readonly by: Omit<Decider, "signedInAt">;
    readonly requestId?: string;
  },
): Promise<boolean> {
  return await audit.atomically(async (trx, record) => {
    const found = await findStanding(trx, { id, org });
    if (!found || !(found.user_id === by.id || mayLookAfter(by.role, "approve"))) return false;
    const ended = await endStanding(trx, { id, org }, { by: by.id, now: clock.now() });
    if (!ended) return false;
    await record({
      ...eventOf(ended, by.id),
      type: "approval.standing-end",
      detail: { standing: id, uses: ended.uses },
      requestId,
    });
    return true;
  });
}

const eventOf = (row: Standing, actor: string) => ({
  org: row.org_id,
  actor: { id: actor, type: "user" as const },
  client: row.client_id,
  vendor: row.vendor,
  tool: row.tool,
  tier: "write",
  status: "success" as const,
  policyVersion: row.policy_version,
});
