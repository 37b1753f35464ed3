import { createHash } from "node:crypto";
import { masterKey } from "../audit/chain.ts";
import type { KeyNames } from "../database/key-holders.ts";
import type { Keys } from "../keys.ts";

/** What keys are called where people and other processes may see it; of a cookie key, which has no name, a hash. */
export const namesOf = ({ vault, audit, cookies, signing }: Keys): KeyNames => ({
  master: vault.map(({ kid }) => kid),
  audit: audit.map((key) => masterKey(key).id),
  cookies: cookies.map(nameOfCookieKey),
  signing: signing.map(({ kid }) => kid),
});

const nameOfCookieKey = (key: string) =>
  createHash("sha256").update(`cookie-key-name\0${key}`).digest("hex").slice(0, 8);
