import { describe, expect, it } from "vitest";
import { setLimited } from "../../../gateway/database/customer-limits.ts";
import { createPersonalToken } from "../../../gateway/oauth/personal-tokens.ts";
import { ALL_VENDORS } from "../../../gateway/oauth/resources.ts";
import { verifyToken } from "../../../gateway/oauth/verifier.ts";
import type { Role } from "../../../gateway/policy/roles.ts";
import { memberOf } from "../approvals/members.ts";
import { askingRoom } from "../approvals/room.ts";

async function limited(role: Role) {
  const room = await askingRoom();
  const { app, ann, ask } = room;
  const bob = await memberOf(app, ann.org, role, `${role}@example.com`);
  const { approval_id } = await ask();
  const statuses = async (...paths: string[]) =>
    await Promise.all(paths.map(async (path) => (await bob.get(path)).statusCode));
  const see = async () => await statuses(`/approvals/${approval_id}`, "/admin", "/admin/audit", "/admin/usage");
  const limit = () => setLimited(app.db, { org: ann.org, user: bob.user.id }, true);
  const rights = async () => {
    const wanted = {
      org: ann.org,
      user: bob.user.id,
      name: "x",
      vendor: ALL_VENDORS,
      scopes: ["org:approve", "org:audit"],
    };
    const expiresAt = app.clock.now() + 86_400_000;
    const { token } = await createPersonalToken(app, { ...wanted, connections: new Map(), expiresAt });
    return [...(await verifyToken(app, token))!.rights];
  };
  return { see, limit, rights };
}

describe("somebody who is limited to some customers", () => {
  it("looks after nothing that shows those of others, on pages and through the API (TEN-03, TEN-04)", async () => {
    const approver = await limited("approver");
    expect([await approver.see(), await approver.rights()]).toEqual([[200, 200, 403, 403], ["approve"]]);
    await approver.limit();
    expect([await approver.see(), await approver.rights()]).toEqual([[404, 403, 403, 403], []]);

    const auditor = await limited("auditor");
    expect([await auditor.see(), await auditor.rights()]).toEqual([[404, 200, 200, 200], ["audit"]]);
    await auditor.limit();
    expect([await auditor.see(), await auditor.rights()]).toEqual([[404, 403, 403, 403], []]);
  });

  it("keeps what an owner or admin looks after, who could lift the limit (TEN-03)", async () => {
    const admin = await limited("admin");
    await admin.limit();
    expect(await admin.see()).toEqual([200, 200, 200, 200]);
  });
});
