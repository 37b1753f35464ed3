import { describe, expect, it } from "vitest";
import { findStanding } from "../../../gateway/database/standing-approvals.ts";
import { changeRole, removeMember } from "../../../gateway/identity/members.ts";
import { toolCallsOf } from "../mcp/gate.ts";
import { memberOf, signedIn } from "./members.ts";
import { askingRoom, RENAME } from "./room.ts";

async function room() {
  const asking = await askingRoom({ env: { WRITES_PER_MINUTE: "100" } });
  const { app, ann, ask, answer } = asking;
  const browser = await signedIn(app, ann.user, ann.org);
  const { approval_id: id } = await ask();
  await answer(id);
  const allow = (form: Record<string, string | string[]>) =>
    browser.submit(`/approvals/${id}`, `/approvals/${id}/standing`, form);
  const rows = () => app.db.selectFrom("standing_approvals").selectAll().execute();
  const rename = (args: Record<string, unknown>) => asking.call({ ...RENAME, arguments: args });
  const waits = async (args: Record<string, unknown>) =>
    Object(await rename(args)).structuredContent?.status === "approval_required";
  return { ...asking, browser, id, allow, rows, rename, waits };
}

describe("a standing approval (APR-04)", () => {
  it("lets the same run, with fixed values, as often as was said, each use with its id in the record", async () => {
    const { app, ann, allow, rows, rename, waits, renamed } = await room();
    expect((await allow({ fixed: ["name"], hours: "1", uses: "2" })).headers.location).toBe("/approvals/standing");
    const [standing] = await rows();
    await rename({ id: "t1", name: "New" }); // on the yes that was there
    await rename({ id: "t2", name: "New" });
    expect(await waits({ id: "t3", name: "Other" })).toBe(true);
    await rename({ id: "t4", name: "New" });
    expect(await waits({ id: "t5", name: "New" })).toBe(true);
    expect(renamed()).toEqual(["t1", "t2", "t4"]);
    expect(await findStanding(app.db, { id: standing!.id, org: ann.org })).toMatchObject({ uses: 2, max_uses: 2 });
    const used = (await toolCallsOf(app, ann.org)).filter(({ standing: by }) => by === standing!.id);
    expect(used.map(({ status }) => status)).toEqual(["started", "success", "started", "success"]);
  });

  it("counts its uses one by one, however many come at once", async () => {
    const { allow, rename, renamed } = await room();
    await allow({ fixed: ["name"], hours: "1", uses: "3" });
    await Promise.all(Array.from({ length: 20 }, (_, n) => rename({ id: `x${n}`, name: "New" })));
    expect(renamed()).toHaveLength(3);
  });

  it("does not let in an argument that the approved call did not have", async () => {
    const { allow, waits } = await room();
    await allow({ fixed: ["name"], hours: "1", uses: "5" });
    await waits({ id: "t1", name: "New" }); // on the yes that was there
    expect(await waits({ id: "t2", name: "New", mail: false })).toBe(true);
    expect(await waits({ id: "t2", name: "New" })).toBe(false);
  });

  it("ends when whoever gave it may not approve any more", async () => {
    const { app, ann, id, waits } = await room();
    const amy = await memberOf(app, ann.org, "approver", "amy@example.com");
    const allow = () => amy.submit(`/approvals/${id}`, `/approvals/${id}/standing`, { hours: "1", uses: "9" });
    await waits({ id: "t1", name: "New" }); // on the yes that was there
    const by = { org: ann.org, actor: ann.user, user: amy.user.id };
    await allow();
    expect(await waits({ id: "a", name: "New" })).toBe(false);
    await changeRole(app, { ...by, role: "member" });
    expect(await waits({ id: "b", name: "New" })).toBe(true);
    await changeRole(app, { ...by, role: "approver" });
    await allow();
    expect(await waits({ id: "c", name: "New" })).toBe(false);
    await removeMember(app, by);
    expect(await waits({ id: "d", name: "New" })).toBe(true);
  });

  it("does not answer for what the tool itself asks about", async () => {
    const { allow, waits } = await room();
    await allow({ hours: "1", uses: "5" });
    expect(await waits({ id: "t2", name: "New", mail: true })).toBe(true);
    expect(await waits({ id: "t2", name: "New" })).toBe(false);
  });

  it("ends by itself, by hand, and when policy or keys change", async () => {
    const { allow, rows, waits, clock, browser, policy } = await room();
    await allow({ hours: "1", uses: "9" });
    expect(await waits({ id: "a", name: "New" })).toBe(false);
    const { id } = (await rows())[0]!;
    expect((await browser.get("/approvals/standing")).body).toContain("In force");
    await browser.submit("/approvals/standing", `/approvals/standing/${id}/end`);
    expect(await waits({ id: "b", name: "New" })).toBe(true);
    expect((await browser.get("/approvals/standing")).body).toContain("Ended");

    await allow({ hours: "1", uses: "9" });
    expect(await waits({ id: "c", name: "New" })).toBe(false);
    await policy({ waitMinutes: 9 });
    expect(await waits({ id: "d", name: "New" })).toBe(true);
    expect((await browser.get("/approvals/standing")).body).toContain("No longer fits");
    clock.pass(3_600_000);
    expect((await browser.get("/approvals/standing")).body).toContain("Over");
  });

  it("keeps to the organisation's bounds, wants the right and a fresh sign-in, and is for changes alone", async () => {
    const { allow, rows, clock, ask, answer, browser, app, ann, id } = await room();
    for (const form of [
      { hours: "9", uses: "1" },
      { hours: "1", uses: "51" },
      { hours: "0", uses: "1" },
      { hours: "x", uses: "1" },
    ])
      await allow(form);
    expect(await rows()).toEqual([]);
    const wipe = await ask({ name: "acme_wipe_thing", arguments: { id: "t1" } });
    await answer(wipe.approval_id);
    expect((await browser.get(`/approvals/${wipe.approval_id}`)).body).not.toContain("Allow the same");
    clock.pass(5 * 60_000);
    const again = await allow({ hours: "1", uses: "1" });
    expect(again.headers.location).toMatch(/^\/login\/again/);
    await app.db.updateTable("memberships").set({ role: "member" }).where("user_id", "=", ann.user).execute();
    const fresh = await signedIn(app, ann.user, ann.org);
    expect((await fresh.get(`/approvals/${id}`)).body).not.toContain("Allow the same");
    expect(await rows()).toEqual([]);
  });
});
