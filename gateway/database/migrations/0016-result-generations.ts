import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { protectRows } from "../row-security.ts";
import type { Types } from "./index.ts";

/** Which kept answers of a vendor still hold in an organisation: those of the generation that stands here. */
export const resultGenerations = ({ rowSecurity }: Types): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("result_generations")
      .addColumn("org_id", "text", (column) => column.notNull())
      .addColumn("vendor", "text", (column) => column.notNull())
      .addColumn("generation", "bigint", (column) => column.notNull())
      .addColumn("changing", "integer", (column) => column.notNull())
      .addColumn("unsettled_until", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("result_generations_pk", ["org_id", "vendor"])
      .execute();
    if (rowSecurity) await protectRows(db, "result_generations");
  },
});
