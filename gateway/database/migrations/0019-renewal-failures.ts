import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** How a sign-in's renewal fails, for all replicas: since when, how often, and when to try again. Null while it does not. */
export const renewalFailures: Migration = {
  async up(db: Kysely<unknown>) {
    for (const column of ["renew_failures", "renew_after", "failing_since"])
      await db.schema.alterTable("credentials").addColumn(column, "bigint").execute();
  },
};
