import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { checkPasskey } from "../identity/factors/passkeys.ts";
import { browserOf } from "./browser-cookie.ts";
import { enter } from "./enter.ts";
import { line, readForm } from "./form.ts";
import { PageProblem } from "./page-problem.ts";
import { askPage, boundPasskeys, relyingParty } from "./passkey-page.ts";
import { localPath } from "./session.ts";

const AFTER = "/settings";
const Finish = z.object({
  credential: z.string().max(32_768).catch(""),
  next: line,
  interaction: z.string().regex(/^[\w-]{1,64}$/).optional().catch(undefined), // biome-ignore format: one thought
});

/** `/login/passkey`: a passkey alone, whose device was unlocked for it. */
export default async function passkeySignIn(app: FastifyInstance): Promise<void> {
  app.post("/login/passkey", async (request, reply) => {
    const next = localPath(readForm(request, z.object({ next: line })).next, AFTER);
    return await askAlone(app, request, reply, { next });
  });

  app.post("/login/passkey/finish", async (request, reply) => {
    await boundPasskeys(app, request);
    const form = readForm(request, Finish);
    const browser = browserOf(app, request) ?? "";
    const userId = await checkPasskey(app, relyingParty(app), { credential: form.credential, browser, alone: true });
    if (!userId)
      throw new PageProblem(
        401,
        "That passkey does not sign you in",
        "It is not known here, was removed, took longer than five minutes, or its device was not unlocked for it. Sign in another way, then look at Settings → Security.",
      );
    const next = localPath(form.next, AFTER);
    return await enter(app, request, reply, { userId, methods: ["passkey"], interaction: form.interaction, next });
  });
}

/** The page that asks for one, also from within an app's request. */
export const askAlone = (
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  { next, interaction }: { next: string; interaction?: string },
): Promise<FastifyReply> =>
  askPage(app, request, reply, {
    alone: true,
    text: "Your browser asks which passkey to use. It signs you in by itself: no password, no code.",
    action: "/login/passkey/finish",
    hidden: [{ name: "next", value: next }, ...(interaction ? [{ name: "interaction", value: interaction }] : [])],
    other: { href: interaction ? `/interaction/${interaction}` : `/login?next=${encodeURIComponent(next)}`, label: "Sign in another way" }, // biome-ignore format: one thought
  });
