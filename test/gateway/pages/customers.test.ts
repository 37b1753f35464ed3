import { expect, it } from "vitest";
import { saveConnection } from "../../../gateway/connections/connections.ts";
import { limitMember } from "../../../gateway/identity/customers/limits.ts";
import { acme, acmeWorld, lockOf } from "../acme.ts";
import { person, testApp } from "../support.ts";
import { tokenFor, visitor } from "./visitor.ts";

/** A vendor whose customers are these, at the time of the question. */
async function setting() {
  const listed = [
    { id: "1", name: "Contoso Ltd" },
    { id: "2", name: "Fabrikam" },
    { id: "3", name: "Northwind" },
    { id: "4", name: "Northwind, Inc." },
  ];
  const vendor = {
    ...acme(acmeWorld()),
    customer: {
      title: "Site",
      async *list() {
        yield* listed;
      },
    },
  };
  const app = await testApp({ vendors: [vendor], lock: lockOf(vendor) });
  const { user, org, token } = await person(app);
  const connect = async () => {
    const parsed = vendor.credentials.parse({ apiKey: "key" });
    if (!parsed.ok) throw new Error("the test's keys do not parse");
    return await saveConnection(app, { org, user: user.id, vendor: "acme", credentials: parsed.value as object });
  };
  const ann = visitor(app, token);
  const add = async (name: string) => {
    const answer = await ann.submit("/admin/customers", "/admin/customers", { name });
    return String(answer.headers["location"]);
  };
  const links = () =>
    app.db.selectFrom("customer_links").innerJoin("customers", "customers.id", "customer_links.customer_id")
      .select(["customers.name", "vendor_id", "connection_id", "vendor_name", "gone_at"]).orderBy("vendor_id").execute(); // biome-ignore format: one thought
  const read = async (connection: string) => {
    const begun = await ann.submit("/admin/customers/import", "/admin/customers/import", { connection });
    const at = String(begun.headers["location"]);
    for (let tries = 0; tries < 50; tries++) {
      const page = await ann.get(at);
      if (page.body.includes("Take over")) return { at, page };
      await new Promise((next) => setTimeout(next, 20));
    }
    throw new Error("the list was not read");
  };
  return { app, ann, org, user, listed, connect, add, links, read };
}

it("shows, adds, links, renames, merges, splits and archives customers by forms (UI-07, TEN-03)", async () => {
  const { ann, add, links } = await setting();
  expect((await ann.get("/admin/customers")).body).toContain("No customer is entered yet");
  const contoso = await add("Contoso <b>");
  expect((await ann.get(contoso)).body).toContain("Contoso &lt;b&gt;");
  const double = await add("Contoso Two");
  const link = (at: string, vendor_id: string) =>
    ann.submit(at, `${at}/link`, { vendor: "acme", vendor_id, vendor_name: `Acme ${vendor_id}`, account: "" });
  await link(contoso, "7");
  await link(double, "8");
  await link(double, "7");
  expect((await ann.get(double)).body).toContain("belongs to another customer already");
  const into = contoso.split("/").at(-1)!;
  const found = await ann.get(`${double}?find=contoso`);
  expect(found.body).toContain(`merge?into&#x3D;${into}`);
  const sure = await ann.get(`${double}/merge?into=${into}`);
  expect(sure.body).toContain("Merge “Contoso Two” into");
  const token = tokenFor(sure.body, `${double}/merge`);
  await ann.post(`${double}/merge`, { form_token: token, into });
  expect((await links()).map(({ name, vendor_id }) => [name, vendor_id])).toEqual([["Contoso <b>", "7"], ["Contoso <b>", "8"]]); // biome-ignore format: one thought
  await ann.submit(contoso, `${contoso}/split`, { name: "Litware", place: JSON.stringify(["acme", "8", ""]) });
  await ann.submit(contoso, `${contoso}/rename`, { name: "Contoso" });
  expect((await links()).map(({ name }) => name)).toEqual(["Contoso", "Litware"]);
  await ann.submit(contoso, `${contoso}/unlink`, { place: JSON.stringify(["acme", "7", ""]) });
  await ann.submit(contoso, `${contoso}/archive`);
  expect((await ann.get("/admin/customers")).body).toContain("1 archived");
  expect((await ann.get("/admin/customers?archived=1")).body).toContain("Contoso");
  await ann.submit(contoso, `${contoso}/restore`);
  expect((await ann.get("/admin/customers?find=conto")).body).toContain(contoso);
});

it("changes nothing without the token of a form of ours (UI-07)", async () => {
  const { ann, add, app } = await setting();
  const contoso = await add("Contoso");
  for (const url of ["/admin/customers", `${contoso}/rename`, `${contoso}/archive`, `${contoso}/link`])
    expect((await ann.post(url, { name: "Other" })).statusCode).toBe(403);
  expect(await app.db.selectFrom("customers").select(["name", "archived"]).execute()).toEqual([
    { name: "Contoso", archived: 0 },
  ]);
});

it("imports a vendor's list after showing what is new, the same, and for a person to decide (TEN-03, UI-07)", async () => {
  const { ann, add, connect, links, read, listed } = await setting();
  await add("Contoso");
  const northwind = (await add("Northwind")).split("/").at(-1)!;
  const { id } = await connect();
  const { at, page } = await read(id);
  expect(page.body).toMatch(/New: 1/);
  expect(page.body).toMatch(/Same name as a customer here: 1/);
  expect(page.body).toContain('name="decide-3"');
  expect(await links()).toEqual([]);
  await ann.submit(at, at, { fresh: "yes", matched: "yes", holds: "everywhere", "decide-3": northwind });
  expect((await links()).map(({ name, vendor_id, connection_id }) => [name, vendor_id, connection_id])).toEqual([
    ["Contoso", "1", ""],
    ["Fabrikam", "2", ""],
    ["Northwind", "3", ""],
  ]);
  expect((await ann.get(at)).statusCode).toBe(404);

  listed.splice(0, listed.length, { id: "1", name: "Contoso Group" }, { id: "3", name: "Northwind" });
  const again = await read(id);
  expect(again.page.body).toMatch(/Renamed at Acme: 1/);
  expect(again.page.body).toMatch(/Not found any more: 1/);
  await ann.submit(again.at, again.at, { holds: "everywhere" });
  const now = await links();
  expect(now.map(({ name, vendor_name, gone_at }) => [name, vendor_name, gone_at !== null])).toEqual([
    ["Contoso", "Contoso Group", false],
    ["Fabrikam", "Fabrikam", true],
    ["Northwind", "Northwind", false],
  ]);
});

it("ties ids to their account where the organisation has several, and tells of ids that mean somebody else (TEN-03)", async () => {
  const { ann, connect, links, read, listed } = await setting();
  const first = await connect();
  const one = await read(first.id);
  expect(one.page.body).toMatch(/value="everywhere" checked/);
  await ann.submit(one.at, one.at, { fresh: "yes", holds: "everywhere" });
  const second = await connect();
  listed.splice(0, listed.length, { id: "1", name: "Litware" }, { id: "9", name: "Tailspin" });
  const other = await read(second.id);
  expect(other.page.body).toMatch(/value="here" checked/);
  expect(other.page.body).toContain("Other companies with an id that is linked: 1");
  await ann.submit(other.at, other.at, { fresh: "yes", holds: "here" });
  expect((await links()).map(({ name, vendor_id, connection_id }) => [name, vendor_id, connection_id])).toEqual([
    ["Contoso Ltd", "1", ""],
    ["Fabrikam", "2", ""],
    ["Tailspin", "9", second.id],
  ]);
});

it("limits a member to chosen customers and says so on their settings (TEN-03, UI-07)", async () => {
  const { ann, add, app, org, user } = await setting();
  const contoso = (await add("Contoso")).split("/").at(-1)!;
  await add("Fabrikam");
  const at = `/admin/customers/people/${user.id}`;
  expect((await ann.get("/admin/customers/people")).body).toContain("All customers");
  await ann.submit(at, at, { limited: "true" });
  expect((await ann.get(at)).body).toContain("sees nothing until there is one");
  // Without a word to find, the first ones are there to tick.
  expect((await ann.get(at)).body).toMatch(/name="give"[^>]*> Contoso[\s\S]*name="give"[^>]*> Fabrikam/);
  const found = await ann.get(`${at}?find=conto`);
  expect(found.body).not.toContain("Fabrikam");
  await ann.post(at, { form_token: tokenFor(found.body, at), give: contoso });
  const rows = await app.db.selectFrom("member_customers").select("customer_id").where("org_id", "=", org).execute();
  expect(rows).toEqual([{ customer_id: contoso }]);
  expect((await ann.get("/settings")).body).toContain("Limited to: Contoso.");
  await ann.submit(at, at, { limited: "false" });
  expect((await ann.get("/settings")).body).not.toContain("Limited to");
});

it("is not for an operator who is limited: an id would give them others (TEN-03, TEN-02)", async () => {
  const { ann, app, org, user } = await setting();
  await app.db.updateTable("memberships").set({ role: "operator" }).where("org_id", "=", org).execute();
  expect((await ann.get("/admin/customers")).statusCode).toBe(200);
  await limitMember(app, { org, actor: user.id, user: user.id, limited: true });
  expect((await ann.get("/admin/customers")).statusCode).toBe(403);
  expect((await ann.get(`/admin/customers/people/${user.id}`)).statusCode).toBe(403);
});
