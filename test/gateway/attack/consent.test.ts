import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { verifyToken } from "../../../gateway/oauth/verifier.ts";
import { authorizationRequest, Browser, exchange, json, location, refresh, signIn, walk } from "../oauth/browser.ts";
import { DOCS, type House, ISSUER, openHouse, type Person, RMM } from "../oauth/house.ts";

const ALL = `${ISSUER}/mcp`;
const BOTH = "acme-rmm:read acme-rmm:write acme-docs:read acme-docs:write";

let house: House;
let person: Person;
let ids: { rmm: string; docs: string };
beforeAll(async () => {
  house = await openHouse();
});
beforeEach(async () => {
  person = await house.person();
  ids = { rmm: await person.connect("acme-rmm"), docs: await person.connect("acme-docs") };
});
afterAll(() => house.close());

const allow = (more: { scopes?: string[]; connections?: Record<string, string> } = {}, scope = BOTH) =>
  signIn(house, person, { resource: ALL, scope }, more);

const reachOf = async (token: string) => {
  const caller = await verifyToken(house.app, token);
  return caller && { scopes: [...caller.scopes].sort(), reach: Object.fromEntries(caller.reach) };
};

describe("a consent form for all vendors, tampered with (OAU-20)", () => {
  it("binds nobody else's account, no account of another vendor, and nothing that is no vendor", async () => {
    const theirs = await (await house.person("Eve")).connect("acme-rmm");
    const forms: Record<string, string>[] = [
      { "acme-rmm": theirs },
      { "acme-docs": ids.rmm },
      { "acme-rmm": ids.rmm, "acme-docs": theirs },
      { "*": ids.rmm },
      { "acme-rmm": "" },
      { "acme-status": "con_x" },
    ];
    for (const connections of forms) {
      const { walk } = await allow({ connections });
      expect(walk.end.status, JSON.stringify(connections)).toBe(403);
    }
    expect(
      await house.app.db.selectFrom("oauth_grants").selectAll().where("user_id", "=", person.id).execute(),
    ).toEqual([]);
  });

  it("gives no change without reading, whatever is unticked", async () => {
    expect((await allow({ scopes: ["acme-rmm:write", "acme-docs:write"] })).walk.end.status).toBe(403);
    const tokens = await allow({ scopes: ["acme-rmm:write", "acme-docs:read"] });
    expect(await reachOf(tokens.access_token)).toEqual({
      scopes: ["acme-docs:read"],
      reach: { "acme-docs": ids.docs, "acme-rmm": undefined },
    });
  });

  it("gives nothing that was not asked, and nothing of a vendor that is not connected", async () => {
    const tokens = await allow(
      { scopes: ["acme-rmm:read", "acme-rmm:write", "acme-docs:read", "acme-status:read", "openid"] },
      "acme-rmm:read acme-status:read",
    );
    expect(tokens.scope).toBe("acme-rmm:read");
    expect(await reachOf(tokens.access_token)).toMatchObject({ scopes: ["acme-rmm:read"] });
  });

  it("is not reached by answering a step that has not come", async () => {
    const browser = new Browser(house);
    const fresh = await house.person("New");
    const request = authorizationRequest({ resource: ALL, scope: BOTH });
    let to = location(await browser.open(request.url));
    while (!to.startsWith("/interaction/")) to = location(await browser.open(to));
    const body = { userId: fresh.id, signedInAt: Date.now(), scopes: BOTH.split(" ") };
    for (const step of ["consent", "connect"])
      expect((await browser.open(`${to}/${step}`, json(body))).status).not.toBe(303);
    const walked = await walk(browser, request.url, { person: fresh, connect: false });
    expect(walked.prompts.at(-1)).toBe("connect");
    const stuck = location(await browser.open(request.url));
    expect((await browser.open(`${stuck}/consent`, json(body))).status).not.toBe(303);
  });
});

describe("a token of all vendors (OAU-09)", () => {
  it("grows by no refresh, and opens no vendor's own address", async () => {
    const tokens = await allow({ scopes: ["acme-rmm:read"] });
    const wider = await refresh(house, tokens.refresh_token, { scope: BOTH });
    const answer = (await wider.json()) as { error?: string; scope?: string };
    expect(answer.error ?? answer.scope).toMatch(/^(invalid_scope|acme-rmm:read)$/);
    for (const resource of [RMM, DOCS, `${ISSUER}/v1/*`]) {
      const moved = await refresh(house, tokens.refresh_token, { resource });
      expect([resource, ((await moved.json()) as { error?: string }).error]).toEqual([resource, "invalid_target"]);
    }
  });

  it("comes of no code that was given for another address", async () => {
    for (const [asked, redeemed] of [
      [ALL, RMM],
      [RMM, ALL],
    ] as const) {
      const request = authorizationRequest({ resource: asked, scope: "acme-rmm:read" });
      const { result } = await walk(new Browser(house), request.url, { person });
      const answer = await exchange(house, result["code"]!, request.verifier, { resource: redeemed });
      expect(((await answer.json()) as { error?: string }).error).toBe("invalid_target");
    }
  });

  it("has every form of its address as one audience, and a bound connection for each vendor", async () => {
    for (const resource of [ALL, `${ALL}/`, `${ISSUER}/`]) {
      const tokens = await signIn(house, person, { resource, scope: BOTH });
      const caller = await verifyToken(house.app, tokens.access_token);
      expect(caller?.audience).toBe(ALL);
      expect(Object.fromEntries(caller!.reach)).toEqual({ "acme-rmm": ids.rmm, "acme-docs": ids.docs });
    }
  });
});
