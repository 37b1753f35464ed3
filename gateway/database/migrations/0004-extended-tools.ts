import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** For which vendors an organisation has switched extended tools on; slugs with a space between. */
export const extendedTools: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable("orgs")
      .addColumn("extended_vendors", "text", (column) => column.notNull().defaultTo(""))
      .execute();
  },
};
