import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isLimited } from "../../identity/customers/limits.ts";
import { runsInstallation } from "../../identity/installation.ts";
import { looksAfterAnything, mayLookAfter, type Right, ROLES, rolesWith, roleWithin } from "../../policy/roles.ts";
import { PageProblem } from "../page-problem.ts";
import { page } from "../render.ts";
import { memberOf } from "../settings-nav.ts";
import type { Views } from "../views.ts";
import { articled } from "../words.ts";
import { type AdminPath, adminNav } from "./navigation.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Which pages of an organisation there are. */
    readonly adminPaths: ReadonlySet<AdminPath>;
  }
  interface FastifyRequest {
    /** Of whom the page is, once `adminOf` has let the person in. */
    adminOf?: Awaited<ReturnType<typeof memberOf>> & { readonly runsInstallation: boolean };
  }
}

/**
 * Who looks after which organisation: the signed-in person in that of their session.
 * @param rights any of these is enough; none given: whoever looks after anything
 * @throws PageProblem 403 that names who may
 */
export async function adminOf(app: FastifyInstance, request: FastifyRequest, ...rights: readonly Right[]) {
  const member = await memberOf(app, request);
  const { role, name } = member.org;
  const may = rights.length === 0 ? looksAfterAnything(role) : rights.some((right) => mayLookAfter(role, right));
  if (!may) throw new PageProblem(403, "This is not yours to look after", refusal(name, role, rights));
  if (roleWithin(role, (await isLimited(app.db, member.owner)) ?? true) !== role)
    throw new PageProblem(
      403,
      "You are limited to some customers",
      "These pages show those of others too. Ask an owner or admin, who can also change which customers you see.",
    );
  const runs = await runsInstallation(app.db, { org: member.org.id, role });
  request.adminOf = { ...member, runsInstallation: runs };
  return { ...request.adminOf, actor: { id: member.user.id, type: "user" as const } };
}

/** Answers with a page of the organisation: its name and navigation beside the content. */
export function adminPage<View extends keyof Views>(
  reply: FastifyReply,
  view: View,
  data: Views[View],
  { title, here, status }: { title: string; here: AdminPath; status?: number },
): FastifyReply {
  const { org, runsInstallation: runs } = reply.request.adminOf!; // adminOf came first
  const nav = adminNav(org.role, reply.server.adminPaths, here, runs);
  const admin = { organisation: org.name, role: articled(org.role), nav };
  return page(reply, view, data, { title: `${title} · ${org.name}`, status, admin });
}

function refusal(organisation: string, role: string, rights: readonly Right[]): string {
  const roles = rights.length > 0 ? rolesWith(...rights) : ROLES.filter(looksAfterAnything);
  return `In ${organisation} you are ${articled(role)}. This page is for ${listed(roles.map((one) => `${one}s`))}: ask one of them, or ask for another role.`;
}

const listed = (words: readonly string[]) =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
