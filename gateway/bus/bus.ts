import { randomUUID } from "node:crypto";

/** What JSON can hold. */
export type Body = string | number | boolean | null | readonly Body[] | { readonly [name: string]: Body };

/**
 * Tells every replica something, at most once and without order: a message may be lost. Whoever listens gains speed by it;
 * what a request is allowed is always read from the database.
 */
export interface Bus {
  /**
   * Listeners of this process are told before it returns, others soon after. Never rejects.
   * @param body at most 7,000 bytes as JSON, and never a secret
   */
  publish(topic: string, body: Body): Promise<void>;
  /**
   * @param onGap messages may have been lost: drop what was kept on the word of this topic
   * @returns ends it
   */
  subscribe(topic: string, onMessage: (body: Body) => void, onGap?: () => void): () => void;
  /** False while others cannot be heard: keep nothing then that a message of theirs would end. */
  hears(): boolean;
}

/** A way between processes. It hands over every message, also those of this process. */
export interface Transport {
  send(text: string): Promise<void>;
  close(): Promise<void>;
}

/** What a transport tells the bus. */
export interface Ear {
  message(text: string): void;
  /** False as soon as messages may be lost, true once they arrive (again). */
  hears(able: boolean): void;
}

interface Listener {
  readonly onMessage: (body: Body) => void;
  readonly onGap?: () => void;
}

const MOST_BYTES = 7000;

/** @param connect makes the way to other processes; without one there are none */
export function createBus({
  connect,
  onTrouble,
}: {
  connect?: (ear: Ear) => Transport;
  onTrouble: (error: unknown) => void;
}): Bus & { close(): Promise<void> } {
  const self = randomUUID();
  const topics = new Map<string, Set<Listener>>();
  let hears = connect === undefined;

  const tell = (topic: string, body: Body) => {
    for (const { onMessage } of topics.get(topic) ?? []) safely(() => onMessage(body));
  };
  const safely = (act: () => void) => {
    try {
      act();
    } catch (error) {
      onTrouble(error);
    }
  };
  const ear: Ear = {
    message(text) {
      const message = messageOf(text);
      if (message && message.from !== self) tell(message.topic, message.body);
    },
    hears(able) {
      if (able === hears) return;
      hears = able;
      for (const listeners of topics.values()) for (const { onGap } of listeners) if (onGap) safely(onGap);
    },
  };
  const transport = connect?.(ear);

  return {
    async publish(topic, body) {
      const text = JSON.stringify({ from: self, topic, body });
      if (Buffer.byteLength(text) > MOST_BYTES) throw new Error(`A message about ${topic} is too long for the bus.`);
      tell(topic, body);
      await transport?.send(text).catch(onTrouble);
    },
    subscribe(topic, onMessage, onGap) {
      const listener = { onMessage, onGap };
      const listeners = topics.get(topic) ?? new Set();
      topics.set(topic, listeners.add(listener));
      return () => void listeners.delete(listener);
    },
    hears: () => hears,
    close: async () => await transport?.close(),
  };
}

/** Others may speak on the same channel; what is not ours is passed over. */
function messageOf(text: string): { from: string; topic: string; body: Body } | undefined {
  try {
    const message = JSON.parse(text);
    return typeof message?.from === "string" && typeof message.topic === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}
