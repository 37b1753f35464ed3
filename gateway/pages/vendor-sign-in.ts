import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { findConnection, isShared } from "../connections/connections.ts";
import { beginSignIn } from "../connections/sign-in/begin.ts";
import { finishSignIn } from "../connections/sign-in/finish.ts";
import { storedSignIn } from "../connections/sign-in/stored.ts";
import { rebindGrants } from "../oauth/grants.ts";
import { line, readForm } from "./form.ts";
import { checkFormToken } from "./form-token.ts";
import { leaveNotice } from "./notice.ts";
import { PageProblem } from "./page-problem.ts";
import { page } from "./render.ts";
import { requireSignIn, sessionToken } from "./session.ts";
import { memberOf } from "./settings-nav.ts";

/** Each at most once; what else a vendor sends is its own business. */
const one = z.string().max(4096).optional().catch(undefined);
const Returned = z.object({ state: one, code: one, error: one, iss: one });

/** How often somebody may go and come back in ten minutes. */
const TRIES = { max: 20, windowMs: 10 * 60_000 };

/** The way back from a vendor's own sign-in page, and the one click that leads there again. */
export default async function vendorSignIn(app: FastifyInstance): Promise<void> {
  app.get<{ Params: { vendor: string } }>("/connect/callback/:vendor", async (request, reply) => {
    const vendor = app.vendors.get(request.params.vendor);
    if (!vendor?.signIn) throw new PageProblem(404, "Unknown vendor", "Nobody signs in there from here.");
    const { signedIn } = request;
    const session = sessionToken(app, request);
    if (!signedIn || !session)
      throw new PageProblem(
        400,
        "You are not signed in here",
        `Sign in, then connect ${vendor.title} again. Nothing was stored.`,
      );
    const { user } = signedIn;
    const { allowed } = await app.limit(`callback:${user.id}`, TRIES);
    if (!allowed) throw new PageProblem(429, "Those were many tries", "Wait some minutes, then try again.");
    const finished = await finishSignIn(app, vendor, { user: user.id, session }, Returned.parse(request.query));
    if (!finished.ok) {
      const { reason, text, again } = finished;
      request.log.info({ vendor: vendor.slug, reason }, "sign-in at a vendor not finished");
      const heading = `${vendor.title} is not connected`;
      const actions = [
        { href: again, label: "Try again", primary: true },
        { href: "/settings/vendors", label: "Vendors" },
      ];
      const isOnlyWay = again.startsWith("/interaction/") || again === "/settings/vendors";
      const data = { heading, text, actions: isOnlyWay ? actions.slice(0, 1) : actions };
      return page(reply, "message", data, { title: heading, narrow: true, status: reason === "failed" ? 502 : 400 });
    }
    const { connection, isNew, returnTo } = finished;
    const made = { org: connection.org_id, user: user.id, vendor: vendor.slug, connection: connection.id };
    if (isNew && !isShared(connection)) await rebindGrants(app.db, made);
    if (returnTo === "/settings/vendors" || returnTo === "/admin/connections")
      leaveNotice(app, reply, {
        kind: "good",
        text: `You are signed in at ${vendor.title}. “${connection.label}” is connected.`,
      });
    return reply.redirect(returnTo, 303);
  });

  app.post("/settings/vendors/sign-in", { preHandler: requireSignIn }, async (request, reply) => {
    checkFormToken(app, request, "sign-in");
    const { owner } = await memberOf(app, request);
    const { connection: id } = readForm(request, z.object({ connection: line }));
    const connection = await findConnection(app.db, { ...owner, id });
    const vendor = connection && app.vendors.get(connection.vendor);
    if (!vendor) throw new PageProblem(404, "No such connection", "It was revoked, or it belongs to somebody else.");
    const { allowed } = await app.limit(`connect:${owner.user}`, TRIES);
    if (!allowed) throw new PageProblem(429, "Those were many tries", "Wait some minutes, then try again.");
    const stored = await storedSignIn(app, connection, { actor: owner.user, requestId: request.id });
    // The vendor's fields changed since: the form asks for what is missing.
    if (!stored) return reply.redirect(`/connect/${vendor.slug}?replace=${id}`, 303);
    const session = sessionToken(app, request)!; // requireSignIn
    const leaving = { vendor, ...stored, ...owner, session, replaces: connection, returnTo: "/settings/vendors" };
    return reply.redirect(await beginSignIn(app, leaving), 303);
  });
}
