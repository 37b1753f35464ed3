import { expect, it } from "vitest";
import { saveConnection } from "../../../gateway/connections/connections.ts";
import { putMember } from "../../../gateway/database/members.ts";
import { removeMember } from "../../../gateway/identity/members.ts";
import { createOrg } from "../../../gateway/identity/organisations.ts";
import { gate, issueToken, modern } from "../mcp/gate.ts";
import { person } from "../support.ts";

it("somebody who is removed while a call of theirs runs makes no other, and leaves nothing behind (OAU-04, TEN-01)", async () => {
  const { app, worlds } = await gate();
  const boss = (await person(app, "boss@example.com")).user.id;
  const ann = (await person(app, "ann@example.com")).user.id;
  const org = (await createOrg(app, { name: "Umbrella IT", actor: boss })).id;
  await putMember(app.db, { org_id: org, user_id: ann, role: "member", active: 1, created_at: 1 });
  const parsed = app.vendors.get("acme")!.credentials.parse({ apiKey: "ann's" });
  if (!parsed.ok) throw new Error("no keys");
  const keys = { org, user: ann, vendor: "acme", credentials: parsed.value as object };
  const { id } = await saveConnection(app, keys);
  const token = await issueToken(app, { org, user: ann }, ["acme:read"], { connection: id });
  const call = (name: string, args = {}) => {
    const { headers, payload } = modern("tools/call", { name, arguments: args });
    return app.inject({
      method: "POST",
      url: "/v1/acme",
      headers: { ...headers, authorization: `Bearer ${token}` },
      payload,
    });
  };

  const running = Promise.withResolvers<void>();
  worlds.acme.onSlow = () => running.resolve();
  const slow = call("acme_wait", { ms: 300 });
  await running.promise;
  await removeMember(app, { org, actor: boss, user: ann });
  expect((await call("acme_list_things")).statusCode).toBe(401);
  expect((await slow).statusCode).toBe(200); // what the vendor was asked before cannot be taken back
  expect((await call("acme_list_things")).statusCode).toBe(401);
  expect(worlds.acme.keysUsed).toEqual(["ann's"]);

  const row = await app.db.selectFrom("connections").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  expect(row).toMatchObject({ status: "revoked", last_used_at: null, fields: "{}", label: "" });
  await expect(saveConnection(app, keys)).rejects.toMatchObject({ code: "VENDOR_CONFLICT" });
  for (const table of ["credentials", "user_keys"] as const)
    expect(await app.db.selectFrom(table).selectAll().where("org_id", "=", org).execute()).toEqual([]);
});
