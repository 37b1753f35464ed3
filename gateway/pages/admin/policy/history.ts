import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { namesOf } from "../../../database/people-names.ts";
import { findPolicy, listPolicies } from "../../../database/policies.ts";
import type { PolicyRow } from "../../../database/schema.ts";
import { readPolicy } from "../../../identity/policy-document.ts";
import { changesBetween, type PolicyChange } from "../../../policy/changes.ts";
import { DEFAULT_POLICY, type PolicyDocument } from "../../../policy/document.ts";
import { line, readForm } from "../../form.ts";
import { formToken } from "../../form-token.ts";
import { PageProblem } from "../../page-problem.ts";
import { adminPage } from "../frame.ts";
import { moment } from "../moment.ts";
import { changeByForm, policyPage } from "./change.ts";
import { type Tabs, tabsAt } from "./tabs.ts";

const HERE = "/admin/policy/history";
const BACK = `${HERE}/back`;
const PAGE = 20;

declare module "../../views.ts" {
  interface Views {
    "admin-policy-history": Tabs & {
      versions: readonly {
        version: number;
        current: boolean;
        who: string;
        when: { iso: string; text: string };
        changes: readonly PolicyChange[];
      }[];
      /** The first version, which nobody wrote. */
      first: boolean;
      firstIsCurrent: boolean;
      newer?: string;
      older?: string;
      action: string;
      token: string;
    };
  }
}

/** `/admin/policy/history`: every version with who, when and what, and the way back to one. */
export default async function history(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => {
    const { policy, mayChange, org } = await policyPage(app, request);
    const before = z.coerce.number().int().positive().optional().catch(undefined).parse((request.query as Record<string, unknown>)["before"]); // biome-ignore format: one thought
    const rows = await listPolicies(app.db, org.id, { before, limit: PAGE + 1 });
    const shown = rows.slice(0, PAGE);
    const names = await namesOf(app.db, org.id, shown.map(({ created_by }) => created_by)); // biome-ignore format: one thought
    const isEnd = rows.length <= PAGE;
    const data = {
      tabs: tabsAt(HERE),
      mayChange,
      versions: shown.map((row, place) => ({
        version: row.version,
        current: row.version === policy.version,
        who: names.get(row.created_by) || "Somebody who has left",
        when: moment(row.created_at),
        changes: changesBetween(documentOf(rows[place + 1]), documentOf(row)),
      })),
      first: isEnd,
      firstIsCurrent: policy.version === 1,
      newer: before === undefined ? undefined : HERE,
      older: isEnd ? undefined : `${HERE}?before=${shown.at(-1)!.version}`,
      action: BACK,
      token: formToken(app, request, BACK),
    };
    return adminPage(reply, "admin-policy-history", data, { title: "Policy history", here: "/admin/policy" });
  });

  app.post(BACK, async (request, reply) => {
    const { org } = await policyPage(app, request);
    const version = Number(readForm(request, z.object({ version: line })).version);
    const row = version === 1 ? undefined : await findPolicy(app.db, org.id, version || 0);
    if (!row && version !== 1) throw new PageProblem(404, "No such version", "The history has no version of this number.");
    const wanted = documentOf(row);
    return changeByForm(app, request, reply, {
      action: BACK,
      back: HERE,
      type: "policy.back",
      change: () => wanted,
      said: `The policy is that of version ${version} again.`,
    });
  }); // biome-ignore format: one thought
}

/** Of the version that nobody wrote: a new organisation's. */
const documentOf = (row: PolicyRow | undefined): PolicyDocument => (row ? readPolicy(row.document) : DEFAULT_POLICY);
