import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import type { Ear, Transport } from "./bus.ts";

/** What replicas share in Redis. Every command fails at once while it is away: whoever asks has another way. */
export interface SharedRedis {
  readonly client: Redis;
  /** Begins every key and channel: installations that share a server do not share keys. */
  readonly prefix: string;
  isUp(): boolean;
  /** How often it was connected: with each time it may have begun empty. */
  connected(): number;
  close(): void;
}

/** A command that takes longer counts as lost; a healthy server answers in well under a millisecond. */
const PATIENCE_MS = 250;
const CONNECT_MS = 2000;
const PING_MS = 1000;

interface RedisOptions {
  readonly url: string;
  /** Names the installation: its public address. */
  readonly installation: string;
  onLost(error: Error | undefined): void;
  onBack(): void;
}

/** Resolves once connected, or when that did not work at first: it is tried again for as long as the process lives. */
export async function openRedis({ url, installation, onLost, onBack }: RedisOptions): Promise<SharedRedis> {
  const { Redis } = await import("ioredis"); // only where there is one
  const client = new Redis(url, {
    ...RECONNECTING,
    commandTimeout: PATIENCE_MS,
    enableOfflineQueue: false,
  });
  let closed = false;
  let connections = 0;
  let lost: boolean | undefined;
  let reason: Error | undefined;
  client.on("error", (error) => {
    reason = error;
  });
  client.on("ready", () => {
    connections++;
    if (lost) onBack();
    lost = false;
    reason = undefined;
  });
  client.on("close", () => {
    if (lost || closed) return;
    lost = true;
    onLost(reason);
  });
  const pings = setInterval(() => {
    // A connection that was cut without a word is found by a question that nobody answers.
    if (client.status === "ready") client.ping().catch(() => client.status === "ready" && client.disconnect(true));
  }, PING_MS).unref();
  await client.connect().catch(() => {});
  const prefix = `vendorsmith:${createHash("sha256").update(installation).digest("hex").slice(0, 8)}:`;
  return {
    client,
    prefix,
    isUp: () => client.status === "ready",
    connected: () => connections,
    close() {
      closed = true;
      clearInterval(pings);
      client.disconnect();
    },
  };
}

/** Pub/sub needs a connection of its own. What is published goes over the shared one. */
export function redisTransport({ client, prefix }: Pick<SharedRedis, "client" | "prefix">, ear: Ear): Transport {
  const channel = `${prefix}bus`;
  const subscriber = client.duplicate({ ...RECONNECTING, autoResubscribe: false, commandTimeout: CONNECT_MS });
  subscriber.on("error", () => {}); // the shared connection says so
  subscriber.on("close", () => ear.hears(false));
  subscriber.on("message", (_channel, text) => ear.message(text));
  subscriber.on("ready", () => {
    subscriber.subscribe(channel).then(
      () => ear.hears(true),
      () => subscriber.disconnect(true),
    );
  });
  const pings = setInterval(() => {
    if (subscriber.status === "ready")
      subscriber.ping().catch(() => subscriber.status === "ready" && subscriber.disconnect(true));
  }, PING_MS).unref();
  subscriber.connect().catch(() => {});
  return {
    send: async (text) => void (await client.publish(channel, text)),
    close: async () => {
      clearInterval(pings);
      subscriber.disconnect();
    },
  };
}

const RECONNECTING = {
  lazyConnect: true,
  connectTimeout: CONNECT_MS,
  maxRetriesPerRequest: 0,
  retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 5), 1000),
} as const;
