import { beforeEach, describe, expect, it } from "vitest";
import { addMember } from "../../../gateway/database/orgs.ts";
import { acme, lockOf } from "../acme.ts";
import { decidedBy } from "../policies.ts";
import { fakeClock, PASSWORD, person, type TestApp, testApp } from "../support.ts";
import { visitorAs } from "./admin/admin.ts";
import { tokenFor, visitor } from "./visitor.ts";

const PAGE = "/admin/policy";
const SWITCHES = `${PAGE}/switches`;
const MINUTE = 60_000;

let app: TestApp;
let clock: ReturnType<typeof fakeClock>;
let ann: Awaited<ReturnType<typeof visitorAs>>;

beforeEach(async () => {
  clock = fakeClock();
  const vendor = acme();
  app = await testApp({ vendors: [vendor], lock: lockOf(vendor), now: clock.now });
  ann = await visitorAs(app, "owner");
});

/** Sends a form whose sign-in is too old. @returns where it waits */
async function leave(form: Record<string, string | string[]> = { on: ["write", "destroy"] }) {
  clock.pass(6 * MINUTE);
  const left = await ann.submit(PAGE, SWITCHES, form);
  return new URL(left.headers.location!, "http://x").searchParams.get("next")!;
}

const confirm = (next: string, password = PASSWORD) =>
  ann.submit(`/login/again?next=${encodeURIComponent(next)}`, "/login/again", { password, next });

describe("a form whose person has to confirm that it is them", () => {
  it("stands again afterwards, and one press does what it said (TEN-06)", async () => {
    const next = await leave();
    expect((await confirm(next)).headers.location).toBe(next);
    const { body } = await ann.get(next);
    expect(body).toContain("Tools that delete or run something");
    const form_token = tokenFor(body, SWITCHES);
    const confirmed = /name="confirmed" value="([^"]+)"/.exec(body)![1]!;
    const done = await ann.post(SWITCHES, { form_token, on: ["write", "destroy"], confirmed });
    expect([done.statusCode, done.headers.location]).toEqual([303, PAGE]);
    expect((await decidedBy(app.db, ann.org)).switches).toMatchObject({ write: true, destroy: true });
  });

  it("survives a wrong password, and does nothing by itself", async () => {
    const next = await leave();
    const wrong = await confirm(next, "not the password");
    expect([wrong.statusCode, wrong.body.includes("what you entered is kept")]).toEqual([401, true]);
    expect((await ann.get(next)).headers.location).toBe(`/login/again?next=${encodeURIComponent(next)}`);
    await confirm(next);
    await ann.get(next);
    expect((await decidedBy(app.db, ann.org)).version).toBe(1);
  });

  it("says nothing to who reads the address, and is for its sender in their organisation alone", async () => {
    const next = await leave();
    expect(Buffer.from(next.split("form=")[1]!, "base64url").toString("latin1")).not.toContain("destroy");
    const bob = await person(app, "bob@example.com");
    expect((await visitor(app, bob.token).get(next)).statusCode).toBe(410);
    await addMember(app.db, { org_id: bob.org, user_id: ann.user.id, role: "owner", active: 1, created_at: 0 });
    await app.db.updateTable("sessions").set({ org_id: bob.org }).where("user_id", "=", ann.user.id).execute();
    expect((await ann.get(next)).statusCode).toBe(410);
  });

  it("is over after a quarter of an hour, and when it was changed", async () => {
    const next = await leave();
    expect((await ann.get(`${next.slice(0, -4)}AAAA`)).statusCode).toBe(410);
    clock.pass(15 * MINUTE);
    const late = await ann.get(next);
    expect([late.statusCode, late.body.includes("This form is over")]).toEqual([410, true]);
  });

  it("goes back to its page where it is too long for an address", async () => {
    clock.pass(6 * MINUTE);
    const noise = Array.from({ length: 900 }, (_, n) => Math.sin(n).toString(36).slice(3));
    const left = await ann.submit(PAGE, SWITCHES, { on: ["destroy"], noise });
    expect(left.headers.location).toBe(`/login/again?next=${encodeURIComponent(PAGE)}`);
  });
});
