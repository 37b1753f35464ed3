import { describe, expect, it } from "vitest";
import { createAudit } from "../../../gateway/audit/audit.ts";
import { admittedRows } from "../../../gateway/database/customer-limits.ts";
import { addCustomers, countCustomers, listCustomers } from "../../../gateway/database/customers.ts";
import {
  addCustomer,
  archiveCustomer,
  linkCustomer,
  mergeCustomers,
  renameCustomer,
  splitCustomer,
  unlinkCustomer,
} from "../../../gateway/identity/customers/changes.ts";
import { givenCustomers, isLimited, limitedTo, limitMember } from "../../../gateway/identity/customers/limits.ts";
import { matchKey, nameKey, plainName } from "../../../gateway/identity/customers/names.ts";
import { lacking } from "../../setup/lacking.ts";
import { openers } from "../database/stores.ts";
import { addSomebody } from "../rows.ts";

for (const { name, open } of openers)
  describe(`customers on ${name}`, () => {
    async function setting(context: { skip: (why?: string) => never }) {
      const store = await open();
      if ("missing" in store) return lacking(context.skip, store.missing);
      const { db } = store;
      const clock = { now: () => 1_000 };
      const audit = createAudit({ db, keys: [Buffer.alloc(32, 1)], clock, sinks: [] });
      const { user, org } = await addSomebody(db, "Ann", 1);
      const house = { audit, clock };
      const change = { org, actor: user };
      const add = async (name: string) => (await addCustomer(house, { ...change, name })).id;
      const link = (id: string, vendorId: string, connection = "") =>
        linkCustomer(house, { ...change, id, vendor: "acme", vendorId, connection, vendorName: `Acme ${vendorId}` });
      const admitted = async () =>
        (await admittedRows(db, { org, user })).map(({ name, vendor_id, connection_id }) => [
          name,
          vendor_id,
          connection_id,
        ]);
      const events = async () =>
        (
          await db
            .selectFrom("audit_events")
            .select(["type", "detail"])
            .where("org_id", "=", org)
            .orderBy("seq")
            .execute()
        ).map(({ type }) => type);
      return { store, db, house, change, org, user, add, link, admitted, events };
    }

    it("give a limited member their ids, by account, and archived ones none (TEN-03)", async (context) => {
      const { store, house, change, user, org, db, add, link, admitted, events } = await setting(context);
      const [contoso, fabrikam] = [await add("  Contoso  Ltd. "), await add("Fabrikam")];
      await link(contoso, "7", "con_1");
      await link(fabrikam, "7", "con_2");
      await limitMember(house, { ...change, user, limited: true, give: [contoso, fabrikam, "cus_made-up"] });
      expect(await admitted()).toEqual([
        ["Contoso Ltd.", "7", "con_1"],
        ["Fabrikam", "7", "con_2"],
      ]);
      expect(await isLimited(db, { org, user })).toBe(true);
      expect((await limitedTo(db, org, contoso)).map(({ id }) => id)).toEqual([user]);
      await archiveCustomer(house, { ...change, id: fabrikam, on: true });
      expect(await admitted()).toEqual([["Contoso Ltd.", "7", "con_1"]]);
      expect(await givenCustomers(db, { org, user })).toHaveLength(2);
      expect(await countCustomers(db, org)).toEqual({ active: 1, archived: 1 });
      await limitMember(house, { ...change, user, limited: false, take: [contoso] });
      expect(await isLimited(db, { org, user })).toBe(false);
      expect(await events()).toEqual([
        "customer.create",
        "customer.create",
        "customer.link",
        "customer.link",
        "member.limit",
        "customer.archive",
        "member.limit",
      ]);
      await store.close();
    });

    it("have one vendor id each: in an account, or everywhere (TEN-03)", async (context) => {
      const { store, house, change, add, link, admitted, user } = await setting(context);
      const [contoso, fabrikam] = [await add("Contoso"), await add("Fabrikam")];
      await link(contoso, "7", "con_1");
      await expect(link(fabrikam, "7", "con_1")).rejects.toThrow("belongs to another customer");
      await expect(link(fabrikam, "7")).rejects.toThrow("belongs to another customer");
      await link(contoso, "7", "con_1"); // said twice
      await link(fabrikam, "8");
      await expect(link(contoso, "8", "con_1")).rejects.toThrow("belongs to another customer");
      await expect(link(contoso, " ")).rejects.toThrow("Please give");
      await unlinkCustomer(house, { ...change, id: fabrikam, vendor: "acme", vendorId: "8", connection: "" });
      await link(contoso, "8", "con_1");
      await limitMember(house, { ...change, user, limited: true, give: [contoso] });
      expect(await admitted()).toHaveLength(2);
      await store.close();
    });

    it("are merged and split with what they have, and who saw one of two sees the one they became (TEN-03)", async (context) => {
      const { store, house, change, add, link, admitted, user } = await setting(context);
      const [contoso, double] = [await add("Contoso"), await add("Contoso GmbH")];
      await link(contoso, "7");
      await link(double, "8");
      await limitMember(house, { ...change, user, limited: true, give: [double] });
      await mergeCustomers(house, { ...change, from: double, into: contoso });
      expect(await admitted()).toEqual([
        ["Contoso", "7", ""],
        ["Contoso", "8", ""],
      ]);
      const links = [{ vendor: "acme", vendorId: "8", connection: "" }];
      const made = await splitCustomer(house, { ...change, id: contoso, name: "Contoso Labs", links });
      expect(await admitted()).toEqual([["Contoso", "7", ""]]);
      await renameCustomer(house, { ...change, id: made.id, name: "Northwind" });
      await expect(splitCustomer(house, { ...change, id: contoso, name: "X", links })).rejects.toThrow(
        "Choose the ids",
      );
      await expect(mergeCustomers(house, { ...change, from: contoso, into: contoso })).rejects.toThrow("two different");
      await store.close();
    });

    it("cannot be reached from another organisation by their ids (TEN-01, TEN-03)", async (context) => {
      const { store, db, house, change, add, link } = await setting(context);
      const contoso = await add("Contoso");
      await link(contoso, "7");
      const bob = await addSomebody(db, "Bob", 1);
      const foreign = { org: bob.org, actor: bob.user };
      const at = { vendor: "acme", vendorId: "7", connection: "" };
      await expect(renameCustomer(house, { ...foreign, id: contoso, name: "Mine" })).rejects.toThrow(
        "no such customer",
      );
      await expect(linkCustomer(house, { ...foreign, id: contoso, ...at, vendorName: "x" })).rejects.toThrow(
        "no such customer",
      );
      await expect(unlinkCustomer(house, { ...foreign, id: contoso, ...at })).rejects.toThrow("not the customer's");
      await expect(limitMember(house, { ...foreign, user: change.actor, limited: true })).rejects.toThrow(
        "not a member",
      );
      await limitMember(house, { ...foreign, user: bob.user, limited: true, give: [contoso] });
      expect(await admittedRows(db, bob)).toEqual([]);
      await store.close();
    });

    it("are ten thousand and still listed page by page and found by part of a name (UI-07)", async (context) => {
      const { store, db, org } = await setting(context);
      const rows = Array.from({ length: 10_000 }, (_, index) => {
        const name = `Company ${String((index * 7919) % 10_000).padStart(5, "0")}`;
        return { id: `cus_${index}`, org_id: org, name, name_key: nameKey(name), archived: 0, created_at: 1 };
      });
      await addCustomers(db, rows);
      const started = performance.now();
      const first = await listCustomers(db, { org, archived: false, limit: 50 });
      const last = first.at(-1)!;
      const next = await listCustomers(db, {
        org,
        archived: false,
        limit: 50,
        after: { key: last.name_key, id: last.id },
      });
      expect([first[0]!.name, next[0]!.name]).toEqual(["Company 00000", "Company 00050"]);
      const found = await listCustomers(db, { org, archived: false, key: nameKey("09999"), limit: 50 });
      expect(found.map(({ name }) => name)).toEqual(["Company 09999"]);
      expect(performance.now() - started).toBeLessThan(1000);
      await store.close();
    });
  });

describe("names of companies", () => {
  it("are the same without case, accents, punctuation and legal form", () => {
    const same = ["Müller & Söhne GmbH & Co. KG", "muller and sohne", "MÜLLER & SÖHNE", "Müller  and Söhne, Inc."];
    expect(new Set(same.map(matchKey))).toEqual(new Set(["muller and sohne"]));
    expect(matchKey("The Contoso Company, Ltd.")).toBe("contoso");
    expect(matchKey("Contoso B.V.")).toBe(matchKey("contoso"));
    expect(matchKey("Co.")).toBe("co");
    expect(matchKey("Contoso North")).not.toBe(matchKey("Contoso"));
  });

  it("are kept as one plain line", () => {
    expect(plainName(" a\u202e\n b\u0000 ")).toBe("a b");
    expect(plainName("x".repeat(500))).toHaveLength(120);
  });
});
