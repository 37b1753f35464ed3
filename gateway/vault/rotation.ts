import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Audit } from "../audit/audit.ts";
import { SYSTEM_ORG } from "../database/audit-events.ts";
import type { Db } from "../database/index.ts";
import { advanceRotation, claimRotation, endRotation, type KeyRotation } from "../database/key-rotations.ts";
import { VaultError } from "./errors.ts";
import type { KeyProvider } from "./keys.ts";

export interface RotationHouse {
  readonly db: Db;
  readonly audit: Pick<Audit, "record" | "atomically">;
  readonly keys: KeyProvider;
  readonly clock: { now(): number };
}

export interface RotationOptions {
  /** Rows a second at most, so that what is served meanwhile keeps its pace. */
  readonly perSecond?: number;
  /** Rows in one transaction. */
  readonly batch?: number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  /** Of this rotation, runs that were cut short included. */
  readonly done: number;
  readonly left: number;
}

export interface Rotated {
  readonly scope: string;
  readonly done: number;
  /** Rows that did not open and stay as they are, by code. */
  readonly failed: Readonly<Record<string, number>>;
  /** Whether an earlier run had begun it. */
  readonly resumed: boolean;
}

/** Somebody else is at it. */
export class RotationBusy extends Error {
  override readonly name = "RotationBusy";
  readonly until: number;
  constructor({ kind, leased_until }: KeyRotation) {
    super(`A rotation of kind ${kind} is under way elsewhere.`);
    this.until = leased_until;
  }
}

/** What a step of a rotation has: it reports rows that are done and rows that cannot be. */
export interface Run extends RotationHouse {
  readonly rotation: KeyRotation;
  readonly batch: number;
  /**
   * One transaction: what `work` changes, an event for each organisation of which it changed rows, and the lease.
   * @param work tells the organisation of each row that it changed; undefined for nobody's
   */
  commit(what: string, work: (trx: Db) => Promise<readonly (string | undefined)[]>): Promise<void>;
  fail(error: unknown): void;
}

/** Claims, runs the steps, and leaves a trail of where it began and ended. @throws RotationBusy */
export async function rotating(
  house: RotationHouse,
  { kind, scope }: Pick<KeyRotation, "kind" | "scope">,
  { perSecond = 500, batch = batchFor(perSecond), onProgress }: RotationOptions,
  { steps, left }: { steps(run: Run): Promise<void>; left(rotation: KeyRotation): Promise<number> },
): Promise<Rotated> {
  const { db, audit, clock } = house;
  const holder = randomUUID();
  const rotation = await claimRotation(db, { kind, scope, holder, now: clock.now() });
  if (rotation.holder !== holder) throw new RotationBusy(rotation);
  const resumed = rotation.started_at < clock.now() && rotation.done > 0;
  const failed: Record<string, number> = {};
  let { done } = rotation;
  const tell = (status: "started" | "success" | "error") =>
    audit.record({
      org: SYSTEM_ORG,
      type: "keys.rotate",
      actor: ACTOR,
      status,
      detail: { kind, scope, done, resumed, ...(Object.keys(failed).length > 0 && { failed }) },
    });
  await tell("started");
  const run: Run = {
    ...house,
    rotation,
    batch,
    async commit(what, work) {
      const begun = performance.now();
      const more = await twice(() =>
        audit.atomically(async (trx, record) => {
          const orgs = await work(trx);
          if (!(await advanceRotation(trx, { kind, holder, now: clock.now(), more: orgs.length })))
            throw new RotationBusy(rotation);
          for (const [org, count] of countsOf(orgs))
            await record({ org, type: "keys.rewrap", actor: ACTOR, status: "success", detail: { what, count, scope } });
          return orgs.length;
        }),
      );
      done += more;
      onProgress?.({ done, left: await left(rotation) });
      await sleep(Math.max(0, (more / perSecond) * 1000 - (performance.now() - begun)));
    },
    fail(error) {
      // A service that is away is no reason to go on: whoever started this starts it again.
      if (!(error instanceof VaultError) || error.code.startsWith("KEYS_")) throw error;
      failed[error.code] = (failed[error.code] ?? 0) + 1;
    },
  };
  try {
    await steps(run);
  } catch (error) {
    await endRotation(db, { kind, holder, finished_at: null });
    await tell("error");
    throw error;
  }
  await endRotation(db, { kind, holder, finished_at: clock.now() });
  await tell("success");
  return { scope, done, failed, resumed };
}

/** Others lock rows and chains in another order now and then, and a database ends one of two that wait for each other. */
async function twice<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RotationBusy || error instanceof VaultError) throw error;
    return await work();
  }
}

/** About five a second: a transaction that is long keeps others waiting. */
const batchFor = (perSecond: number) => Math.min(100, Math.max(10, Math.floor(perSecond / 5)));

const ACTOR = { id: "keys", type: "system" } as const;

/** In one order, as chains are taken in one order. */
function countsOf(orgs: readonly (string | undefined)[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const org of orgs) counts.set(org ?? SYSTEM_ORG, (counts.get(org ?? SYSTEM_ORG) ?? 0) + 1);
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
}
