import { createHmac, timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";

type Signer = Pick<FastifyInstance, "config" | "clock" | "keys">;

/** For whom a connect page was meant. Nobody else may finish it, whoever opens the link. */
export interface ConnectLink {
  readonly userId: string;
  readonly orgId: string;
  readonly vendor: string;
}

const LIFETIME_MS = 24 * 60 * 60 * 1000;

/** An absolute address for one person, valid for a day. It holds no right by itself: the person signs in there. */
export function connectLink(app: Signer, { userId, orgId, vendor }: ConnectLink): string {
  const until = app.clock.now() + LIFETIME_MS;
  const payload = Buffer.from(JSON.stringify([userId, orgId, vendor, until])).toString("base64url");
  return `${app.config.publicUrl}/connect/${vendor}?link=${payload}.${sign(app.keys.cookies[0]!, payload)}`;
}

/** Undefined when it was forged, changed, made for another vendor, or is too old. */
export function readConnectLink(app: Signer, link: string, vendor: string): ConnectLink | undefined {
  const [payload = "", signature = ""] = link.split(".");
  if (!app.keys.cookies.some((key) => same(sign(key, payload), signature))) return undefined;
  const [userId, orgId, forVendor, until] = JSON.parse(Buffer.from(payload, "base64url").toString());
  return forVendor === vendor && until > app.clock.now() ? { userId, orgId, vendor } : undefined;
}

const sign = (key: string, payload: string) =>
  createHmac("sha256", key).update(`connect-link/v1.${payload}`).digest("base64url");

function same(first: string, second: string): boolean {
  const [a, b] = [Buffer.from(first), Buffer.from(second)];
  return a.length === b.length && timingSafeEqual(a, b);
}
