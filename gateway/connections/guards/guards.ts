import { endOf, type Guard, type Target, ToolError } from "../../../runtime/index.ts";
import type { Connection } from "../../database/connections.ts";
import { breakerOfConnection, type Turn } from "./breaker.ts";
import { breakerOfHost, type HostBreaker, type HostTurn } from "./host-breaker.ts";
import { type Claim, createPlaces, type Places } from "./places.ts";

/** Whose requests: those of a stored connection, or of keys that are only tried. */
export type Whose = Pick<Connection, "org_id" | "vendor"> & { readonly id?: string };

/** A breaker opened or closed. Without a connection it is that of a vendor's address, for everybody. */
export type BreakerTurn = Turn & {
  readonly vendor: string;
  readonly host?: string;
  readonly connection?: string;
  /** Whose connection it is; at an address, who had asked there. */
  readonly orgs: readonly string[];
};

export interface Guards {
  of(whose: Whose): Guard;
  /** The connection is gone, has other keys or was not used for long: what was held back is not any more. */
  forget(connection: string): void;
  readonly places: Pick<Places, "running" | "waiting">;
  /** Vendors of the breakers that hold requests back now, one for each. */
  open(): Iterable<string>;
}

interface Options {
  now(): number;
  onTurn(turn: BreakerTurn): void;
  /** A request was refused because too many are under way. */
  onBusy(vendor: string): void;
}

/** See docs/limits.md and ADR 0023 for why. */
export const BOUNDS = {
  connection: { running: 16, waiting: 100 },
  share: { running: 48, waiting: 200 },
  organisation: { running: 192, waiting: 300 },
  vendor: { running: 256, waiting: 400 },
} as const;

const MOST_HOSTS = 2_000;

/** What stands between all connections of this process and their vendors. */
export function createGuards({ now, onTurn, onBusy }: Options): Guards {
  const places = createPlaces();
  const hosts = new Map<string, HostBreaker>();
  const open = new Map<string, BreakerTurn>();

  function note(key: string, turn: BreakerTurn) {
    if (turn.open) open.set(key, turn);
    else open.delete(key);
    onTurn(turn);
  }

  function hostOf(vendor: string, url: string): HostBreaker {
    const { origin, host } = new URL(url);
    const key = `${vendor} ${origin}`;
    const turned = (turn: HostTurn) => note(key, { ...turn, vendor, host });
    const found = hosts.get(key) ?? breakerOfHost({ now, onTurn: turned });
    hosts.delete(key);
    hosts.set(key, found);
    if (hosts.size > MOST_HOSTS) {
      const oldest = hosts.keys().next().value!;
      hosts.delete(oldest);
      open.delete(oldest);
    }
    return found;
  }

  return {
    places,
    open: () => [...open.values()].map(({ vendor }) => vendor),
    forget(connection) {
      const held = open.get(connection);
      if (held) note(connection, { open: false, vendor: held.vendor, connection, orgs: held.orgs });
    },
    of({ org_id: org, vendor, id: connection }) {
      const id = connection ?? `test of ${org}`;
      const claims: readonly Claim[] = [
        { key: `connection ${id}`, bound: BOUNDS.connection, whose: "this connection" },
        { key: `share ${org} ${vendor}`, bound: BOUNDS.share, whose: "your organisation" },
        { key: `organisation ${org}`, bound: BOUNDS.organisation, whose: "your organisation" },
        { key: `vendor ${vendor}`, bound: BOUNDS.vendor, whose: "all organisations together" },
      ];
      let title = vendor;
      const own = breakerOfConnection({
        now,
        onTurn(turn) {
          if (connection) note(connection, { ...turn, vendor, connection, orgs: [org] });
          if (turn.open) places.turnAway(`connection ${id}`, () => unavailable(title, turn.ms));
        },
      });

      function check({ vendor: called, url }: Target) {
        title = called;
        const waitMs = Math.max(own.waitMs(), hostOf(vendor, url).waitMs());
        if (waitMs > 0) throw unavailable(called, waitMs);
      }

      return {
        check,
        async run(target, work, signal) {
          const leave = await places.enter(claims, { vendor: target.vendor, signal }).catch((error: unknown) => {
            if (error instanceof ToolError && error.code === "RATE_LIMITED") onBusy(vendor);
            throw error;
          });
          try {
            check(target);
            const ends = [own.begin(), hostOf(vendor, target.url).begin({ id, org })];
            const [answer] = await Promise.allSettled([work()]);
            const how = answer.status === "fulfilled" ? "answered" : endOf(answer.reason);
            for (const end of ends) end(how);
            if (answer.status === "rejected") throw answer.reason;
            return answer.value;
          } finally {
            leave();
          }
        },
      };
    },
  };
}

function unavailable(vendor: string, waitMs: number): ToolError {
  const seconds = Math.max(Math.ceil(waitMs / 1000), 1);
  return new ToolError(
    "VENDOR_UNAVAILABLE",
    `${vendor} did not answer, or answered with failures, several times in a row. Nothing was sent to it now.`,
    { retryAfterSeconds: seconds, advice: "Tell the person that this vendor has a problem, and try again later." },
  );
}
