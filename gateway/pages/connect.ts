import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { findConnection } from "../connections/connections.ts";
import { readConnectLink } from "../connections/link.ts";
import type { SignedIn } from "../identity/sessions.ts";
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

const Asked = z.object({ link: line, replace: line });
const Form = z.object({ label: line, link: line });

/** `/connect/{vendor}`: enter keys, or replace them, from settings or from a link that a tool call returned. */
export default async function connect(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requireSignIn);

  app.get<{ Params: { vendor: string } }>("/connect/:vendor", async (request, reply) => {
    const { link, replace } = Asked.parse(request.query);
    const wanted = await connectingOf(request, link, replace);
    return show(request, reply, wanted, emptyConnectForm(wanted), link);
  });

  app.post<{ Params: { vendor: string } }>("/connect/:vendor", async (request, reply) => {
    checkFormToken(app, request, "connect");
    const { label, link } = readForm(request, Form);
    const wanted = await connectingOf(request, link, Asked.parse(request.query).replace);
    const result = await tryToConnect(app, request, { ...wanted, label });
    if ("leave" in result) return reply.redirect(result.leave, 303);
    if (!("connection" in result)) return show(request, reply, wanted, result, link, label);
    const { slug, title } = wanted.vendor;
    if (link) return reply.redirect(`/connect/${slug}/done`, 303);
    leaveNotice(app, reply, {
      kind: "good",
      text: `${title} accepted the keys. “${result.connection.label}” is connected.`,
    });
    return reply.redirect("/settings/vendors", 303);
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
    replace: string,
  ): Promise<Connecting> {
    const vendor = vendorAt(request);
    const { user, session } = request.signedIn!; // requireSignIn
    if (link) checkLink(link, vendor.slug, request.signedIn!);
    const owner = { org: session.orgId, user: user.id };
    const replaces = replace ? await findConnection(app.db, { ...owner, id: replace }) : undefined;
    if (replace && replaces?.vendor !== vendor.slug)
      throw new PageProblem(404, "No such connection", "It was revoked, or it belongs to somebody else.");
    return { vendor, ...owner, replaces, returnTo: link ? `/connect/${vendor.slug}/done` : "/settings/vendors" };
  }

  /** The person who finishes must be the one the link was made for, whoever it was forwarded to. */
  function checkLink(text: string, vendor: string, { user, session }: SignedIn) {
    const link = readConnectLink(app, text, vendor);
    if (!link) throw new PageProblem(410, "This link is over", "Ask your assistant again: it gets a fresh one.");
    if (link.userId !== user.id || link.orgId !== session.orgId)
      throw new PageProblem(
        403,
        "This link is for another account",
        `You are signed in as ${user.email}. Sign out, and sign in with the account that your assistant uses.`,
      );
  }

  function show(
    request: FastifyRequest,
    reply: FastifyReply,
    { vendor, replaces }: Connecting,
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
        action: `/connect/${vendor.slug}${replaces ? `?replace=${replaces.id}` : ""}`,
        heading,
        intro: connectIntro(vendor, replaces),
        fields: [...fields, name],
        vendor: connectVendor(app, vendor),
        problem,
        token: formToken(app, request, "connect"),
        link,
        back: "/settings/vendors",
      },
      { title: heading, narrow: true, status },
    );
  }
}
