import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Vendor } from "../../runtime/index.ts";
import { MOST_TOOLS } from "../calls/room.ts";
import { type MemberOrg, setExtendedTools } from "../identity/orgs.ts";
import type { OrgPolicy } from "../policy/policy.ts";
import { line, readForm } from "./form.ts";
import { checkFormToken } from "./form-token.ts";
import { leaveNotice } from "./notice.ts";
import { PageProblem } from "./page-problem.ts";
import { requireSignIn } from "./session.ts";
import { mayAdminister, memberOf } from "./settings-nav.ts";
import { count } from "./words.ts";

const Switched = z.object({ vendor: line, enabled: line });

/** `/settings/vendors/extended`: a vendor's extended tools, on or off for the organisation. */
export default async function settingsExtended(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requireSignIn);

  app.post("/settings/vendors/extended", async (request, reply) => {
    checkFormToken(app, request, "extended");
    const form = readForm(request, Switched);
    const { org, owner } = await memberOf(app, request);
    if (!mayAdminister(org))
      throw new PageProblem(403, "Not allowed", "An owner or administrator of the organisation decides this.");
    const vendor = app.vendors.get(form.vendor);
    if (!vendor || extendedOf(vendor).length === 0)
      throw new PageProblem(404, "No such tools", "This vendor has no extended tools here.");
    const on = form.enabled === "true";
    await setExtendedTools(app, { org: org.id, vendor: vendor.slug, on, actor: owner.user, requestId: request.id });
    leaveNotice(app, reply, {
      kind: on ? "warn" : "good",
      text: on
        ? `The extended tools for ${vendor.title} are on, for everybody in the organisation.`
        : `The extended tools for ${vendor.title} are off.`,
    });
    return reply.redirect(`/settings/vendors#vendor-${vendor.slug}`, 303);
  });
}

const extendedOf = ({ tools }: Pick<Vendor, "tools">) => tools.filter(({ extended }) => extended);

/** The switch of one vendor; only owners and administrators get its button. */
export function extendedSwitch(vendor: Vendor, org: MemberOrg, policy: OrgPolicy, token: string) {
  const { length } = extendedOf(vendor);
  if (length === 0) return undefined;
  const on = policy.extended.has(vendor.slug);
  return {
    kind: on ? ("warn" as const) : ("" as const),
    state: on ? "On" : "Off",
    text: `${count(length, "more tool")}, each one operation of ${vendor.title} as it is. They need more of an assistant's attention, and those that change things follow the switch for that.`,
    ...(mayAdminister(org) && { form: { token, value: String(!on), label: on ? "Switch off" : "Switch on" } }),
  };
}

/** What to know when more tools are on than an assistant takes from one address. */
export function roomNote(vendors: readonly Vendor[], policy: OrgPolicy, others: number): string | undefined {
  const { extended, document } = policy;
  const mayHave = ({ access }: Vendor["tools"][number]) => access === "read" || document.switches[access];
  const tools = vendors.flatMap(({ slug, tools }) =>
    tools.filter((tool) => mayHave(tool) && (!tool.extended || extended.has(slug))),
  );
  const over = tools.length + others - MOST_TOOLS;
  if (over <= 0) return undefined;
  return `Assistants take at most ${MOST_TOOLS} tools from one address. At the address of all your vendors, ${count(over, "extended tool")} ${over === 1 ? "is" : "are"} left out: use a vendor's own address for those, or add ?tools=search to the address.`;
}
