import { describe, expect, it } from "vitest";
import { listEvents, SYSTEM_ORG } from "../../../gateway/database/audit-events.ts";
import { readToolsOff } from "../../../gateway/database/policies.ts";
import { changePolicy, createPolicies, policyOf, switchToolForAll } from "../../../gateway/identity/policies.ts";
import { readPolicy } from "../../../gateway/identity/policy-document.ts";
import { DEFAULT_POLICY, type PolicyDocument } from "../../../gateway/policy/document.ts";
import { person, testApp } from "../support.ts";

const off =
  (tool: string) =>
  (policy: PolicyDocument): PolicyDocument => ({ ...policy, toolsOff: [...policy.toolsOff, tool] });

describe("a policy", () => {
  it("is a new version with each change, and old versions stay as they were (TEN-06)", async () => {
    const app = await testApp();
    const { org, user } = await person(app);
    const policies = createPolicies(app.db);
    expect((await policies.of(org, 1)).document).toEqual(DEFAULT_POLICY);

    const change = { org, actor: user.id, type: "policy.tools", change: off("acme_a") };
    expect(await changePolicy(app, change)).toBe(2);
    expect((await policies.of(org, 2)).toolsOff).toEqual(new Set(["acme_a"]));
    expect((await policies.of(org, 1)).toolsOff).toEqual(new Set());
    const [event] = await listEvents(app.db, { org, limit: 1 });
    expect(event).toMatchObject({ type: "policy.tools", actor_id: user.id });
    expect(JSON.parse(event!.detail)).toEqual({ changed: ["toolsOff"], policyVersion: 2 });
  });

  it("that was stored before the gateway knew a part of it has that part as a new organisation does (TEN-06)", () => {
    const stored = { toolsOff: ["acme_a"], suspicion: { exfiltration: "block" }, switches: { write: true } };
    expect(readPolicy(JSON.stringify(stored))).toEqual({
      ...DEFAULT_POLICY,
      toolsOff: ["acme_a"],
      suspicion: { exfiltration: "block", injection: "flag" },
      switches: { write: true, destroy: false, reveal: false },
    });
  });

  it("keeps what two people change at the same moment, each (TEN-06)", async () => {
    const app = await testApp();
    const { org, user } = await person(app);
    const names = ["a", "b", "c", "d"];
    await Promise.all(
      names.map((name) => changePolicy(app, { org, actor: user.id, type: "policy.tools", change: off(name) })),
    );
    const { document, version } = await policyOf(app.db, org);
    expect([version, [...document.toolsOff].sort()]).toEqual([5, names]);
  });

  it("is not put in force when it is none, and says what is wrong (TEN-06)", async () => {
    const app = await testApp();
    const { org, user } = await person(app);
    const wrong = (policy: PolicyDocument) => ({ ...policy, timeZone: "Europe/Atlantis" });
    await expect(changePolicy(app, { org, actor: user.id, type: "policy.windows", change: wrong })).rejects.toThrow(
      /expected a time zone such as Europe\/Berlin/,
    );
    expect((await policyOf(app.db, org)).version).toBe(1);
  });

  it("says of a program that changed it that it is one (OAU-13, AUD-01)", async () => {
    const app = await testApp();
    const { org } = await person(app);
    await changePolicy(app, { org, actor: "svc_1", actorType: "service", type: "policy.tool", change: off("acme_a") });
    const [event] = await listEvents(app.db, { org, limit: 1 });
    expect(event).toMatchObject({ type: "policy.tool", actor_id: "svc_1", actor_type: "service" });
  });

  it("cannot bring back what the operator switched off for everybody (PAC-03)", async () => {
    const app = await testApp();
    await switchToolForAll(app, { tool: "acme_wipe_thing", on: false, org: SYSTEM_ORG });
    expect(await readToolsOff(app.db)).toEqual(new Set(["acme_wipe_thing"]));
    await switchToolForAll(app, { tool: "acme_wipe_thing", on: true, org: SYSTEM_ORG });
    expect(await readToolsOff(app.db)).toEqual(new Set());
    const events = await listEvents(app.db, { org: SYSTEM_ORG, limit: 5 });
    expect(events.map(({ type, tool }) => [type, tool])).toEqual([
      ["policy.tool-for-all", "acme_wipe_thing"],
      ["policy.tool-for-all", "acme_wipe_thing"],
    ]);
  });
});
