import { describe, expect, it } from "vitest";
import { addConnection } from "../../../gateway/database/connections.ts";
import { verifyToken } from "../../../gateway/oauth/verifier.ts";
import { gate } from "../mcp/gate.ts";
import { connectionOf } from "../rows.ts";
import { person } from "../support.ts";
import { visitor } from "./visitor.ts";

const PAGE = "/admin/programs";
const FORM = { name: "Wallboard", role: "auditor", expires: "90", scope: ["acme:read", "org:audit", "org:policy"] };

async function room() {
  const house = await gate();
  const who = await person(house.app, "ann@example.com");
  const row = connectionOf({ org: who.org, owner: who.org, id: "con_shared" }, house.app.clock.now());
  await addConnection(house.app.db, row);
  const ann = visitor(house.app, who.token);
  const ask = async (id: string, secret: string) => {
    const resource = `${house.app.config.publicUrl}/mcp`;
    const answer = await house.app.inject({
      method: "POST",
      url: "/oauth/token",
      headers: {
        authorization: `Basic ${btoa(`${id}:${secret}`)}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      payload: new URLSearchParams({ grant_type: "client_credentials", resource }).toString(),
    });
    return (answer.json() as { access_token?: string }).access_token;
  };
  const shown = (body: string) => [...body.matchAll(/aria-labelledby="once-\d">([^<]+)</g)].map(([, value]) => value!);
  return { ...house, who, ann, ask, shown };
}

describe("the programs page", () => {
  it("adds a program with a shared connection, a role and a secret that is shown once (OAU-13, UI-07)", async () => {
    const { app, who, ann, ask, shown } = await room();
    const { body } = await ann.submit(PAGE, PAGE, FORM);
    const [id, secret] = shown(body);
    const caller = await verifyToken(app, (await ask(id!, secret!))!);
    expect(caller).toMatchObject({
      userId: id,
      actorType: "service",
      orgId: who.org,
      role: "auditor",
      scopes: new Set(["acme:read"]),
      rights: new Set(["audit"]),
      reach: new Map([["acme", "con_shared"]]),
    });
    const after = (await ann.get(PAGE)).body;
    expect(after).toContain("Wallboard");
    expect(after).not.toContain(secret);
  });

  it("gives a new secret in the place of the old one, and ends a program (OAU-04, OAU-13)", async () => {
    const { ann, ask, shown } = await room();
    const [id, old] = shown((await ann.submit(PAGE, PAGE, FORM)).body);
    const [, fresh] = shown((await ann.submit(PAGE, `${PAGE}/secret`, { program: id! })).body);
    expect([await ask(id!, old!), typeof (await ask(id!, fresh!))]).toEqual([undefined, "string"]);
    expect((await ann.submit(PAGE, `${PAGE}/revoke`, { program: id! })).statusCode).toBe(303);
    expect(await ask(id!, fresh!)).toBeUndefined();
  });

  it("lets nobody make an owner of a program, or reach those of another organisation (TEN-01, TEN-02)", async () => {
    const { app, ann, shown } = await room();
    const refused = await ann.submit(PAGE, PAGE, { ...FORM, role: "owner" });
    expect(refused.statusCode).toBe(422);
    const [id] = shown((await ann.submit(PAGE, PAGE, FORM)).body);
    const eve = visitor(app, (await person(app, "eve@example.com")).token);
    await eve.submit(PAGE, PAGE, { ...FORM, scope: ["org:audit"] });
    for (const action of ["secret", "revoke"])
      expect((await eve.submit(PAGE, `${PAGE}/${action}`, { program: id! })).statusCode).toBe(404);
    expect((await ann.get(PAGE)).body).toContain("Wallboard");
    expect((await eve.get(PAGE)).body).not.toContain("con_shared");
  });
});
