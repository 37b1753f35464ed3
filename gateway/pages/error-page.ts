import type { ErrorAnswer } from "../plugins/errors.ts";
import type { Look } from "./look.ts";

/** For a failure that no page has words of its own for. Who is signed in is not known where it is told. */
export function errorPage(look: Look, { status, message, requestId }: ErrorAnswer): string {
  const heading = HEADINGS[status] ?? "This did not work";
  // While the gateway ends or has too much to do, its other pages are no better.
  const actions = status < 500 ? [{ href: "/", label: "Start page" }] : [];
  return look.html("message", { heading, text: message, detail: `Request ${requestId}`, actions }, { title: heading, narrow: true }); // biome-ignore format: one thought
}

const HEADINGS: Readonly<Record<number, string>> = { 404: "Not found", 429: "Too many requests", 503: "Not just now" };
