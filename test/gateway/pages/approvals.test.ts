import { describe, expect, it } from "vitest";
import { findApproval } from "../../../gateway/database/approvals.ts";
import { memberOf, signedIn } from "../approvals/members.ts";
import { askingRoom, RENAME } from "../approvals/room.ts";
import { letChange } from "../policies.ts";
import { person } from "../support.ts";
import { visitor } from "./visitor.ts";

const WIPE = { name: "acme_wipe_thing", arguments: { id: "t1" } };

async function room(options: Parameters<typeof askingRoom>[0] = {}) {
  const asking = await askingRoom(options);
  const { app, ann } = asking;
  const browser = await signedIn(app, ann.user, ann.org);
  const statusOf = async (id: string) => (await findApproval(app.db, { id, org: ann.org }))!;
  const pathOf = (id: string) => `/approvals/${id}`;
  const submit = (who: Awaited<ReturnType<typeof signedIn>>, id: string, answer: string, note = "") =>
    who.submit(pathOf(id), pathOf(id), { answer, note });
  return { ...asking, browser, statusOf, pathOf, submit };
}

describe("the inbox (UI-06)", () => {
  it("shows what waits, with a count on every page, and what was decided", async () => {
    const { ask, browser, submit, app, ann } = await room();
    expect((await browser.get("/approvals")).body).toContain("Nothing waits for you.");
    const { approval_id } = await ask();
    const inbox = (await browser.get("/approvals")).body;
    expect(inbox).toContain(`href="/approvals/${approval_id}"`);
    expect(inbox).toContain("Rename a thing");
    expect((await browser.get("/settings")).body).toMatch(/Approvals <span class="count">1</);
    const bob = await memberOf(app, ann.org, "member", "bob@example.com");
    expect((await bob.get("/approvals")).body).not.toContain(approval_id);
    const amy = await memberOf(app, ann.org, "approver", "amy@example.com");
    expect((await amy.get("/approvals")).body).toContain(approval_id);
    await submit(browser, approval_id, "approve");
    const after = (await browser.get("/approvals")).body;
    expect(after).toContain("Nothing waits for you.");
    expect(after).toContain("Approved");
  });

  it("goes on by pages that stay as they are when something new comes", async () => {
    const { app, ask, browser, clock } = await room({ env: { WRITES_PER_MINUTE: "100" } });
    for (let n = 0; n < 30; n++) {
      await ask({ ...RENAME, arguments: { id: `t${n}`, name: "New" } });
      clock.pass(1);
    }
    await app.db.updateTable("approvals").set({ status: "denied" }).execute();
    const first = (await browser.get("/approvals")).body;
    const older = /rel="next" href="([^"]+)"/.exec(first)![1]!.replaceAll("&#x3D;", "=");
    await ask();
    await app.db.updateTable("approvals").set({ status: "denied" }).execute();
    const second = (await browser.get(older)).body;
    const ids = (html: string) => [...html.matchAll(/href="\/approvals\/(apr_[\w-]+)"/g)].map(([, id]) => id);
    expect(ids(first)).toHaveLength(25);
    expect(ids(second)).toHaveLength(5);
    expect(new Set([...ids(first), ...ids(second)]).size).toBe(30);
    expect((await browser.get("/approvals?before=nonsense")).statusCode).toBe(200);
  });
});

describe("a request's page (UI-06)", () => {
  it("shows what will be done, who asks through what, until when; approving is a form (APR-01, APR-03)", async () => {
    const { ask, browser, submit, call, renamed, pathOf, statusOf } = await room();
    const { approval_id } = await ask({
      ...RENAME,
      arguments: { id: "t1", name: `<b>New</b>\u202e${"x".repeat(400)}` },
    });
    const { body } = await browser.get(pathOf(approval_id));
    for (const text of ["Rename a thing", "acme_rename_thing", "“A test”", "10 minutes left", "You"])
      expect(body).toContain(text);
    expect(body).toContain("(with hidden characters) &lt;b&gt;New&lt;/b&gt;⟨U+202E⟩xxx");
    expect(body).toContain("<details>");
    expect(body).not.toContain("\u202e");
    expect(body).not.toContain("A customer is mailed.");
    const mailed = await ask({ ...RENAME, arguments: { id: "t1", name: "New", mail: true } });
    expect((await browser.get(pathOf(mailed.approval_id))).body).toContain("A customer is mailed.");
    const answer = await submit(browser, approval_id, "approve", "Go on");
    expect(answer.statusCode).toBe(303);
    expect((await browser.get(pathOf(approval_id))).body).toContain("Tell the assistant to repeat the call");
    await call({ ...RENAME, arguments: { id: "t1", name: `<b>New</b>\u202e${"x".repeat(400)}` } });
    expect(renamed()).toEqual(["t1"]);
    expect((await browser.get(pathOf(approval_id))).body).toContain("The call was made once: it succeeded.");
    expect(await statusOf(approval_id)).toMatchObject({ approver_role: "owner", rule: "self" });
  });

  it("offers no yes that would not count any more, because the policy has changed (APR-02)", async () => {
    const { app, ann, ask, browser, pathOf } = await room();
    const { approval_id } = await ask();
    expect((await browser.get(pathOf(approval_id))).body).toContain('value="approve"');
    await letChange(app, { org: ann.org, on: true, actor: ann.user });
    const { body } = await browser.get(pathOf(approval_id));
    expect(body).toContain("Policy or connection changed since this was asked");
    expect(body).not.toContain('value="approve"');
    expect(body).toContain('value="deny"');
  });

  it("changes nothing on GET, without the form's token, from elsewhere, or with another answer (APR-03)", async () => {
    const { ask, browser, statusOf, pathOf, submit } = await room();
    const { approval_id: id } = await ask();
    await browser.get(`${pathOf(id)}?answer=approve`);
    expect((await browser.post(pathOf(id), { answer: "approve" })).statusCode).toBe(403);
    expect((await browser.post(pathOf(id), { answer: "approve" }, { origin: "https://evil.example" })).statusCode).toBe(
      403,
    );
    expect((await submit(browser, id, "maybe")).statusCode).toBe(400);
    expect((await statusOf(id)).status).toBe("pending");
  });

  it("takes no token of one request for another", async () => {
    const { ask, browser, statusOf, pathOf } = await room();
    const one = await ask();
    const two = await ask({ ...RENAME, arguments: { id: "t2", name: "New" } });
    const { body } = await browser.get(pathOf(one.approval_id));
    const form_token = /name="form_token" value="([^"]+)"/.exec(body)![1]!;
    expect((await browser.post(pathOf(two.approval_id), { answer: "approve", form_token })).statusCode).toBe(403);
    expect((await statusOf(two.approval_id)).status).toBe("pending");
  });

  it("is nobody's who is not concerned: another person, another organisation, nobody signed in (APR-02)", async () => {
    const { app, ann, ask, pathOf, statusOf } = await room();
    const { approval_id: id } = await ask();
    const bob = await memberOf(app, ann.org, "member", "bob@example.com");
    const eve = await person(app, "eve@example.com");
    for (const who of [bob, visitor(app, eve.token)]) {
      expect((await who.get(pathOf(id))).statusCode).toBe(404);
      // Even with a token that fits: eve's page for the same id was never printed, so hers is made for her session.
      const answer = await who.post(pathOf(id), { answer: "approve" });
      expect(answer.statusCode).toBe(403);
    }
    const anonymous = await visitor(app).get(pathOf(id));
    expect(anonymous.statusCode).toBe(303);
    expect(anonymous.headers.location).toBe(`/login?next=${encodeURIComponent(pathOf(id))}`);
    expect((await statusOf(id)).status).toBe("pending");
  });

  it("wants another person and a fresh sign-in for what destroys; alone only where nobody else may (APR-04)", async () => {
    const { app, ann, ask, browser, submit, statusOf, clock, pathOf } = await room();
    const alone = await ask(WIPE);
    clock.pass(5 * 60_000);
    const again = await submit(browser, alone.approval_id, "approve");
    expect(again.headers.location).toBe(`/login/again?next=${encodeURIComponent(pathOf(alone.approval_id))}`);
    const fresh = await signedIn(app, ann.user, ann.org);
    expect((await fresh.get(pathOf(alone.approval_id))).body).toContain("so you may do it alone");
    await submit(fresh, alone.approval_id, "approve");
    expect(await statusOf(alone.approval_id)).toMatchObject({ status: "approved", rule: "alone" });

    const amy = await memberOf(app, ann.org, "approver", "amy@example.com");
    const second = await ask({ ...WIPE, arguments: { id: "t2" } });
    const page = (await fresh.get(pathOf(second.approval_id))).body;
    expect(page).toContain("Somebody else in your organisation has to approve this.");
    expect(page).not.toContain('value="approve"');
    await submit(fresh, second.approval_id, "approve");
    expect((await statusOf(second.approval_id)).status).toBe("pending");
    await submit(amy, second.approval_id, "approve");
    expect(await statusOf(second.approval_id)).toMatchObject({
      status: "approved",
      rule: "other",
      approver_role: "approver",
    });
  });

  it("lets who asked take it back, and an approver deny (APR-04)", async () => {
    const { app, ann, ask, browser, submit, statusOf } = await room();
    const amy = await memberOf(app, ann.org, "approver", "amy@example.com");
    const one = await ask(WIPE);
    await submit(browser, one.approval_id, "deny");
    expect(await statusOf(one.approval_id)).toMatchObject({ status: "denied", approver_id: ann.user });
    const two = await ask({ ...WIPE, arguments: { id: "t2" } });
    await submit(amy, two.approval_id, "deny", "No");
    expect(await statusOf(two.approval_id)).toMatchObject({ status: "denied", approver_role: "approver" });
    expect((await browser.get(`/approvals/${two.approval_id}`)).body).toContain("No");
  });

  it("compares with how it is now, on the page alone; a read that fails or takes long leaves it out and says so (APR-03)", async () => {
    const { ask, browser, pathOf, worlds } = await room();
    worlds.acme.before = async (id) => ({ name: `Old name of ${id}` });
    const compared = await ask();
    expect(JSON.stringify(compared)).not.toContain("Old name");
    const { body } = await browser.get(pathOf(compared.approval_id));
    expect(body).toContain("<del>Old name of t1</del>");
    expect(body).toContain("<ins>New</ins>");
    const readings = [() => Promise.reject(new Error("no such thing")), () => new Promise<never>(() => {})];
    for (const [n, before] of readings.entries()) {
      worlds.acme.before = before;
      const missing = await ask({ ...RENAME, arguments: { id: `x${n}`, name: "New" } });
      expect((await browser.get(pathOf(missing.approval_id))).body).toContain("How it is now could not be read");
    }
  });
});
