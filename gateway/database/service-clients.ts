import type { Db } from "./index.ts";
import type { ServiceClientRow, ServiceConnectionRow } from "./schema.ts";

export async function addServiceClient(
  trx: Db,
  row: ServiceClientRow,
  connections: readonly ServiceConnectionRow[],
): Promise<void> {
  await trx.insertInto("service_clients").values(row).execute();
  if (connections.length > 0) await trx.insertInto("service_connections").values(connections).execute();
}

/** Those of an organisation that were not revoked, newest first. */
export const listServiceClients = (db: Db, org: string): Promise<ServiceClientRow[]> =>
  db
    .selectFrom("service_clients")
    .selectAll()
    .where("org_id", "=", org)
    .where("revoked_at", "is", null)
    .orderBy("created_at", "desc")
    .orderBy("id")
    .execute();

/** With what its organisation has decided; undefined when it was revoked or has expired. */
export const findService = (db: Db, id: string, now: number) =>
  db
    .selectFrom("service_clients as service")
    .innerJoin("orgs", "orgs.id", "service.org_id")
    .innerJoin("installation", (join) => join.on("installation.id", "=", 1))
    .selectAll("service")
    .select(["orgs.name as org_name", "orgs.policy_version", "orgs.region as org_region", "installation.tools_off"])
    .where("service.id", "=", id)
    .where("service.revoked_at", "is", null)
    .where("service.expires_at", ">", now)
    .executeTakeFirst();

/** The connections it was given, as far as they still are. */
export const serviceConnections = (db: Db, { id, org_id }: Pick<ServiceClientRow, "id" | "org_id">) =>
  db
    .selectFrom("service_connections as given")
    .leftJoin("connections", (join) =>
      join
        .onRef("connections.id", "=", "given.connection_id")
        .onRef("connections.org_id", "=", "given.org_id")
        .on("connections.status", "!=", "revoked"),
    )
    .select(["given.vendor", "connections.id as connection"])
    .where("given.service_id", "=", id)
    .where("given.org_id", "=", org_id)
    .execute();

/** Who has its secret now. */
export async function setServiceMaker(
  trx: Db,
  { id, org_id }: Pick<ServiceClientRow, "id" | "org_id">,
  by: string,
): Promise<void> {
  await trx
    .updateTable("service_clients")
    .set({ created_by: by })
    .where("id", "=", id)
    .where("org_id", "=", org_id)
    .execute();
}

/** Notes a use, at most once a minute. */
export async function touchService(db: Db, id: string, now: number): Promise<void> {
  await db
    .updateTable("service_clients")
    .set({ last_used_at: now })
    .where("id", "=", id)
    .where((is) => is.or([is("last_used_at", "is", null), is("last_used_at", "<", now - 60_000)]))
    .execute();
}

/** @returns false when there was nothing to end */
export async function markServiceRevoked(trx: Db, org: string, id: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("service_clients")
    .set({ revoked_at: now })
    .where("org_id", "=", org)
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
