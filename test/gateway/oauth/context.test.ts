import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addConnection } from "../../../gateway/database/connections.ts";
import { newId } from "../../../gateway/database/ids.ts";
import { putMember } from "../../../gateway/database/members.ts";
import { changeRole, removeMember } from "../../../gateway/identity/members.ts";
import { createOrg, deleteOrg } from "../../../gateway/identity/organisations.ts";
import { verifyToken } from "../../../gateway/oauth/verifier.ts";
import type { Role } from "../../../gateway/policy/roles.ts";
import { connectionOf } from "../rows.ts";
import { authorizationRequest, Browser, json, location, refresh, signIn, walk } from "./browser.ts";
import { type House, ISSUER, openHouse, type Person } from "./house.ts";

let house: House;
let boss: Person;
let ada: Person;
let org: string;

beforeAll(async () => {
  house = await openHouse();
});
beforeEach(async () => {
  [boss, ada] = [await house.person("Boss"), await house.person("Ada")];
  org = (await createOrg(house.app, { name: "Umbrella IT", actor: boss.id })).id;
});
afterAll(() => house.close());

const join = (person: Person, role: Role = "member") =>
  putMember(house.app.db, { org_id: org, user_id: person.id, role, active: 1, created_at: Date.now() });

/** In the shared organisation; `person.connect` is for their own. */
async function connectThere(person: Person, vendor = "acme-rmm") {
  const id = newId("con");
  await addConnection(house.app.db, {
    ...connectionOf({ org, owner: person.id, id, vendor }, Date.now()),
    label: vendor,
  });
  return id;
}

const callerWith = (token: string) => verifyToken(house.app, token);

describe("an authorization of somebody with several organisations (TEN-02, OAU-20)", () => {
  it("asks in which one, and everything after it is of that one", async () => {
    await join(ada);
    const own = await ada.connect("acme-rmm");
    const there = await connectThere(ada);
    const tokens = await signIn(house, ada, {}, { org });
    expect(tokens.walk.prompts).toEqual(["login", "context", "consent"]);
    expect(tokens.walk.pending.at(-1)).toMatchObject({ orgId: org, orgName: "Umbrella IT", role: "member" });
    const caller = await callerWith(tokens.access_token);
    expect(caller).toMatchObject({ orgId: org, role: "member", orgName: "Umbrella IT" });
    expect(caller?.reach).toEqual(new Map([["acme-rmm", there]]));
    const again = (await (await refresh(house, tokens.refresh_token)).json()) as { access_token: string };
    expect((await callerWith(again.access_token))?.orgId).toBe(org);

    const elsewhere = await signIn(house, ada, {}, { org: ada.org });
    expect((await callerWith(elsewhere.access_token))?.reach).toEqual(new Map([["acme-rmm", own]]));
    expect((await callerWith(again.access_token))?.orgId).toBe(org);
  });

  it("asks for keys where the chosen organisation has none, whatever is connected elsewhere (TEN-05)", async () => {
    await join(ada);
    await ada.connect("acme-rmm");
    const { prompts, pending } = await walk(new Browser(house), authorizationRequest().url, {
      person: ada,
      org,
      connect: false,
    });
    expect(prompts).toEqual(["login", "context", "connect"]);
    expect(pending.at(-1)).toMatchObject({ orgId: org });
  });

  it("is not asked of somebody with one", async () => {
    await ada.connect("acme-rmm");
    expect((await signIn(house, ada)).walk.prompts).toEqual(["login", "consent"]);
  });

  it("takes no organisation of others, and no answer of somebody else (TEN-05, OAU-22)", async () => {
    await join(ada);
    const eve = await house.person("Eve");
    for (const chosen of [eve.org, "", "org_none", "__proto__"]) {
      const { end } = await walk(new Browser(house), authorizationRequest().url, { person: ada, org: chosen });
      expect(end.status, chosen).toBe(403);
    }
    const browser = new Browser(house);
    const { end, prompts } = await untilContext(browser);
    expect(prompts).toBe("context");
    const answer = await browser.open(`${end}/context`, json({ userId: boss.id, orgId: org }));
    expect(answer.status).toBe(403);
  });

  /** Signs in and stops at the question. */
  async function untilContext(browser: Browser) {
    let at = location(await browser.open(authorizationRequest().url));
    await browser
      .open(`${new URL(at, ISSUER).pathname}/login`, json({ userId: ada.id, signedInAt: Date.now() }))
      .then(async (answer) => {
        at = location(await browser.open(location(answer)));
      });
    const page = (await (await browser.open(at)).json()) as { prompt: string };
    return { end: new URL(at, ISSUER).pathname, prompts: page.prompt };
  }

  it("is asked again when the person was removed from the chosen one meanwhile", async () => {
    await join(ada);
    await connectThere(ada);
    const browser = new Browser(house);
    const { end } = await untilContext(browser);
    const chosen = await browser.open(`${end}/context`, json({ userId: ada.id, orgId: org }));
    await removeMember(house.app, { org, actor: boss.id, user: ada.id });
    const next = location(await browser.open(location(chosen)));
    const pending = await (await browser.open(next)).json();
    expect(pending).toMatchObject({ prompt: "context" });
    expect(pending.orgId).toBeUndefined();
    const consent = await browser.open(
      `${new URL(next, ISSUER).pathname}/consent`,
      json({ userId: ada.id, scopes: ["acme-rmm:read"] }),
    );
    expect(consent.status).toBe(400);
  });

  it("tells a role that uses no tools so, and gives it nothing", async () => {
    await join(ada, "auditor");
    await connectThere(ada);
    const { end } = await walk(new Browser(house), authorizationRequest().url, { person: ada, org });
    expect(end.status).toBe(403);
    expect(((await end.json()) as { message: string }).message).toBe(
      "Your role in Umbrella IT is auditor, which does not use tools: an app could do nothing there.",
    );
  });
});

describe("a grant in an organisation of several (OAU-04, TEN-01)", () => {
  it("follows the role at the next request, and ends with the membership and with the organisation", async () => {
    await join(ada);
    await connectThere(ada);
    const first = await signIn(house, ada, {}, { org });
    await changeRole(house.app, { org, actor: boss.id, user: ada.id, role: "auditor" });
    expect((await callerWith(first.access_token))?.role).toBe("auditor");
    await removeMember(house.app, { org, actor: boss.id, user: ada.id });
    expect(await callerWith(first.access_token)).toBeUndefined();
    expect((await refresh(house, first.refresh_token)).status).toBe(400);

    await join(ada);
    expect(await callerWith(first.access_token)).toBeUndefined();
    await connectThere(ada);
    const second = await signIn(house, ada, {}, { org });
    await deleteOrg(house.app, { org, actor: boss.id });
    expect(await callerWith(second.access_token)).toBeUndefined();
    expect((await refresh(house, second.refresh_token)).status).toBe(400);
  });
});
