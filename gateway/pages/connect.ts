import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { findConnection, findShared, isShared } from "../connections/connections.ts";
import { readConnectLink } from "../connections/link.ts";
import { narrowScope } from "../database/scope.ts";
import type { SignedIn } from "../identity/sessions.ts";
import { elsewhere } from "../policy/regions.ts";
import { mayLookAfter } from "../policy/roles.ts";
import {
  type ConnectForm,
  type Connecting,
  connectIntro,
  connectVendor,
  emptyConnectForm,
  tryToConnect,
} from "./connect-form.ts";
import { field } from "./fields.ts";
import { line, readForm } from "./form.ts";
import { checkFormToken, formToken } from "./form-token.ts";
import { leaveByForm } from "./leave-by-form.ts";
import { leaveNotice } from "./notice.ts";
import { PageProblem } from "./page-problem.ts";
import { page } from "./render.ts";
import { requireSignIn } from "./session.ts";

const Asked = z.object({ link: line, replace: line, shared: line });
const Form = z.object({ label: line, link: line });

/** `/connect/{vendor}`: enter keys, or replace them, from settings or from a link that a tool call returned. */
export default async function connect(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requireSignIn);

  app.get<{ Params: { vendor: string } }>("/connect/:vendor", async (request, reply) => {
    const { link, ...asked } = Asked.parse(request.query);
    const wanted = await connectingOf(request, link, asked);
    return show(request, reply, wanted, emptyConnectForm(wanted), link);
  });

  app.post<{ Params: { vendor: string } }>("/connect/:vendor", async (request, reply) => {
    checkFormToken(app, request, "connect");
    const { label, link } = readForm(request, Form);
    const wanted = await connectingOf(request, link, Asked.parse(request.query));
    const result = await tryToConnect(app, request, { ...wanted, label });
    if ("leave" in result) return reply.redirect(result.leave, 303);
    if (!("connection" in result)) return show(request, reply, wanted, result, link, label);
    const { slug, title } = wanted.vendor;
    if (link) return reply.redirect(`/connect/${slug}/done`, 303);
    leaveNotice(app, reply, {
      kind: "good",
      text: `${title} accepted the keys. “${result.connection.label}” is connected.${wanted.shared && !wanted.replaces ? " So far you alone may use it: open it to choose who else." : ""}`,
    });
    return reply.redirect(wanted.returnTo, 303);
  });

  app.get<{ Params: { vendor: string } }>("/connect/:vendor/done", async (request, reply) => {
    const { title } = vendorAt(request);
    return page(
      reply,
      "message",
      {
        heading: `${title} is connected`,
        text: "Go back to your assistant and ask again; it can use it now. You can close this page.",
        actions: [{ href: "/settings/vendors", label: "See it in settings" }],
      },
      { title: "Connected", narrow: true },
    );
  });

  const vendorAt = ({ params }: FastifyRequest<{ Params: { vendor: string } }>) => {
    const vendor = app.vendors.get(params.vendor);
    if (!vendor) throw new PageProblem(404, "Unknown vendor", "This vendor is not offered here.");
    return vendor;
  };

  async function connectingOf(
    request: FastifyRequest<{ Params: { vendor: string } }>,
    link: string,
    { replace, shared: wantsShared }: { replace: string; shared: string },
  ): Promise<Connecting & { orgName: string }> {
    const vendor = vendorAt(request);
    const { user, session, orgs } = request.signedIn!; // requireSignIn
    const id = link ? orgOfLink(link, vendor.slug, request.signedIn!) : session.orgId;
    const org = orgs.find((one) => one.id === id)!; // of the session, or one that the link was checked for
    narrowScope(org.id);
    const abroad = elsewhere(org.region, app.config.regions);
    if (abroad) throw new PageProblem(409, "Another gateway serves this organisation", abroad);
    const owner = { org: org.id, user: user.id };
    const mayShare = mayLookAfter(org.role, "connections");
    const replaces = replace ? await replacedBy(owner, replace, mayShare) : undefined;
    if (replace && replaces?.vendor !== vendor.slug)
      throw new PageProblem(404, "No such connection", "It was revoked, or it belongs to somebody else.");
    const shared = replaces ? isShared(replaces) : wantsShared === "yes";
    if (shared && (!mayShare || org.personal_of))
      throw new PageProblem(403, "Not yours to share", `In ${org.name} others look after what is shared.`);
    const page = shared ? "/admin/connections" : "/settings/vendors";
    const returnTo = link ? `/connect/${vendor.slug}/done` : page;
    return { vendor, ...owner, orgName: org.name, shared, replaces, returnTo };
  }

  const replacedBy = async (owner: { org: string; user: string }, id: string, mayShare: boolean) =>
    (await findConnection(app.db, { ...owner, id })) ??
    (mayShare ? await findShared(app.db, { org: owner.org, id }) : undefined);

  /**
   * The person who finishes must be the one the link was made for, whoever it was forwarded to. It says in which organisation,
   * whichever the browser is in.
   */
  function orgOfLink(text: string, vendor: string, { user, orgs }: SignedIn): string {
    const link = readConnectLink(app, text, vendor);
    if (!link) throw new PageProblem(410, "This link is over", "Ask your assistant again: it gets a fresh one.");
    if (link.userId !== user.id || !orgs.some(({ id }) => id === link.orgId))
      throw new PageProblem(
        403,
        "This link is for another account",
        `You are signed in as ${user.email}. Sign out, and sign in with the account that your assistant uses.`,
      );
    return link.orgId;
  }

  function show(
    request: FastifyRequest,
    reply: FastifyReply,
    { vendor, replaces, shared, orgName, returnTo }: Connecting & { orgName: string },
    { fields, problem, status }: ConnectForm,
    link: string,
    label = replaces?.label,
  ) {
    const again = vendor.signIn ? `Sign in at ${vendor.title} again` : `Replace keys of ${vendor.title}`;
    const heading = replaces ? again : `Connect ${vendor.title}`;
    if (vendor.signIn) leaveByForm(reply);
    const name = field({
      name: "label",
      label: "Name of this connection",
      required: false,
      value: label,
      about: "To tell several accounts apart.",
    });
    return page(
      reply,
      "connect",
      {
        action: `/connect/${vendor.slug}${replaces ? `?replace=${replaces.id}` : shared ? "?shared=yes" : ""}`,
        heading,
        intro: `${connectIntro(vendor, replaces)} ${ownerWords(orgName, shared)}`,
        fields: [...fields, name],
        vendor: connectVendor(app, vendor),
        problem,
        token: formToken(app, request, "connect"),
        link,
        back: returnTo.endsWith("/done") ? "/settings/vendors" : returnTo,
      },
      { title: heading, narrow: true, status },
    );
  }
}

/** Where it will be, and whose. */
const ownerWords = (organisation: string, shared = false) =>
  shared
    ? `The connection will belong to ${organisation}: at first you alone may use it, then whom you choose.`
    : `The connection will be yours alone, in ${organisation}.`;
