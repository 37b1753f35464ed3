import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { listConnections } from "../connections/connections.ts";
import {
  abortInteraction,
  finishConnect,
  finishConsent,
  finishLogin,
  type Pending,
  pendingInteraction,
  switchAccount,
} from "../oauth/interactions.ts";
import { type ConnectForm, connectIntro, connectVendor, emptyConnectForm, tryToConnect } from "./connect-form.ts";
import { consentView, stepsAt } from "./consent.ts";
import { line, readForm, several } from "./form.ts";
import { signInFields, trySignIn } from "./login.ts";
import { PageProblem } from "./page-problem.ts";
import { page } from "./render.ts";
import { startSession, stopSession } from "./session.ts";

type Request = FastifyRequest<{ Params: { uid: string } }>;

/** Nothing to click that leads away from the decision. */
const FRAME = { narrow: true, user: undefined };

/** What a person sees between an app's request and its answer: sign in, connect the vendor, allow. */
export async function interactionRoutes(app: FastifyInstance): Promise<void> {
  app.get<{ Params: { uid: string } }>("/interaction/:uid", async (request, reply) => {
    const pending = await pendingInteraction(app, request, reply);
    if (pending.prompt === "login") return await login(request, reply, pending);
    if (request.signedIn?.user.id !== pending.userId) return await startOver(request, reply);
    return pending.prompt === "connect"
      ? await connect(request, reply, pending)
      : await consent(request, reply, pending);
  });

  app.post<{ Params: { uid: string } }>("/interaction/:uid/login", async (request, reply) => {
    const pending = await pendingInteraction(app, request, reply);
    if (pending.prompt !== "login") return reply.redirect(`/interaction/${pending.uid}`, 303);
    const attempt = await trySignIn(app, request);
    if (!("user" in attempt)) {
      const { email } = readForm(request, z.object({ email: line }));
      return showLogin(reply, pending, { email, ...attempt });
    }
    const { signedInAt } = await startSession(app, request, reply, attempt.user.id);
    return reply.redirect(await finishLogin(app, request, reply, { userId: attempt.user.id, signedInAt }), 303);
  });

  app.post<{ Params: { uid: string } }>("/interaction/:uid/connect", async (request, reply) => {
    const pending = await own(request, reply, "connect");
    if (!pending) return reply.redirect(`/interaction/${request.params.uid}`, 303);
    const result = await tryToConnect(app, request, await connecting(pending));
    if (!("connection" in result)) return showConnect(reply, pending, result);
    return reply.redirect(await finishConnect(app, request, reply, { userId: pending.userId! }), 303);
  });

  app.post<{ Params: { uid: string } }>("/interaction/:uid/consent", async (request, reply) => {
    const pending = await own(request, reply, "consent");
    if (!pending) return reply.redirect(`/interaction/${request.params.uid}`, 303);
    const { scope, connection } = readForm(request, z.object({ scope: several, connection: line }));
    const given = { userId: pending.userId!, scopes: scope, connectionId: connection || undefined };
    return reply.redirect(await finishConsent(app, request, reply, given), 303);
  });

  app.post("/interaction/:uid/abort", async (request, reply) =>
    reply.redirect(await abortInteraction(app, request, reply), 303),
  );

  app.post<{ Params: { uid: string } }>("/interaction/:uid/switch", startOver);

  /** Someone who is signed in already is not asked again, unless the app wants a fresh sign-in. */
  async function login(request: Request, reply: FastifyReply, pending: Pending) {
    const { signedIn } = request;
    if (!signedIn || signedIn.session.createdAt < (pending.signInAfter ?? 0))
      return showLogin(reply, pending, { email: pending.loginHint, status: 200 });
    const person = { userId: signedIn.user.id, signedInAt: signedIn.session.createdAt };
    return reply.redirect(await finishLogin(app, request, reply, person), 303);
  }

  async function connect(request: Request, reply: FastifyReply, pending: Pending) {
    const wanted = await connecting(pending);
    if (wanted.working) return reply.redirect(await finishConnect(app, request, reply, { userId: wanted.user }), 303);
    return showConnect(reply, pending, emptyConnectForm(wanted));
  }

  async function consent(request: Request, reply: FastifyReply, pending: Pending) {
    const connections = await connectionsOf(pending);
    const view = consentView(pending, vendorOf(pending), connections, request.signedIn!.user); // checked by the caller
    return page(reply, "consent", view, { title: "Allow access", ...FRAME });
  }

  /** Ends this browser's session first, so that the next person starts from nothing. */
  async function startOver(request: Request, reply: FastifyReply) {
    const next = await switchAccount(app, request, reply);
    await stopSession(app, request, reply);
    return reply.redirect(next, 303);
  }

  /** The pending step, when it is this one and the person who began goes on. */
  async function own(request: Request, reply: FastifyReply, prompt: Pending["prompt"]): Promise<Pending | undefined> {
    const pending = await pendingInteraction(app, request, reply);
    return pending.prompt === prompt && request.signedIn?.user.id === pending.userId ? pending : undefined;
  }

  /** Keys that the vendor refuses are replaced rather than joined by a second connection. */
  async function connecting(pending: Pending) {
    const [newest] = await connectionsOf(pending);
    const working = (await connectionsOf(pending)).some(({ status }) => status === "active");
    return { vendor: vendorOf(pending), org: pending.orgId!, user: pending.userId!, replaces: newest, working };
  }

  async function connectionsOf({ orgId, userId, resource }: Pending) {
    const all = await listConnections(app.db, { org: orgId!, user: userId! });
    return all.filter(({ vendor }) => vendor === resource.vendor);
  }

  function vendorOf({ resource }: Pending) {
    const vendor = app.vendors.get(resource.vendor);
    if (!vendor) throw new PageProblem(404, "Unknown vendor", "This vendor is not offered here.");
    return vendor;
  }

  function showLogin(
    reply: FastifyReply,
    { uid, client, resource }: Pending,
    { email, problem, status }: { email?: string; problem?: string; status: number },
  ) {
    const data = {
      action: `/interaction/${uid}/login`,
      cancel: `/interaction/${uid}/abort`,
      fields: signInFields(email),
      problem,
      steps: stepsAt("login"),
      client: client.name,
      vendor: resource.title,
    };
    return page(reply, "login", data, { title: "Sign in", ...FRAME, status });
  }

  function showConnect(reply: FastifyReply, pending: Pending, { fields, problem, status }: ConnectForm) {
    const vendor = vendorOf(pending);
    const data = {
      action: `/interaction/${pending.uid}/connect`,
      cancel: `/interaction/${pending.uid}/abort`,
      heading: `Connect ${vendor.title}`,
      intro: connectIntro(vendor),
      fields,
      vendor: connectVendor(vendor),
      problem,
      steps: stepsAt("connect"),
    };
    return page(reply, "connect", data, { title: data.heading, ...FRAME, status });
  }
}
