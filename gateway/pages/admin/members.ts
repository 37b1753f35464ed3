import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { openInvitations } from "../../database/invitations.ts";
import { countMembers, listMembers, type Member } from "../../database/members.ts";
import { IdentityError } from "../../identity/errors.ts";
import { invite, revokeInvitation } from "../../identity/invitations.ts";
import { ROLES, type Role, rolesToGive } from "../../policy/roles.ts";
import { type Field, field } from "../fields.ts";
import { line, readForm } from "../form.ts";
import { checkFormToken, formToken } from "../form-token.ts";
import { leaveNotice } from "../notice.ts";
import { PageProblem } from "../page-problem.ts";
import { ago, count, day } from "../words.ts";
import { type Cursor, cursorText, readCursor } from "./cursor.ts";
import { adminOf, adminPage } from "./frame.ts";
import { isPersonal, offeredRole, refusedToPerson } from "./member-words.ts";

const HERE = "/admin/members";
const PAGE = 50;
const INVITATIONS = 200;
/** Invitations somebody may make in an hour. */
const INVITES = { max: 200, windowMs: 3_600_000 };

declare module "../views.ts" {
  interface Views {
    "admin-members": {
      count: string;
      search: string;
      members: readonly {
        href: string;
        name: string;
        email: string;
        role: string;
        secondFactor: string;
        since: string;
        seen: string;
      }[];
      next?: string;
      invitations: readonly { id: string; whom: string; role: string; expires: string }[];
      tokens: { invite: string; revoke: string };
      /** Without it this organisation takes in nobody. */
      form?: { fields: readonly Field[]; open: boolean };
    };
    "admin-invitation": { link: string; role: string; organisation: string; whom: string; bound: boolean };
  }
}

const Asked = z.object({ q: line, after: line });
const Form = z.object({ email: line, role: line, open: line });

/** `/admin/members`: who is in the organisation, in which role, and who is invited. */
export default async function members(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => show(request, reply));

  app.post(`${HERE}/invite`, async (request, reply) => {
    checkFormToken(app, request, "invite");
    const { user, org } = await adminOf(app, request, "members");
    const form = readForm(request, Form);
    const open = form.open === "yes";
    if (!open && !form.email.trim())
      return await show(request, reply, { ...form, error: "Say for whom, or let everybody use it who has the link." });
    const { allowed } = await app.limit(`invite:${user.id}`, INVITES);
    if (!allowed) throw new PageProblem(429, "Those were many invitations", "Wait an hour, then invite more people.");
    const role = offeredRole(form.role, rolesToGive(org.role));
    try {
      const email = open ? undefined : form.email;
      const { token } = await invite(app, { org: org.id, actor: user.id, role, email, requestId: request.id });
      const link = `${app.config.publicUrl}/invitations/${token}`;
      const data = { link, role, organisation: org.name, whom: email ?? "whoever has it", bound: !open };
      return adminPage(reply, "admin-invitation", data, { title: "Invitation", here: HERE });
    } catch (error) {
      if (error instanceof IdentityError && error.code === "EMAIL_INVALID")
        return await show(request, reply, { ...form, error: error.message });
      return refusedToPerson(error);
    }
  });

  app.post(`${HERE}/invitations/revoke`, async (request, reply) => {
    checkFormToken(app, request, "revoke-invitation");
    const { user, org } = await adminOf(app, request, "members");
    const { invitation: id } = readForm(request, z.object({ invitation: line }));
    const acting = { org: org.id, actor: user.id, requestId: request.id };
    await revokeInvitation(app, { ...acting, id }).catch(refusedToPerson);
    leaveNotice(app, reply, { kind: "good", text: "The invitation is taken back. Its link does nothing any more." });
    return reply.redirect(HERE, 303);
  });

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    form: Partial<z.output<typeof Form>> & { error?: string } = {},
  ) {
    const { org } = await adminOf(app, request, "members");
    const { q: search, after } = Asked.parse(request.query);
    const now = app.clock.now();
    const [rows, total, open] = await Promise.all([
      listMembers(app.db, { org: org.id, now, search: search.trim(), after: readCursor(after), limit: PAGE + 1 }),
      countMembers(app.db, org.id),
      openInvitations(app.db, org.id, { now, limit: INVITATIONS }),
    ]);
    const shown = rows.slice(0, PAGE);
    const data = {
      count: count(total, "member"),
      search: search.trim(),
      members: shown.map((member) => memberLine(member, now)),
      next: rows.length > PAGE ? nextOf(search.trim(), shown.at(-1)!) : undefined,
      invitations: open.map(({ id, email, role, expires_at }) => ({
        id,
        whom: email ?? "Whoever has the link",
        role,
        expires: day(expires_at),
      })),
      tokens: {
        invite: formToken(app, request, "invite"),
        revoke: formToken(app, request, "revoke-invitation"),
      },
      form: isPersonal(org) ? undefined : { fields: inviteFields(org.role, form), open: form.open === "yes" },
    };
    return adminPage(reply, "admin-members", data, { title: "Members", here: HERE, status: form.error ? 422 : 200 });
  }
}

const memberLine = ({ id, name, email, role, since, lastSeen, secondFactor }: Member, now: number) => ({
  href: `${HERE}/${id}`,
  name,
  email,
  role,
  secondFactor: secondFactor ? "Yes" : "No",
  since: day(since),
  seen: ago(lastSeen, now),
});

function inviteFields(own: Role, { email, role = "member", error }: { email?: string; role?: string; error?: string }) {
  const roles = rolesToGive(own);
  return [
    field({
      name: "email",
      label: "E-mail address",
      type: "email",
      required: false,
      value: email,
      about: "Only the account with this address can use the link.",
      error,
    }),
    field({
      name: "role",
      label: "Role",
      options: ROLES.filter((one) => roles.includes(one)).map((value) => ({
        value,
        label: value,
        selected: value === role,
      })),
    }),
  ];
}

const nextOf = (search: string, last: Cursor): string =>
  `${HERE}?${new URLSearchParams({ ...(search && { q: search }), after: cursorText(last) })}`;
