import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Vendor } from "../../runtime/index.ts";
import { isShared, listConnections } from "../connections/connections.ts";
import { narrowScope } from "../database/scope.ts";
import {
  abortInteraction,
  finishConnect,
  finishConsent,
  finishContext,
  finishLogin,
  type Pending,
  pendingInteraction,
  switchAccount,
} from "../oauth/interactions.ts";
import { usesTools } from "../oauth/people.ts";
import { ALL_VENDORS } from "../oauth/resources.ts";
import { elsewhere } from "../policy/regions.ts";
import { chooseView } from "./choose.ts";
import { type ConnectForm, connectIntro, connectVendor, emptyConnectForm, tryToConnect } from "./connect-form.ts";
import { consentView, stepsAt } from "./consent.ts";
import { readConsent } from "./consent-form.ts";
import { contextView, noTools } from "./context.ts";
import { enter } from "./enter.ts";
import { line, readForm } from "./form.ts";
import { signInFields, trySignIn } from "./login.ts";
import { PageProblem } from "./page-problem.ts";
import { passkeyWays } from "./passkey-page.ts";
import { askAlone } from "./passkey-sign-in.ts";
import { page } from "./render.ts";
import { demandView, owesSecondFactor } from "./second-demand.ts";
import { stopSession } from "./session.ts";
import { leaveForProvider, ssoWays } from "./sso.ts";

interface Step {
  Params: { uid: string };
  Querystring: { vendor?: unknown };
}
type Request = FastifyRequest<Step>;

/** Whoever signs in goes on with this authorization. */
const here = ({ uid }: Pending) => ({ interaction: uid, next: `/interaction/${uid}` });

/** Nothing to click that leads away from the decision. */
const FRAME = { narrow: true, user: undefined };
const CHOOSE = { title: "Connect your vendors", ...FRAME };

/** What a person sees between an app's request and its answer: sign in, connect the vendor, allow. */
export async function interactionRoutes(app: FastifyInstance): Promise<void> {
  app.get<Step>("/interaction/:uid", async (request, reply) => {
    const pending = await pendingInteraction(app, request, reply);
    if (pending.prompt === "login") return await login(request, reply, pending);
    if (request.signedIn?.user.id !== pending.userId) return await startOver(request, reply);
    if (pending.prompt === "context") return await context(request, reply, pending);
    stayInside(pending);
    refuseElsewhere(request, pending);
    if (!pending.usesTools) return page(reply, "message", noTools(pending), { title: "Not for your role", ...FRAME });
    if (await owes(request, pending))
      return page(reply, "message", demandView(pending.uid), { title: "Second factor", ...FRAME });
    return pending.prompt === "connect"
      ? await connect(request, reply, pending)
      : await consent(request, reply, pending);
  });

  app.post<Step>("/interaction/:uid/login", async (request, reply) => {
    const pending = await pendingInteraction(app, request, reply);
    if (pending.prompt !== "login") return reply.redirect(`/interaction/${pending.uid}`, 303);
    const attempt = await trySignIn(app, request);
    if (!("user" in attempt)) {
      const { email } = readForm(request, z.object({ email: line }));
      return showLogin(reply, pending, { email, ...attempt });
    }
    return await enter(app, request, reply, { userId: attempt.user.id, methods: ["password"], ...here(pending) });
  });

  app.post<Step>("/interaction/:uid/passkey", async (request, reply) => {
    const pending = await pendingInteraction(app, request, reply);
    if (pending.prompt !== "login") return reply.redirect(`/interaction/${pending.uid}`, 303);
    return await askAlone(app, request, reply, here(pending));
  });

  app.post<Step>("/interaction/:uid/sso", async (request, reply) => {
    const pending = await pendingInteraction(app, request, reply);
    if (pending.prompt !== "login") return reply.redirect(`/interaction/${pending.uid}`, 303);
    const { interaction, next: returnTo } = here(pending);
    // An app that wants a fresh sign-in wants it of the provider too.
    const fresh = pending.signInAfter !== undefined;
    const leaving = await leaveForProvider(app, request, reply, { purpose: "sign-in", interaction, returnTo, fresh });
    return "leave" in leaving ? reply.redirect(leaving.leave, 303) : showLogin(reply, pending, leaving);
  });

  app.post<Step>("/interaction/:uid/context", async (request, reply) => {
    const pending = await own(request, reply, "context");
    if (!pending) return reply.redirect(`/interaction/${request.params.uid}`, 303);
    const { org } = readForm(request, z.object({ org: line }));
    const chosen = { userId: pending.userId!, orgId: org };
    return reply.redirect(await finishContext(app, request, reply, chosen), 303);
  });

  app.post<Step>("/interaction/:uid/connect", async (request, reply) => {
    const pending = await own(request, reply, "connect");
    const vendor = pending && vendorFor(pending, request);
    if (!vendor) return reply.redirect(`/interaction/${request.params.uid}`, 303);
    const result = await tryToConnect(app, request, await connecting(pending, vendor));
    if ("leave" in result) return reply.redirect(result.leave, 303);
    if (!("connection" in result)) return showConnect(reply, pending, vendor, result);
    // Of all vendors one is rarely the only one: the list comes again, with a way to go on.
    if (pending.resource.vendor === ALL_VENDORS) return reply.redirect(`/interaction/${pending.uid}`, 303);
    return reply.redirect(await finishConnect(app, request, reply, { userId: pending.userId! }), 303);
  });

  app.post<Step>("/interaction/:uid/connected", async (request, reply) => {
    const pending = await own(request, reply, "connect");
    if (!pending) return reply.redirect(`/interaction/${request.params.uid}`, 303);
    return reply.redirect(await finishConnect(app, request, reply, { userId: pending.userId! }), 303);
  });

  app.post<Step>("/interaction/:uid/consent", async (request, reply) => {
    const pending = await own(request, reply, "consent");
    if (!pending) return reply.redirect(`/interaction/${request.params.uid}`, 303);
    const given = { userId: pending.userId!, ...readConsent(request) };
    return reply.redirect(await finishConsent(app, request, reply, given), 303);
  });

  app.post<Step>("/interaction/:uid/abort", async (request, reply) =>
    reply.redirect(await abortInteraction(app, request, reply), 303),
  );

  app.post<Step>("/interaction/:uid/switch", startOver);

  /** In the organisation that this authorization is for. */
  const owes = async ({ signedIn }: Request, { orgId, prompt }: Pending): Promise<boolean> =>
    prompt !== "context" && Boolean(signedIn && orgId) && (await owesSecondFactor(app, signedIn!, orgId));

  /** Someone who is signed in already is not asked again, unless the app wants a fresh sign-in. */
  async function login(request: Request, reply: FastifyReply, pending: Pending) {
    const { signedIn } = request;
    if (!signedIn || signedIn.session.authenticatedAt < (pending.signInAfter ?? 0))
      return showLogin(reply, pending, { email: pending.loginHint, status: 200 });
    const person = { userId: signedIn.user.id, signedInAt: signedIn.session.authenticatedAt };
    return reply.redirect(await finishLogin(app, request, reply, person), 303);
  }

  async function context(request: Request, reply: FastifyReply, pending: Pending) {
    const { orgs, session } = request.signedIn!; // checked by the caller
    const choices = await Promise.all(
      orgs.map(async (org) => ({ ...org, usesTools: await usesTools(app.policies, org) })),
    );
    return page(reply, "context", contextView(pending, choices, session.orgId), {
      title: "Choose an organisation",
      ...FRAME,
    });
  }

  async function connect(request: Request, reply: FastifyReply, pending: Pending) {
    const vendor = vendorFor(pending, request);
    if (!vendor) return page(reply, "choose", chooseView(pending, app.vendors, await connectionsOf(pending)), CHOOSE);
    const wanted = await connecting(pending, vendor);
    if (wanted.working && pending.resource.vendor !== ALL_VENDORS)
      return reply.redirect(await finishConnect(app, request, reply, { userId: wanted.user }), 303);
    return showConnect(reply, pending, vendor, emptyConnectForm(wanted));
  }

  async function consent(request: Request, reply: FastifyReply, pending: Pending) {
    const connections = await connectionsOf(pending);
    const slugs = new Set(pending.scopes.map(({ vendor }) => vendor));
    const vendors = [...app.vendors.values()].filter(({ slug }) => slugs.has(slug));
    const view = consentView(pending, vendors, connections, request.signedIn!.user); // checked by the caller
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
    const isOwn = pending.prompt === prompt && request.signedIn?.user.id === pending.userId;
    if (isOwn) {
      stayInside(pending);
      refuseElsewhere(request, pending);
    }
    return isOwn && !(await owes(request, pending)) ? pending : undefined;
  }

  /** Once the organisation is known, nothing of another is reached. */
  function stayInside({ orgId, prompt }: Pending) {
    if (orgId && prompt !== "context") narrowScope(orgId);
  }

  /** Nothing is connected or allowed for an organisation whose calls run in another region. */
  function refuseElsewhere({ signedIn }: Request, { orgId, prompt }: Pending) {
    const home = signedIn?.orgs.find(({ id }) => id === orgId)?.region;
    const reason = prompt === "context" ? undefined : elsewhere(home, app.config.regions);
    if (reason) throw new PageProblem(409, "Another gateway serves this organisation", reason);
  }

  /** Keys that the vendor refuses are replaced rather than joined by a second connection. */
  async function connecting(pending: Pending, vendor: Vendor) {
    const usable = (await connectionsOf(pending)).filter((connection) => connection.vendor === vendor.slug);
    const working = usable.some(({ status }) => status === "active");
    const replaces = usable.find((connection) => !isShared(connection));
    const returnTo = `/interaction/${pending.uid}`;
    return { vendor, org: pending.orgId!, user: pending.userId!, replaces, working, returnTo };
  }

  const connectionsOf = ({ orgId, userId }: Pending) => listConnections(app.db, { org: orgId!, user: userId! });

  /** The vendor to connect: of all, the one the address names, or none yet. */
  function vendorFor({ resource }: Pending, { query }: Pick<Request, "query">): Vendor | undefined {
    const slug = resource.vendor === ALL_VENDORS ? query.vendor : resource.vendor;
    if (slug === undefined) return undefined;
    const vendor = app.vendors.get(String(slug));
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
      ways: [...ssoWays(app, `/interaction/${uid}/sso`), ...passkeyWays(app, `/interaction/${uid}/passkey`)],
      problem,
      steps: stepsAt("login"),
      client: client.name,
      vendor: resource.vendor === ALL_VENDORS ? "your vendors" : resource.title,
    };
    return page(reply, "login", data, { title: "Sign in", ...FRAME, status });
  }

  function showConnect(
    reply: FastifyReply,
    pending: Pending,
    vendor: Vendor,
    { fields, problem, status }: ConnectForm,
  ) {
    const ofAll = pending.resource.vendor === ALL_VENDORS;
    const data = {
      action: `/interaction/${pending.uid}/connect${ofAll ? `?vendor=${vendor.slug}` : ""}`,
      ...(ofAll && { back: `/interaction/${pending.uid}` }),
      cancel: `/interaction/${pending.uid}/abort`,
      heading: `Connect ${vendor.title}`,
      intro: connectIntro(vendor),
      fields,
      vendor: connectVendor(app, vendor),
      problem,
      steps: stepsAt("connect"),
    };
    return page(reply, "connect", data, { title: data.heading, ...FRAME, status });
  }
}
