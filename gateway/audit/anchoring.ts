import * as rows from "../database/audit-anchors.ts";
import type { Db } from "../database/index.ts";
import type { AuditAnchorRow } from "../database/schema.ts";
import { type Anchor, anchorKeys } from "./anchor-keys.ts";

/** Somewhere outside the database. It resolves when the anchors are kept there, and may be given one twice. */
export type AnchorPlace = (anchors: readonly Anchor[]) => Promise<void>;

export interface AnchorTrouble {
  readonly place: "file" | "store";
  /** Whose anchors wait. */
  readonly orgs: readonly string[];
  /** Undefined when the place works again. */
  readonly error?: unknown;
}

export interface Anchoring {
  /** Signs the ends of chains that have grown and brings what waits to where it belongs. @throws what the database threw */
  run(): Promise<void>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** An organisation's chain is anchored after so many events, or after so long when there are fewer. */
export const ANCHOR_EVENTS = 1000;
const ANCHOR_MS = 5 * 60_000;

const MOST_AT_ONCE = 200;

/**
 * Anchors wait in the database until each place has them, so a place that was away catches up.
 * @param onTrouble hears of a place once when it begins to fail and once when it works again
 */
export function createAnchoring({
  db,
  keys: masters,
  clock,
  places,
  onTrouble,
}: {
  db: Db;
  keys: readonly Buffer[];
  clock: { now(): number };
  places: Readonly<Partial<Record<AnchorTrouble["place"], AnchorPlace>>>;
  onTrouble(trouble: AnchorTrouble): Promise<void>;
}): Anchoring {
  const keys = anchorKeys(masters);
  const failing = new Map<AnchorTrouble["place"], readonly string[]>();
  let running: Promise<void> | undefined;

  return {
    run() {
      running ??= anchorAll().finally(() => {
        running = undefined;
      });
      return running;
    },
    idle: async () => await running?.catch(() => {}),
  };

  async function anchorAll() {
    const at = clock.now();
    for (const { org_id: org, seq, mac } of await rows.unanchoredHeads(db, ANCHOR_EVENTS, at - ANCHOR_MS)) {
      const { key, signature } = keys.sign({ org, seq, mac, at });
      await rows.addAnchor(db, { org_id: org, seq, mac, at, key_id: key, signature, file_at: null, store_at: null });
    }
    if (places.file) await bring("file", places.file);
    if (places.store) await bring("store", places.store);
  }

  async function bring(name: AnchorTrouble["place"], put: AnchorPlace) {
    for (;;) {
      const waiting = await rows.waitingAnchors(db, name, MOST_AT_ONCE);
      if (waiting.length === 0) return;
      const orgs = [...new Set(waiting.map(({ org_id }) => org_id))];
      try {
        await put(waiting.map(anchorOf));
      } catch (error) {
        if (failing.has(name)) return;
        failing.set(name, orgs);
        return await onTrouble({ place: name, orgs, error });
      }
      for (const row of waiting) await rows.noteAnchorStored(db, row, name, clock.now());
      const recovered = failing.get(name);
      failing.delete(name);
      if (recovered) await onTrouble({ place: name, orgs: recovered });
    }
  }
}

export const anchorOf = ({ org_id, seq, mac, at, key_id, signature }: AuditAnchorRow): Anchor => ({
  org: org_id,
  seq,
  mac,
  at,
  key: key_id,
  signature,
});
