import type { Vendor } from "../../runtime/index.ts";
import type { Connection } from "../connections/connections.ts";
import type { State, VendorTile } from "./views.ts";

/** How things are called on pages: times, states, counts. */
export function ago(at: number | null | undefined, now: number): string {
  if (!at) return "never";
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${count(minutes, "minute")} ago`;
  if (minutes < 24 * 60) return `${count(Math.floor(minutes / 60), "hour")} ago`;
  if (minutes < 14 * 24 * 60) return `${count(Math.floor(minutes / 60 / 24), "day")} ago`;
  return `on ${day(at)}`;
}

export const day = (at: number): string =>
  new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" }).format(at);

export const count = (number: number, thing: string, things = `${thing}s`): string =>
  `${number.toLocaleString("en")} ${number === 1 ? thing : things}`;

/** Two letters that stand for a name in a tile. */
export function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? ["?"];
  return words.slice(0, 2).map((word) => [...word][0]!.toUpperCase()).join(""); // biome-ignore format: one thought
}

export const tileOf = ({ slug, title }: Pick<Vendor, "slug" | "title">): VendorTile => ({
  slug,
  title,
  initials: initials(title),
});

/** Of the core: how many only look, and how many create or change. */
export function toolCounts({ tools }: Pick<Vendor, "tools">): string {
  const core = tools.filter(({ extended }) => !extended);
  const reads = core.filter(({ access }) => access === "read").length;
  const writes = core.filter(({ access }) => access === "write").length;
  return `${count(reads, "tool")} that read${reads === 1 ? "s" : ""}${writes > 0 ? `, ${writes} that change${writes === 1 ? "s" : ""} things` : ""}`;
}

type Stated = Pick<Connection, "status" | "last_error" | "signed_in">;

export function stateOf({ status, last_error, signed_in }: Stated): State {
  if (status === "error" && last_error === "RENEWAL_FAILED") return { kind: "bad", text: "Sign-in not renewed" };
  if (status === "error") return { kind: "bad", text: signed_in ? "Sign-in ended" : "Keys refused" };
  if (last_error) return { kind: "warn", text: "Last call failed" };
  return { kind: "good", text: "Working" };
}

const ERRORS: Readonly<Record<string, string>> = {
  VENDOR_AUTH: "The vendor no longer accepts the keys: replace them",
  VENDOR_FORBIDDEN: "The vendor refuses the keys, or they lack a right",
  VENDOR_RATE_LIMITED: "The vendor asked for a pause",
  VENDOR_UNAVAILABLE: "The vendor could not be reached",
  VENDOR_UNEXPECTED: "The vendor answered in an unexpected way",
  TIMEOUT: "The vendor did not answer in time",
  RENEWAL_FAILED: "The sign-in could not be renewed for days, because the vendor did not answer: sign in again",
};

export function errorWords(code: string, signedIn = 0): string {
  if (signedIn && code === "VENDOR_AUTH") return "The vendor ended the sign-in";
  return ERRORS[code] ?? "The last call failed";
}

/** Until when a sign-in at a vendor holds; while it works, nobody has to do anything about it. */
export function endWords({ status }: Pick<Connection, "status">, end: number | undefined, now: number): string {
  if (status === "error" || !end) return "ended";
  const minutes = Math.max(Math.round((end - now) / 60_000), 0);
  const left = minutes < 120 ? count(minutes, "minute") : count(Math.round(minutes / 60), "hour");
  return `renewed by itself, next in ${left}`;
}

/** `owner` → an owner. */
export const articled = (role: string) => `${/^[aeiou]/.test(role) ? "an" : "a"} ${role}`;

/** Words that begin a line elsewhere, inside a sentence. */
export const midSentence = (words: string) => words.charAt(0).toLowerCase() + words.slice(1);

/** What a tool does, as a tag beside it. */
export const ACCESS_LABEL = { read: "Read", write: "Change", destroy: "Delete or run", reveal: "Secrets" } as const;
