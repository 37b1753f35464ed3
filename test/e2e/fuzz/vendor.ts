import { getResponse } from "msw";
import type { Fakes } from "../../fakes/fakes.ts";
import { mutate } from "./mutate.ts";
import type { Random } from "./random.ts";

export interface Mutating {
  readonly fetch: typeof fetch;
  /** What was asked and answered since it was last emptied. */
  readonly log: { asked: string; answered: string; mutated: boolean }[];
  /** Requests that no fake knows. */
  readonly strays: URL[];
}

/** Not 429 and 503: they make the runtime wait, and the catalogue of failures has them. */
const STATUSES = [201, 204, 206, 302, 400, 401, 403, 404, 409, 418, 422, 451, 500, 502, 504, 599] as const;

/** The fakes, asked without a network, with answers that are changed on the way. */
export function mutating(fakes: Fakes, random: Random, secrets: readonly string[]): Mutating {
  const log: Mutating["log"] = [];
  const strays: URL[] = [];
  return {
    log,
    strays,
    async fetch(input, init) {
      const request = new Request(input, init);
      const asked = `${request.method} ${request.url}`;
      const response = await getResponse(fakes.handlers, request).catch((error: unknown) =>
        Response.json({ error: `The fake broke: ${String(error)}` }, { status: 500 }),
      );
      if (!response) {
        strays.push(new URL(request.url));
        return new Response("not here", { status: 404 });
      }
      const isSignIn = /token|lobby|zoneinformation|logininfo/i.test(request.url);
      const text = await response.text();
      const mutated = random.chance(isSignIn ? 0.05 : 0.7);
      const answered = mutated ? mutate(text, random, secrets) : text;
      const headers = new Headers(response.headers);
      headers.delete("content-length");
      if (mutated && random.chance(0.05)) headers.set("content-type", random.one(["text/html", "text/plain", "x", ""]));
      if (mutated && random.chance(0.2) && headers.has("link"))
        headers.set("link", random.one(['<https://evil.example/x>; rel="next"', "<", '<>; rel="next"', "rel=next"]));
      const status = mutated && random.chance(0.08) ? random.one(STATUSES) : response.status;
      log.push({ asked, answered: `${status} ${answered}`, mutated });
      return new Response(status === 204 ? null : answered, { status, headers });
    },
  };
}
