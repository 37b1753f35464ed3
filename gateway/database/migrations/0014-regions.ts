import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Where an organisation is at home. Without one it is served by every gateway, as before. */
export const regions: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable("orgs").addColumn("region", "text").execute();
  },
};
