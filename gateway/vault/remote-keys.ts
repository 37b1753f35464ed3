import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { VaultError, type VaultErrorCode } from "./errors.ts";
import type { KeyProvider } from "./keys.ts";

/** One key at one service. What it throws is an error of its own kind; `outcomeOf` says what it means. */
export interface KeyService {
  /** @param bound 32 bytes that must be given again to unwrap; they name nobody, as services log them */
  wrap(key: Buffer, bound: Buffer, signal: AbortSignal): Promise<{ version?: string; blob: Buffer }>;
  unwrap(version: string | undefined, blob: Uint8Array, bound: Buffer, signal: AbortSignal): Promise<Buffer>;
  outcomeOf(error: unknown): ServiceOutcome;
}

/** `away` covers everything after which the same question may be answered later. */
export type ServiceOutcome = "wrong" | "unknown" | "refused" | "away";

const ATTEMPTS = 3;
/** Of one attempt. Three, and the pauses between them, end before a call's own deadline. */
const PATIENCE_MS = 3000;
const PAUSE_MS = 150;

/** A key service with our patience around it, and with errors that tell nothing of a key, a token or an address. */
export function remoteKeys(name: string, service: KeyService, { patienceMs = PATIENCE_MS } = {}): KeyProvider {
  return {
    names: [name],
    isRemote: () => true,
    async wrap(key, bound) {
      const { version, blob } = await ask((signal) => service.wrap(key, hashed(bound), signal));
      return { kid: version === undefined ? name : `${name}/${version}`, blob };
    },
    async unwrap(kid, blob, bound) {
      const version = kid.startsWith(`${name}/`) ? kid.slice(name.length + 1) : undefined;
      const key = await ask((signal) => service.unwrap(version, blob, hashed(bound), signal));
      if (key.length === 32) return key;
      key.fill(0);
      throw new VaultError("WRONG_KEY", WORDS.wrong(name));
    },
  };

  /** Wrapping may be repeated as well: it leaves nothing behind. */
  async function ask<Answer>(once: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const signal = AbortSignal.timeout(patienceMs);
      try {
        return await Promise.race([once(signal), ended(signal)]);
      } catch (error) {
        const outcome = signal.aborted ? "away" : service.outcomeOf(error);
        if (outcome !== "away" || attempt === ATTEMPTS) throw new VaultError(CODES[outcome], WORDS[outcome](name));
        await sleep(PAUSE_MS * 2 ** attempt * (0.5 + Math.random() / 2));
      }
    }
  }
}

/** Not every client library ends when it is told to. */
const ended = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

const hashed = (bound: Buffer) => createHash("sha256").update(bound).digest();

const CODES: Record<ServiceOutcome, VaultErrorCode> = {
  wrong: "WRONG_KEY",
  unknown: "UNKNOWN_KID",
  refused: "KEYS_REFUSED",
  away: "KEYS_UNAVAILABLE",
};

const WORDS: Record<ServiceOutcome, (name: string) => string> = {
  wrong: (name) => `A wrapped key does not open with the master key "${name}" for this row.`,
  unknown: (name) => `The service of the master key "${name}" does not know the key, or not this version.`,
  refused: (name) => `The service of the master key "${name}" refuses us, or the key is switched off.`,
  away: (name) => `The service of the master key "${name}" does not answer in time.`,
};
