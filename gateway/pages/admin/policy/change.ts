import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { changePolicy } from "../../../identity/policies.ts";
import { changesBetween, type PolicyChange } from "../../../policy/changes.ts";
import type { PolicyDocument } from "../../../policy/document.ts";
import { mayLookAfter } from "../../../policy/roles.ts";
import { checkFormToken, formToken } from "../../form-token.ts";
import { requireFresh } from "../../fresh.ts";
import { leaveNotice } from "../../notice.ts";
import { PageProblem } from "../../page-problem.ts";
import { adminOf, adminPage } from "../frame.ts";

/** The policy as it stands, for whoever may see it; who may only look gets no forms. */
export async function policyPage(app: FastifyInstance, request: FastifyRequest) {
  const member = await adminOf(app, request, "policy", "audit");
  const { id, role, policy_version } = member.org;
  const policy = await app.policies.of(id, policy_version);
  return { ...member, policy, mayChange: mayLookAfter(role, "policy") };
}

export interface FormChange {
  /** The address of the form, which is also what its token is for. */
  readonly action: string;
  /** The page to go back to. */
  readonly back: string;
  /** `policy.<what>`, for the audit log. */
  readonly type: string;
  readonly tool?: string;
  readonly vendor?: string;
  change(document: PolicyDocument): PolicyDocument;
  /** What is said afterwards. */
  readonly said: string;
  /** Who may change this; the policy's right unless said. */
  readonly right?: "policy" | "tools";
}

/**
 * One form, one change, one version. Before anything becomes looser the person reads in words what changes and says yes again;
 * before what is dangerous they also show who they are.
 */
export async function changeByForm(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  { action, back, type, tool, vendor, change, said, right = "policy" }: FormChange,
): Promise<FastifyReply> {
  const { org, user } = await adminOf(app, request, right);
  checkFormToken(app, request, action);
  const { document } = await app.policies.of(org.id, org.policy_version);
  const looser = changesBetween(document, change(document)).filter(({ effect }) => effect !== "none");
  const isDangerous = looser.some(({ effect }) => effect === "dangerous");
  if (isDangerous) {
    const goOn = { heading: LOOSER, consequences: [EVERYBODY], changes: looser, button: "Yes, allow this", back, also: { confirmed: yesTo(looser) } }; // biome-ignore format: one thought
    if (!requireFresh(app, request, reply, { goOn })) return reply;
  }
  const form = request.body as Record<string, string | string[]>;
  if (looser.length > 0 && form["confirmed"] !== yesTo(looser))
    return adminPage(reply, "admin-confirm", askFirst(looser, { action, back, form, token: formToken(app, request, action) }), { title: "Allow more?", here: "/admin/policy" }); // biome-ignore format: one thought
  const before = org.policy_version;
  const who = { org: org.id, actor: user.id, requestId: request.id };
  const version = await changePolicy(app, { ...who, type, tool, vendor, change }).catch(refuseUnkeepable);
  const isChanged = version !== before;
  leaveNotice(app, reply, {
    kind: looser.length > 0 ? "warn" : "good",
    text: isChanged ? `${said} It holds from the next request on, as version ${version}.` : "Nothing was different, so nothing was changed.",
  }); // biome-ignore format: one thought
  return reply.redirect(back, 303);
}

function refuseUnkeepable(error: unknown): never {
  if (!(error instanceof z.ZodError)) throw error;
  const { path, message } = error.issues[0]!;
  throw new PageProblem(422, "This cannot be kept", `${path.join(", ")}: ${message}. Nothing was changed.`);
}

declare module "../../views.ts" {
  interface Views {
    "admin-confirm": {
      heading: string;
      about: string;
      changes: readonly PolicyChange[];
      action: string;
      hidden: readonly { name: string; value: string }[];
      token: string;
      back: string;
    };
  }
}

const LOOSER = "Allow more than now?";
const EVERYBODY =
  "This holds for everybody in the organisation from the next request on, and is written to the audit log under your name.";

/** Counts for what the person has read alone: others may change the policy meanwhile. */
const yesTo = (changes: readonly PolicyChange[]): string =>
  createHash("sha256").update(JSON.stringify(changes)).digest("base64url");

function askFirst(
  changes: readonly PolicyChange[],
  { form, ...rest }: { form: Readonly<Record<string, string | string[]>>; action: string; back: string; token: string },
) {
  const repeated = Object.entries(form)
    .filter(([name]) => name !== "form_token" && name !== "confirmed")
    .flatMap(([name, values]) => [values].flat().map((value) => ({ name, value })));
  const hidden = [...repeated, { name: "confirmed", value: yesTo(changes) }];
  return { ...rest, hidden, changes, heading: LOOSER, about: EVERYBODY };
}
