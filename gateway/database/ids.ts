import { createHash, randomBytes } from "node:crypto";

export type IdPrefix = "usr" | "org" | "con" | "grt" | "apr" | "sta" | "msg" | "call" | "inv" | "alr" | "cus" | "imp";

/** A new id such as `usr_4fK…`: 120 random bits, so that nobody guesses a neighbour's. */
export const newId = (prefix: IdPrefix): string => `${prefix}_${randomBytes(15).toString("base64url")}`;

/** A new bearer value (session, set-up link, invitation): 256 random bits. Only its `tokenHash` is stored. */
export const newToken = (): string => randomBytes(32).toString("base64url");

export const tokenHash = (token: string): string => createHash("sha256").update(token).digest("base64url");
