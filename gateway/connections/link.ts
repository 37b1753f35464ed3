import type { FastifyInstance } from "fastify";
import { isSigned, sign } from "../keys.ts";

type Signer = Pick<FastifyInstance, "config" | "clock" | "keys">;

/** For whom a connect page was meant. Nobody else may finish it, whoever opens the link. */
export interface ConnectLink {
  readonly userId: string;
  readonly orgId: string;
  readonly vendor: string;
}

const LIFETIME_MS = 24 * 60 * 60 * 1000;
const PURPOSE = "connect-link/v1";

/** An absolute address for one person, valid for a day. It holds no right by itself: the person signs in there. */
export function connectLink(app: Signer, { userId, orgId, vendor }: ConnectLink): string {
  const until = app.clock.now() + LIFETIME_MS;
  const payload = Buffer.from(JSON.stringify([userId, orgId, vendor, until])).toString("base64url");
  return `${app.config.publicUrl}/connect/${vendor}?link=${payload}.${sign(app.keys, PURPOSE, payload)}`;
}

/** Undefined when it was forged, changed, made for another vendor, or is too old. */
export function readConnectLink(app: Signer, link: string, vendor: string): ConnectLink | undefined {
  const [payload = "", signature = ""] = link.split(".");
  if (!isSigned(app.keys, PURPOSE, payload, signature)) return undefined;
  const [userId, orgId, forVendor, until] = JSON.parse(Buffer.from(payload, "base64url").toString());
  return forVendor === vendor && until > app.clock.now() ? { userId, orgId, vendor } : undefined;
}
