import type { IncomingMessage, ServerResponse } from "node:http";
import type { Ground } from "./ground.ts";

/** What a vendor can do to a request on a bad day, below what any HTTP library offers. */
export const MISBEHAVIOURS = {
  /** At once. */
  "500": (_, outgoing) => void outgoing.writeHead(500, { "content-type": "text/plain" }).end("Internal Server Error"),
  /** Never. */
  hang: () => {},
  /** In the middle of the answer. */
  reset(_, outgoing) {
    outgoing.writeHead(200, { "content-type": "application/json", "content-length": "4000" });
    outgoing.write('{"data": [', () => outgoing.destroy());
  },
  /** One byte a second, without an end. */
  "slow-loris"(_, outgoing) {
    outgoing.writeHead(200, { "content-type": "application/json" });
    const timer = setInterval(() => outgoing.write(" "), 1000);
    outgoing.on("close", () => clearInterval(timer));
  },
  garbage: (_, outgoing) => void outgoing.writeHead(200, { "content-type": "application/json" }).end('{"sites": [{"name": "CONT\0\uFFFD'), // biome-ignore format: one thought
  /** A list of 64 MB. */
  giant(_, outgoing) {
    outgoing.writeHead(200, { "content-type": "application/json" });
    outgoing.write('{"sites": ["');
    let left = 64;
    const more = () => {
      while (left > 0 && !outgoing.destroyed) {
        left--;
        if (!outgoing.write(MEGABYTE)) return void outgoing.once("drain", more);
      }
      outgoing.end('"]}');
    };
    more();
  },
  "429": (_, outgoing) => void outgoing.writeHead(429, { "retry-after": "1" }).end("Too Many Requests"),
} satisfies Record<string, (incoming: IncomingMessage, outgoing: ServerResponse) => void>;

export type Misbehaviour = keyof typeof MISBEHAVIOURS;

const MEGABYTE = "x".repeat(2 ** 20);

/** One vendor that can be told how to misbehave; what hangs is let go when it is told otherwise. */
export function sickVendor(ground: Ground, sick: string) {
  let mode: Misbehaviour | undefined;
  const held = new Set<ServerResponse>();
  const release = () => {
    for (const each of held) each.destroy();
    held.clear();
  };
  ground.afterwards(release);
  return {
    instead(slug: string, incoming: IncomingMessage, outgoing: ServerResponse): boolean {
      if (slug !== sick || mode === undefined) return false;
      held.add(outgoing);
      outgoing.on("close", () => held.delete(outgoing)).on("error", () => {});
      incoming.resume();
      MISBEHAVIOURS[mode](incoming, outgoing);
      return true;
    },
    behave(next: Misbehaviour | undefined) {
      mode = next;
      release();
    },
  };
}
