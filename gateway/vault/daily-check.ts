import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";
import type { Audit } from "../audit/audit.ts";
import { SYSTEM_ORG } from "../database/audit-events.ts";
import type { Db } from "../database/index.ts";
import { claimKeyCheck, endKeyCheck, holdKeyCheck, problemCount } from "../database/key-checks.ts";
import { VaultError } from "./errors.ts";
import type { KeyProvider } from "./keys.ts";
import { type KeyFinding, verifyKeys } from "./verify.ts";

interface House {
  readonly db: Db;
  readonly keys: KeyProvider;
  readonly audit: Pick<Audit, "record">;
  readonly clock: { now(): number };
  readonly log: Pick<FastifyBaseLogger, "error" | "warn">;
}

/** A little less than a day, so that it does not wander through the day. */
const EVERY_MS = 23.5 * 60 * 60_000;
const LEASE_MS = 10 * 60_000;
/** After a key service was away. */
const LATER_MS = 60 * 60_000;

/** Opened of each master key and of each column of small secrets; the versions of all credentials are compared. */
const SAMPLE = 20;
/** Rows a second, so that calls keep their pace: one event of the trail counts as a tenth. */
const PER_SECOND = 1000;

const ACTOR = { id: "keys", type: "system" } as const;

/**
 * Looks once a day, in one replica, whether what is stored opens, and whether somebody put an old credential back. What is
 * found is in the log, in the audit log of the installation, and in the database for `/ready` and metrics.
 * @returns whether it was this process's turn
 */
export async function checkStoredKeys(house: House, { perSecond = PER_SECOND } = {}): Promise<boolean> {
  const { db, audit, clock, log } = house;
  const holder = randomUUID();
  const until = () => clock.now() + LEASE_MS;
  const begun = clock.now();
  if (!(await claimKeyCheck(db, { holder, now: begun, until: until(), endedBefore: begun - EVERY_MS }))) return false;
  const pace = async (rows: number) => {
    if (!(await holdKeyCheck(db, { holder, until: until() }))) throw new Error("Another replica took the check over.");
    await sleep((rows / perSecond) * 1000, undefined, { ref: false });
  };
  try {
    const { findings, credentials, boxes, userKeys, versions } = await verifyKeys(house, { sample: SAMPLE, pace });
    const problems = countOf(findings.filter(isNews));
    const check = { endedAt: clock.now(), lookedAt: versions, problems };
    const status = problemCount(check) === 0 ? "success" : "error";
    const detail = { userKeys, credentials, boxes, versions, ...(status === "error" && { problems }) };
    await audit.record({ org: SYSTEM_ORG, type: "keys.verify", actor: ACTOR, status, detail });
    if (status === "error") log.error({ problems }, "stored keys are not as they should be: npm run keys -- verify");
    await endKeyCheck(db, holder, check);
  } catch (error) {
    await holdKeyCheck(db, { holder, until: clock.now() + LATER_MS });
    if (!(error instanceof VaultError)) throw error;
    log.warn({ code: error.code }, "stored keys were not looked at");
  }
  return true;
}

/** Small secrets under a key that is gone were given up when it was: they stay until their owners set them up anew. */
const isNews = ({ what, problem }: KeyFinding) => !(what === "box" && problem === "UNKNOWN_KID");

function countOf(findings: readonly KeyFinding[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { problem } of findings) counts[problem] = (counts[problem] ?? 0) + 1;
  return counts;
}
