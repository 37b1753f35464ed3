import { deleteExpiredArtifacts } from "../database/artifacts.ts";
import { boundClients, deleteUnusedClients } from "../database/clients.ts";
import type { AuthorizationServer } from "./server.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const MOST_REGISTRATIONS = 50_000;

/** Removes what has expired, and registrations that nobody uses. */
export async function sweep({ db, now }: Pick<AuthorizationServer, "db" | "now">): Promise<void> {
  await deleteExpiredArtifacts(db, now());
  await deleteUnusedClients(db, { now: now(), neverUsedMs: DAY_MS, unusedMs: 90 * DAY_MS });
}

/** Anybody may register, so the table is bounded. */
export const boundRegistrations = ({ db }: Pick<AuthorizationServer, "db">) => boundClients(db, MOST_REGISTRATIONS);
