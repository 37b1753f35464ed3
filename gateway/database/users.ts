import type { Db } from "./index.ts";
import type { UserRow } from "./schema.ts";

export type User = Omit<UserRow, "password">;

const PUBLIC = ["id", "email", "name", "created_at", "disabled_at", "erased_at"] as const;

export const findUser = (db: Db, id: string): Promise<User | undefined> =>
  db.selectFrom("users").select(PUBLIC).where("id", "=", id).executeTakeFirst();

/** With the password's hash: for sign-in alone. */
export const findByEmail = (db: Db, email: string): Promise<UserRow | undefined> =>
  db.selectFrom("users").selectAll().where("email", "=", email).executeTakeFirst();

export const findWithPassword = (db: Db, id: string): Promise<UserRow | undefined> =>
  db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();

export async function hasPassword(db: Db, id: string): Promise<boolean> {
  return Boolean((await findWithPassword(db, id))?.password);
}

/** @returns false when the address is taken */
export async function addUser(db: Db, row: UserRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("users")
    .values(row)
    .onConflict((conflict) => conflict.column("email").doNothing())
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows) === 1;
}

export async function setPassword(db: Db, id: string, password: string): Promise<void> {
  await db.updateTable("users").set({ password }).where("id", "=", id).execute();
}

/** Keeps the id, which audit events name, and nothing about the person. */
export async function eraseUser(db: Db, id: string, now: number): Promise<void> {
  const nothing = { email: `erased:${id}`, name: "", password: "", disabled_at: now, erased_at: now };
  await db.updateTable("users").set(nothing).where("id", "=", id).execute();
}

/** Whether anybody can sign in yet. */
export async function usersExist(db: Db): Promise<boolean> {
  const row = await db.selectFrom("users").select("id").where("erased_at", "is", null).limit(1).executeTakeFirst();
  return Boolean(row);
}
