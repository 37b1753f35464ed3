import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { forgetCounted, noteSeen } from "../../../gateway/database/alerts.ts";
import { closeEverythingOf } from "../../../gateway/database/erasure.ts";
import { empty, openers, type Store } from "./stores.ts";

const DAY = 86_400_000;

for (const { name, open } of openers) {
  const store = await open();
  if ("missing" in store) {
    if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(store.missing));
    else console.log(`${name} is not tested: ${store.missing}.`);
    continue;
  }
  describe(`what is forgotten, on ${name}`, () => {
    let db: Store["db"];
    beforeAll(() => {
      db = store.db;
    });
    beforeEach(() => empty(db));
    afterAll(() => store.close());

    const seen = async () => (await db.selectFrom("alert_seen").select("key").orderBy("key").execute()).map(({ key }) => key); // biome-ignore format: one thought

    it("with an organisation: every version of what it decided, and who was seen there (CMP-02)", async () => {
      for (const id of ["org_1", "org_2"]) {
        await db.insertInto("orgs").values({ id, name: "n", personal_of: null, policy_version: 2, created_at: 1 }).execute(); // biome-ignore format: one thought
        await db.insertInto("policies").values({ org_id: id, version: 2, document: "{}", created_by: "usr_1", created_at: 1 }).execute(); // biome-ignore format: one thought
        await noteSeen(db, id, "client:c", 1);
      }
      await db.transaction().execute((trx) => closeEverythingOf(trx, { org: "org_1" }, 2));
      expect(await db.selectFrom("policies").select("org_id").execute()).toEqual([{ org_id: "org_2" }]);
      expect(await db.selectFrom("alert_seen").select("org_id").execute()).toEqual([{ org_id: "org_2" }]);
    });

    it("with a person: when they were first seen, and which tools they used (CMP-02)", async () => {
      const keys = [
        "person:usr_1",
        "use:usr_1:acme_a",
        "use:usr_1:zeta_z",
        "person:usr_12",
        "use:usr_12:acme_a",
        "client:c",
      ];
      for (const key of keys) await noteSeen(db, "org_1", key, 1);
      await db.transaction().execute((trx) => closeEverythingOf(trx, { user: "usr_1" }, 2));
      expect(await seen()).toEqual(["client:c", "person:usr_12", "use:usr_12:acme_a"]);
    });

    it("after 90 days: what was noted to be counted, and not that something was seen (CMP-02)", async () => {
      for (const key of ["person:usr_1", "use:usr_1:acme_a", "client:c", "marks:usr_1:7"])
        await noteSeen(db, "org_1", key, 1);
      await noteSeen(db, "org_1", "marks:usr_1:8", 100 * DAY);
      await forgetCounted(db, 10 * DAY);
      expect(await seen()).toEqual(["client:c", "marks:usr_1:8", "person:usr_1", "use:usr_1:acme_a"]);
    });
  });
}
