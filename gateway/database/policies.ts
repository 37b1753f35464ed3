import type { Db } from "./index.ts";
import type { InstallationRow, PolicyRow } from "./schema.ts";

/** One version; what it says never changes. */
export const findPolicy = (db: Db, org: string, version: number): Promise<PolicyRow | undefined> =>
  db.selectFrom("policies").selectAll().where("org_id", "=", org).where("version", "=", version).executeTakeFirst();

export async function currentVersion(db: Db, org: string): Promise<number | undefined> {
  return (await db.selectFrom("orgs").select("policy_version").where("id", "=", org).executeTakeFirst())
    ?.policy_version;
}

/** Makes a version the current one. @returns false when another change came first. Give it a transaction. */
export async function addPolicy(trx: Db, row: PolicyRow): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("orgs")
    .set({ policy_version: row.version })
    .where("id", "=", row.org_id)
    .where("policy_version", "=", row.version - 1)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await trx.insertInto("policies").values(row).execute();
  return true;
}

/** Tools that the operator has switched off for everybody. */
export async function readToolsOff(db: Db): Promise<ReadonlySet<string>> {
  return toolsOffOf(await db.selectFrom("installation").select("tools_off").executeTakeFirstOrThrow());
}

export const toolsOffOf = ({ tools_off }: Pick<InstallationRow, "tools_off">): ReadonlySet<string> =>
  new Set(tools_off.split(" ").filter(Boolean));

/** Give it a transaction. */
export async function switchTool(trx: Db, tool: string, on: boolean): Promise<void> {
  const others = [...(await readToolsOff(trx))].filter((each) => each !== tool);
  const tools_off = (on ? others : [...others, tool]).sort().join(" ");
  await trx.updateTable("installation").set({ tools_off }).where("id", "=", 1).execute();
}

/** Versions before this one, the newest first. */
export const listPolicies = (
  db: Db,
  org: string,
  { before, limit }: { before?: number; limit: number },
): Promise<PolicyRow[]> =>
  db
    .selectFrom("policies")
    .selectAll()
    .where("org_id", "=", org)
    .$if(before !== undefined, (query) => query.where("version", "<", before!))
    .orderBy("version", "desc")
    .limit(limit)
    .execute();
