import pg from "pg";

/** What a listener is told; see gateway/bus/bus.ts. */
interface Ear {
  message(text: string): void;
  hears(able: boolean): void;
}

const CHANNEL = "vendorsmith_bus";
const PING_MS = 1000;
const PATIENCE_MS = 2000;
const MOST_WAIT_MS = 1000;

/**
 * LISTEN and NOTIFY over a connection of its own: one of the pool may be handed to somebody else at any time. It connects again
 * for as long as it is not closed. Not through a pooler that hands out connections per transaction.
 */
export function notifications(url: string, ear: Ear) {
  let client: pg.Client | undefined;
  let attempts = 0;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;
  let pings: NodeJS.Timeout | undefined;

  async function connect() {
    const next = new pg.Client({ connectionString: url, connectionTimeoutMillis: PATIENCE_MS, keepAlive: true });
    let over = false;
    const lose = () => {
      if (over) return;
      over = true;
      clearInterval(pings);
      if (client === next) client = undefined;
      ear.hears(false);
      next.end().catch(() => {});
      if (!closed) retry = setTimeout(connect, Math.min(50 * 2 ** attempts++, MOST_WAIT_MS)).unref();
    };
    next.on("error", lose).on("end", lose);
    next.on("notification", ({ payload }) => payload && ear.message(payload));
    try {
      await next.connect();
      await next.query(`listen ${CHANNEL}`);
    } catch {
      return lose();
    }
    if (closed || over) return lose();
    client = next;
    attempts = 0;
    ear.hears(true);
    // A connection that was cut without a word is found by a question that nobody answers.
    pings = setInterval(() => inTime(next.query("select 1")).catch(lose), PING_MS).unref();
  }

  const opened = connect();
  return {
    async send(text: string) {
      if (!client) throw new Error("PostgreSQL does not carry messages at the moment.");
      await inTime(client.query("select pg_notify($1, $2)", [CHANNEL, text]));
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      clearInterval(pings);
      await opened;
      await client?.end().catch(() => {});
    },
  };
}

async function inTime(answer: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error("PostgreSQL does not answer.")), PATIENCE_MS);
  });
  await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
