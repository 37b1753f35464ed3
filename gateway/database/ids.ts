import { createHash, randomBytes, randomUUID } from "node:crypto";

export type IdPrefix = "usr" | "org" | "con" | "grt" | "apr" | "sta" | "msg" | "inv" | "alr" | "cus" | "imp";

/** A new id such as `usr_4fK…`: 120 random bits, so that nobody guesses a neighbour's. */
export const newId = (prefix: IdPrefix): string => `${prefix}_${randomBytes(15).toString("base64url")}`;

/**
 * The id of a call: its time and 72 random bits, which open nothing. Ids that follow each other lie side by side in the indexes
 * of the audit trail; random ones touch a page of the disk each.
 */
export function newCallId(): string {
  const bytes = randomBytes(15);
  bytes.writeUIntBE(Date.now(), 0, 6);
  return `call_${bytes.toString("base64url")}`;
}

/** The id of a request, a UUID of version 7, for the same reason. */
export function newRequestId(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** A new bearer value (session, set-up link, invitation): 256 random bits. Only its `tokenHash` is stored. */
export const newToken = (): string => randomBytes(32).toString("base64url");

export const tokenHash = (token: string): string => createHash("sha256").update(token).digest("base64url");
