import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { secondFactors } from "../identity/factors/factors.ts";
import { addPasskey, askForNewPasskey, listPasskeys, removePasskey } from "../identity/factors/passkeys.ts";
import { newRecoveryCodes } from "../identity/factors/recovery-codes.ts";
import { beginTotp, confirmTotp, removeTotp, totpUri, unconfirmedTotp } from "../identity/factors/totp.ts";
import { auditOrg } from "../identity/sign-in.ts";
import { browserOf, markBrowser } from "./browser-cookie.ts";
import { type Field, field } from "./fields.ts";
import { line, readForm } from "./form.ts";
import { checkFormToken, formToken } from "./form-token.ts";
import { FRESH_MS, requireFresh } from "./fresh.ts";
import { leaveNotice } from "./notice.ts";
import { passkeyPage, passkeyWays, relyingParty } from "./passkey-page.ts";
import { qrPath } from "./qr.ts";
import { page } from "./render.ts";
import { owesSecondFactor } from "./second-demand.ts";
import { requirePerson } from "./session.ts";
import { settingsNav } from "./settings-nav.ts";
import { ago, count } from "./words.ts";

declare module "./views.ts" {
  interface Views {
    security: {
      nav: ReturnType<typeof settingsNav>;
      token: string;
      on: boolean;
      /** The organisation wants one, and nothing else is shown before. */
      demanded: boolean;
      /** False where passkeys cannot work at this address. */
      passkeysWork: boolean;
      passkeys: readonly { id: string; name: string; text: string }[];
      totp: boolean;
      recovery?: { text: string; few: boolean };
    };
    totp: { token: string; qr: ReturnType<typeof qrPath>; secret: string; fields: readonly Field[]; back: string };
    recoveryCodes: { codes: readonly string[]; next: string };
  }
}

const HERE = "/settings/security";
const FORM = "security";
const FEW = 3;

/** `/settings/security`: passkeys, an authenticator app, and recovery codes for when both are lost. */
export default async function security(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requirePerson);

  app.get(HERE, async (request, reply) => {
    const { id } = request.signedIn!.user; // requirePerson
    const [{ totp, recovery }, passkeys] = await Promise.all([secondFactors(app.db, id), listPasskeys(app.db, id)]);
    const now = app.clock.now();
    const on = totp || passkeys.length > 0;
    const data = {
      nav: settingsNav(HERE),
      token: formToken(app, request, FORM),
      on,
      demanded: await owesSecondFactor(app, request.signedIn!), // requirePerson
      passkeysWork: passkeyWays(app, HERE).length > 0,
      passkeys: passkeys.map((one) => ({
        id: one.id,
        name: one.name,
        text: `added ${ago(one.created_at, now)} · ${one.last_used_at ? `last used ${ago(one.last_used_at, now)}` : "not used yet"}`,
      })),
      totp,
      ...(on && { recovery: { text: `${count(recovery, "code")} left. Each works once.`, few: recovery < FEW } }),
    };
    return page(reply, "security", data, { title: "Security" });
  });

  app.post(`${HERE}/passkeys`, async (request, reply) => {
    const user = mayChange(request, reply);
    return user ? await newPasskey(request, reply, user) : reply;
  });

  app.post(`${HERE}/passkeys/finish`, async (request, reply) => {
    const user = mayChange(request, reply);
    if (!user) return reply;
    const form = readForm(request, z.object({ credential: z.string().max(32_768).catch(""), name: line }));
    const browser = browserOf(app, request) ?? "";
    const added = await addPasskey(app, relyingParty(app), {
      ...form,
      browser,
      userId: user.id,
      requestId: request.id,
    });
    if (!added) return await newPasskey(request, reply, user, "That did not make a passkey. Try again.");
    leaveNotice(app, reply, { kind: "good", text: "Your passkey is set up. It signs you in by itself from now on." });
    return showCodes(reply, added.codes);
  });

  app.post(`${HERE}/passkeys/remove`, async (request, reply) => {
    const user = mayChange(request, reply);
    if (!user) return reply;
    const { passkey: id } = readForm(request, z.object({ passkey: line }));
    await removePasskey(app, { userId: user.id, id, requestId: request.id });
    leaveNotice(app, reply, {
      kind: "good",
      text: "That passkey no longer signs you in. Delete it on its device too.",
    });
    return reply.redirect(HERE, 303);
  });

  app.post(`${HERE}/totp`, async (request, reply) => {
    const user = mayChange(request, reply);
    if (!user) return reply;
    const secret = await beginTotp(app, user.id);
    return secret ? showTotp(request, reply, secret) : reply.redirect(HERE, 303);
  });

  app.post(`${HERE}/totp/confirm`, async (request, reply) => {
    const user = mayChange(request, reply);
    if (!user) return reply;
    const { code } = readForm(request, z.object({ code: line }));
    const secret = await unconfirmedTotp(app, user.id);
    if (!secret) return reply.redirect(HERE, 303);
    const confirmed = await confirmTotp(app, { userId: user.id, code, requestId: request.id });
    if (!confirmed) return showTotp(request, reply, secret, "This code is not right. Wait for the next one, then try again."); // biome-ignore format: one thought
    leaveNotice(app, reply, { kind: "good", text: "Your authenticator app is set up. You are asked for a code from now on." }); // biome-ignore format: one thought
    return showCodes(reply, confirmed.codes);
  });

  app.post(`${HERE}/totp/remove`, async (request, reply) => {
    const user = mayChange(request, reply);
    if (!user) return reply;
    await removeTotp(app, { userId: user.id, requestId: request.id });
    leaveNotice(app, reply, { kind: "good", text: "Codes of your authenticator app no longer count here." });
    return reply.redirect(HERE, 303);
  });

  app.post(`${HERE}/codes`, async (request, reply) => {
    const user = mayChange(request, reply);
    if (!user) return reply;
    const { passkeys, totp } = await secondFactors(app.db, user.id);
    if (passkeys === 0 && !totp) return reply.redirect(HERE, 303);
    const org = await auditOrg(app, user.id);
    const codes = await app.audit.atomically(async (trx, record) => {
      const actor = { id: user.id, type: "user" } as const;
      await record({ org, type: "factor.recovery-codes", actor, status: "success", requestId: request.id });
      return await newRecoveryCodes(trx, user.id, app.clock.now());
    });
    leaveNotice(app, reply, { kind: "good", text: "Your old recovery codes no longer work." });
    return showCodes(reply, codes);
  });

  /** The person, with our form and freshly signed in; undefined when they are on their way to that. */
  function mayChange(request: FastifyRequest, reply: FastifyReply) {
    checkFormToken(app, request, FORM);
    const { user, session } = request.signedIn!; // requirePerson
    // Some providers never say when somebody signed in there: for those, coming from there just now is all there is.
    const justCame = session.authenticatedAt === 0 && app.clock.now() - session.createdAt < FRESH_MS;
    return justCame || requireFresh(app, request, reply, { next: HERE }) ? user : undefined;
  }

  async function newPasskey(
    request: FastifyRequest,
    reply: FastifyReply,
    user: { id: string; email: string; name: string },
    problem?: string,
  ) {
    const browser = markBrowser(app, request, reply);
    const options = await askForNewPasskey(app, relyingParty(app), { user, browser });
    return passkeyPage(app, reply, {
      heading: "Add a passkey",
      text: "A passkey lives on this device, in your password manager or on a security key. It replaces password and code, and nobody can phish it.",
      kind: "create",
      options,
      action: `${HERE}/passkeys/finish`,
      button: "Create the passkey",
      fields: [field({ name: "name", label: "Name", about: "To tell it from others, such as “Work laptop”.", required: false })], // biome-ignore format: one thought
      hidden: [{ name: "form_token", value: formToken(app, request, FORM) }],
      problem,
      other: { href: HERE, label: "Back to security" },
    });
  }

  function showTotp(request: FastifyRequest, reply: FastifyReply, secret: string, error?: string) {
    const { email } = request.signedIn!.user; // requirePerson
    const uri = totpUri(secret, { issuer: app.config.product.name, label: email });
    const data = {
      token: formToken(app, request, FORM),
      qr: qrPath(uri),
      secret: secret.match(/.{1,4}/g)!.join(" "),
      fields: [field({ name: "code", label: "Code that the app shows", autocomplete: "one-time-code", plain: true, focus: true, error })], // biome-ignore format: one thought
      back: HERE,
    };
    return page(reply, "totp", data, { title: "Set up an authenticator app", narrow: true, status: error ? 422 : 200 });
  }

  /** Shown once: only their hashes are kept. Without any, the way back. */
  function showCodes(reply: FastifyReply, codes: readonly string[]) {
    if (codes.length === 0) return reply.redirect(HERE, 303);
    return page(reply, "recoveryCodes", { codes, next: HERE }, { title: "Your recovery codes", narrow: true });
  }
}
