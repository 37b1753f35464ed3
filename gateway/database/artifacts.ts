import type { Db } from "./index.ts";
import type { ArtifactRow } from "./schema.ts";

/** What the authorization server remembers of codes, tokens, sessions and grants. Bearer values come here hashed. */
export async function putArtifact(db: Db, row: Omit<ArtifactRow, "org_id" | "consumed_at">): Promise<void> {
  const { model, id_hash, ...rest } = row;
  await db
    .insertInto("oauth_artifacts")
    .values((build) => ({
      ...row,
      consumed_at: null,
      org_id: build.selectFrom("oauth_grants").select("org_id").where("id", "=", row.grant_id),
    }))
    .onConflict((conflict) => conflict.columns(["model", "id_hash"]).doUpdateSet(rest))
    .execute();
}

export async function findArtifact(db: Db, model: string, idHash: string): Promise<ArtifactRow | undefined> {
  return await db
    .selectFrom("oauth_artifacts")
    .selectAll()
    .where("model", "=", model)
    .where("id_hash", "=", idHash)
    .executeTakeFirst();
}

export async function findArtifactByUid(db: Db, model: string, uid: string): Promise<ArtifactRow | undefined> {
  return await db
    .selectFrom("oauth_artifacts")
    .selectAll()
    .where("model", "=", model)
    .where("uid", "=", uid)
    .executeTakeFirst();
}

/** @returns false when it was consumed before; the first time is kept */
export async function consumeArtifact(db: Db, model: string, idHash: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("oauth_artifacts")
    .set({ consumed_at: now })
    .where("model", "=", model)
    .where("id_hash", "=", idHash)
    .where("consumed_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function deleteArtifact(db: Db, model: string, idHash: string): Promise<void> {
  await db.deleteFrom("oauth_artifacts").where("model", "=", model).where("id_hash", "=", idHash).execute();
}

/** Every code and token of the grant. */
export async function deleteArtifactsOfGrant(db: Db, grantId: string): Promise<void> {
  await db.deleteFrom("oauth_artifacts").where("grant_id", "=", grantId).execute();
}

export async function deleteExpiredArtifacts(db: Db, now: number): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom("oauth_artifacts").where("expires_at", "<", now).executeTakeFirst();
  return Number(numDeletedRows);
}
