import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { tokenHash } from "../database/ids.ts";
import { networkOf } from "../database/rate-counters.ts";
import type { Method } from "../identity/sessions.ts";
import { admit } from "../identity/sso/admit.ts";
import { beginSso, type Leaving } from "../identity/sso/begin.ts";
import { type Claims, finishSso, providerOfState, takeState } from "../identity/sso/finish.ts";
import { isOwnIdentity, linkIdentity } from "../identity/sso/link.ts";
import { SsoError, type SsoProvider } from "../identity/sso/provider.ts";
import { browserOf, markBrowser } from "./browser-cookie.ts";
import { confirmAgain, enter } from "./enter.ts";
import { line, readForm } from "./form.ts";
import { leaveNotice } from "./notice.ts";
import { PageProblem } from "./page-problem.ts";
import { page } from "./render.ts";
import { sessionToken } from "./session.ts";
import { REASONS, REFUSALS } from "./sso-words.ts";

/** Each at most once; what else a provider sends is its own business. */
const one = z.string().max(4096).optional().catch(undefined);
const Returned = z.object({ state: one });

const CALLBACK = "/login/callback";
/** In a minute, by address: an office may stand behind one. */
const TRIES = { max: 60, windowMs: 60_000 };

/** One button of a sign-in page. */
export interface Way {
  readonly action: string;
  readonly label: string;
  readonly provider?: string;
}

export const ssoWays = (
  { ssoProviders }: FastifyInstance,
  action: string,
  isOffered: (provider: SsoProvider) => boolean = () => true,
): Way[] =>
  ssoProviders.filter(isOffered).map(({ id, name }) => ({ action, provider: id, label: `Sign in with ${name}` }));

/**
 * Where to send the browser whose person pressed a provider's button.
 * @returns the address, or what to say on the page where the button was
 */
export async function leaveForProvider(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  leaving: Omit<Leaving, "browser">,
): Promise<{ leave: string } | { problem: string; status: number }> {
  const { provider: wanted } = readForm(request, z.object({ provider: line }));
  const provider = app.ssoProviders.find(({ id }) => id === wanted);
  if (!provider) throw new PageProblem(404, "Unknown provider", "Nobody signs in there from here.");
  await bound(app, request);
  try {
    const browser = markBrowser(app, request, reply);
    return { leave: await beginSso(app, provider, { ...leaving, browser }, app.config.publicUrl + CALLBACK) };
  } catch (error) {
    if (!(error instanceof SsoError)) throw error;
    request.log.warn({ provider: provider.id, err: error }, "provider does not answer");
    const { text: problem, status } = REASONS[error.reason](provider.name);
    return { problem, status };
  }
}

/** The way back from a provider. Its state counts once, in the browser that left. */
export default async function sso(app: FastifyInstance): Promise<void> {
  app.get(CALLBACK, async (request, reply) => {
    const { state } = Returned.parse(request.query);
    const browser = browserOf(app, request);
    await bound(app, request);
    const begun = state && browser ? await takeState(app, { state, browser }) : undefined;
    if (!begun || !state)
      throw new PageProblem(
        400,
        "This sign-in is over",
        "It was finished already, took longer than a quarter of an hour, or was begun in another browser. Go back to where you came from and begin again.",
      );
    const { provider, ...sealed } = await providerOfState(app, app.ssoProviders, begun);
    if (!provider) throw new PageProblem(404, "Unknown provider", "Nobody signs in there from here any more.");
    try {
      const answer = new URL(`${app.config.publicUrl}${CALLBACK}?${request.url.split("?")[1] ?? ""}`);
      const claims = await finishSso(begun, { ...sealed, provider }, { answer, state });
      return await finish[begun.purpose](request, reply, { begun, provider, claims });
    } catch (error) {
      if (!(error instanceof SsoError)) throw error;
      request.log.warn({ provider: provider.id, err: error }, "single sign-on not finished");
      return say(reply, REASONS[error.reason](provider.name), begun);
    }
  });

  type Begun = NonNullable<Awaited<ReturnType<typeof takeState>>>;
  type Returning = { begun: Begun; provider: SsoProvider; claims: Claims };
  type Finish = (request: FastifyRequest, reply: FastifyReply, returning: Returning) => Promise<FastifyReply>;

  const finish: Record<Begun["purpose"], Finish> = {
    async "sign-in"(request, reply, { begun, provider, claims }) {
      const admission = await admit(app, provider, claims, request.id);
      if ("refused" in admission) return say(reply, REFUSALS[admission.refused](provider.name), begun);
      return await enter(app, request, reply, {
        userId: admission.userId,
        methods: methodsOf(claims),
        // A provider that does not say when may have remembered somebody for days.
        // And one whose clock is ahead must not make a sign-in that stays fresh.
        authenticatedAt: Math.min(claims.authenticatedAt ?? 0, app.clock.now()),
        interaction: begun.interaction ?? undefined,
        next: begun.return_to,
      });
    },

    async link(request, reply, { begun, provider, claims }) {
      const userId = ownerOf(request, begun);
      const linked = await linkIdentity(app, provider, claims, { userId, requestId: request.id });
      if (linked === "elsewhere") return say(reply, { ...ELSEWHERE, text: elsewhere(provider.name) }, begun);
      if (linked !== "linked") return say(reply, REFUSALS[linked](provider.name), begun);
      leaveNotice(app, reply, { kind: "good", text: `From now on you can sign in with ${provider.name}.` });
      return reply.redirect(begun.return_to, 303);
    },

    async again(request, reply, { begun, provider, claims }) {
      const userId = ownerOf(request, begun);
      if (!(await isOwnIdentity(app, claims, userId)))
        return say(
          reply,
          { ...ELSEWHERE, text: `That account at ${provider.name} is not linked with you here.` },
          begun,
        );
      return await confirmAgain(app, request, reply, { methods: methodsOf(claims), next: begun.return_to });
    },
  };

  /** The person who left, in the session that left. @throws PageProblem */
  function ownerOf(request: FastifyRequest, { user_id, session_hash }: Begun): string {
    const token = sessionToken(app, request);
    if (token && tokenHash(token) === session_hash && request.signedIn?.user.id === user_id) return request.signedIn.user.id; // biome-ignore format: one thought
    throw new PageProblem(
      403,
      "Somebody else is signed in here now",
      "This was begun by another person, or before you signed out. Nothing was changed; begin again.",
    );
  }

  function say(
    reply: FastifyReply,
    { heading, text, status }: { heading: string; text: string; status: number },
    { purpose, interaction, return_to }: Begun,
  ) {
    const back = { "sign-in": interaction ? `/interaction/${interaction}` : `/login?next=${encodeURIComponent(return_to)}`, link: "/settings/account", again: `/login/again?next=${encodeURIComponent(return_to)}` }[purpose]; // biome-ignore format: one thought
    const label = purpose === "link" ? "Back to your account" : "Back to signing in";
    const data = { heading, text, actions: [{ href: back, label, primary: true }] };
    return page(reply, "message", data, { title: heading, narrow: true, status });
  }
}

const methodsOf = ({ multiFactor }: Claims): Method[] => (multiFactor ? ["sso", "mfa"] : ["sso"]);

const ELSEWHERE = { status: 409, heading: "That is somebody else's account" };
const elsewhere = (name: string) =>
  `The account you chose at ${name} is linked with another person here. Sign in there with your own, then link again.`;

async function bound(app: FastifyInstance, request: FastifyRequest): Promise<void> {
  const { allowed } = await app.limit(`sso:${networkOf(request.ip)}`, TRIES);
  if (!allowed) throw new PageProblem(429, "Those were many tries", "Wait a minute, then try again.");
}
