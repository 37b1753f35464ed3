import { isIP } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { networkOf } from "../database/rate-counters.ts";
import { askForPasskey } from "../identity/factors/passkeys.ts";
import { markBrowser } from "./browser-cookie.ts";
import type { Field } from "./fields.ts";
import { leaveByForm } from "./leave-by-form.ts";
import { PageProblem } from "./page-problem.ts";
import { page } from "./render.ts";
import type { Way } from "./sso.ts";

declare module "./views.ts" {
  interface Views {
    passkey: PasskeyPage & { kind: "create" | "get"; options: string; start: boolean };
  }
}

interface PasskeyPage {
  readonly heading: string;
  readonly text: string;
  readonly action: string;
  readonly button: string;
  readonly fields: readonly Field[];
  readonly hidden: readonly { readonly name: string; readonly value: string }[];
  readonly problem?: string | undefined;
  /** Where else to go, and for who runs no scripts. */
  readonly other: { readonly href: string; readonly label: string };
}

export const relyingParty = ({ config }: FastifyInstance) => ({ name: config.product.name, origin: config.publicUrl });

/** The button, where there can be passkeys: they belong to a name, never to a numeric address. */
export function passkeyWays({ config }: FastifyInstance, action: string): Way[] {
  const host = new URL(config.publicUrl).hostname.replace(/^\[|\]$/g, "");
  return isIP(host) ? [] : [{ action, label: "Sign in with a passkey" }];
}

/** A page with our one script, which its headers allow. */
export function passkeyPage(
  app: FastifyInstance,
  reply: FastifyReply,
  data: PasskeyPage & { kind: "create" | "get"; options: object; start?: boolean },
): FastifyReply {
  const header = "content-security-policy";
  reply.header(header, `${String(reply.getHeader(header))};script-src 'self'`);
  leaveByForm(reply); // what follows may be the end of an app's request
  const view = { ...data, options: JSON.stringify(data.options), start: data.start ?? false };
  const frame = { title: data.heading, narrow: true, user: undefined, script: app.look.passkeyScript };
  return page(reply, "passkey", view, frame);
}

/** The page that asks for a passkey somebody has. After a post alone: it begins something. */
export async function askPage(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  {
    userId,
    alone,
    ...data
  }: Pick<PasskeyPage, "action" | "hidden" | "other" | "text"> & { userId?: string; alone: boolean },
): Promise<FastifyReply> {
  await boundPasskeys(app, request);
  const options = await askForPasskey(app, relyingParty(app), {
    alone,
    userId,
    browser: markBrowser(app, request, reply),
  });
  const words = { heading: "Use your passkey", button: "Use my passkey", fields: [] };
  return passkeyPage(app, reply, { ...data, ...words, kind: "get", options, start: true });
}

/** In a minute, by address. */
const TRIES = { max: 40, windowMs: 60_000 };

export async function boundPasskeys(app: FastifyInstance, request: FastifyRequest): Promise<void> {
  const { allowed } = await app.limit(`passkey:${networkOf(request.ip)}`, TRIES);
  if (!allowed) throw new PageProblem(429, "Those were many tries", "Wait a minute, then try again.");
}
