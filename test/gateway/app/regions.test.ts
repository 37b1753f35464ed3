import { describe, expect, it } from "vitest";
import { claimEnding } from "../../../gateway/database/credentials.ts";
import { createSession } from "../../../gateway/identity/sessions.ts";
import { gate, modern } from "../mcp/gate.ts";
import { visitor } from "../pages/visitor.ts";
import { scratch } from "../support.ts";

/** Two gateways of one installation whose rows are in both regions, as a replicated database has them. */
async function twoRegions() {
  const shared = { DATA_DIR: scratch(), PUBLIC_URL: "http://localhost:3100" };
  const eu = await gate({ env: { ...shared, REGION: "eu-central" } });
  const REGIONS = "eu-central=https://eu.example.com,us-east=https://us.example.com";
  const us = await gate({ env: { ...shared, REGION: "us-east", REGIONS } });
  const none = await gate({ env: shared });
  const ann = await eu.someone();
  const { id: connection } = await ann.connect();
  return { eu, us, none, ann, connection, token: await ann.token(["acme:read"], { connection }) };
}

const SENTENCE =
  "This organisation's home is the region eu-central, and this gateway is in us-east: its credentials are not opened here. Use https://eu.example.com in its place."; // biome-ignore format: one thought

describe("an organisation of one region at a gateway of another", () => {
  it("is made at home where its first member came in (OPS-12)", async () => {
    const { eu, ann } = await twoRegions();
    const org = await eu.app.db.selectFrom("orgs").select("region").where("id", "=", ann.org).executeTakeFirstOrThrow();
    expect(org).toEqual({ region: "eu-central" });
  });

  it("has its calls run at home, and refused elsewhere with the region and the address (OPS-12, CMP-03)", async () => {
    const { eu, us, none, token } = await twoRegions();
    const call = async ({ app }: typeof eu) => {
      const { headers, payload } = modern("tools/call", { name: "acme_list_things", arguments: {} });
      const authorization = `Bearer ${token}`;
      const answer = await app.inject({ method: "POST", url: "/v1/acme", headers: { ...headers, host: "localhost:3100", authorization }, payload }); // biome-ignore format: one thought
      return answer.json().result;
    };
    expect((await call(eu)).isError ?? false).toBe(false);
    const refused = await call(us);
    expect([refused.isError, JSON.stringify(refused)]).toEqual([true, expect.stringContaining(SENTENCE)]);
    expect(JSON.stringify(await call(none))).toContain("this gateway has no region");
    expect([us.worlds.acme.keysUsed, none.worlds.acme.keysUsed]).toEqual([[], []]);
    expect(eu.worlds.acme.keysUsed).toHaveLength(1);
  });

  it("has its credentials opened and stored nowhere else, whoever asks (OPS-12, CMP-03)", async () => {
    const { eu, us, ann, connection } = await twoRegions();
    const where = { org: ann.org, owner: ann.user, vendor: "acme", connection };
    expect(await eu.app.vault.open(where, { actor: ann.user, kind: "call" })).toMatchObject({ apiKey: expect.anything() }); // biome-ignore format: one thought
    const opened = us.app.vault.open(where, { actor: "refresher", actorType: "system", kind: "refresh" });
    await expect(opened).rejects.toMatchObject({ code: "OTHER_REGION", message: SENTENCE });
    await expect(us.app.vault.put({ ...where, version: 2 }, { apiKey: "k" })).rejects.toMatchObject({ code: "OTHER_REGION" }); // biome-ignore format: one thought
    const rows = await us.app.db.selectFrom("audit_events").select(["status", "detail"]).where("type", "=", "credential.open").where("actor_id", "=", "refresher").execute(); // biome-ignore format: one thought
    expect(rows).toEqual([{ status: "error", detail: expect.stringContaining("OTHER_REGION") }]);
  });

  it("has its sign-ins at vendors renewed at home, and let alone elsewhere (OPS-12)", async () => {
    const { eu, us, none, ann, connection } = await twoRegions();
    const now = Date.now();
    await eu.app.db.updateTable("connections").set({ signed_in: 1 }).where("id", "=", connection).execute();
    await eu.app.db.updateTable("credentials").set({ expires_at: now }).where("org_id", "=", ann.org).execute();
    const claimedAt = async ({ app }: typeof eu) => (await claimEnding(app.db, { by: now, now, until: now + 1000, region: app.config.regions.own }))?.id; // biome-ignore format: one thought
    expect([await claimedAt(us), await claimedAt(none), await claimedAt(eu)]).toEqual([undefined, undefined, connection]); // biome-ignore format: one thought
  });

  it("tells its people so, on the page of the organisation and before they connect anything (OPS-12)", async () => {
    const { eu, us, ann } = await twoRegions();
    const session = async ({ app }: typeof eu) => {
      const { token } = await createSession(app.db, { userId: ann.user, now: app.clock.now() });
      return { cookie: `session=${token}`, host: "localhost:3100" };
    };
    const at = async (gateway: typeof eu, url: string) => {
      const { statusCode, body } = await gateway.app.inject({ url, headers: await session(gateway) });
      return [statusCode, body.replaceAll("&#x27;", "'")] as const;
    };
    expect(await at(eu, "/admin/organisation")).toEqual([200, expect.stringContaining("eu-central")]);
    expect((await at(eu, "/admin/organisation"))[1]).not.toContain("not opened here");
    expect(await at(us, "/admin/organisation")).toEqual([200, expect.stringContaining(SENTENCE)]);
    expect((await at(eu, "/connect/acme"))[0]).toBe(200);
    expect(await at(us, "/connect/acme")).toEqual([409, expect.stringContaining(SENTENCE)]);
  });

  it("tells so, too, whoever tests their keys there (OPS-12)", async () => {
    const { us, ann, connection } = await twoRegions();
    const { token } = await createSession(us.app.db, { userId: ann.user, now: us.app.clock.now() });
    const tested = await visitor(us.app, token).submit("/settings/vendors", "/settings/vendors/test", { connection });
    expect([tested.statusCode, tested.body.replaceAll("&#x27;", "'")]).toEqual([
      409,
      expect.stringContaining(SENTENCE),
    ]);
    expect(us.worlds.acme.keysUsed).toEqual([]);
  });
});
