import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyToken } from "../../../gateway/oauth/verifier.ts";
import { authorizationRequest, Browser, signIn, walk } from "./browser.ts";
import { DOCS, type House, ISSUER, openHouse, RMM } from "./house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

describe("one whole authorization", () => {
  it("leads through sign-in, connecting and consent back to the client with code and issuer (OAU-02)", async () => {
    const person = await house.person();
    const { prompts, result, end } = await walk(new Browser(house), authorizationRequest().url, { person });
    expect(prompts).toEqual(["login", "connect", "consent"]);
    expect(end.status).toBe(303);
    expect(result).toMatchObject({ state: "state-1", iss: ISSUER, code: expect.any(String) });
  });

  it("trades the code for an opaque token that says who calls (OAU-01, OAU-03)", async () => {
    const person = await house.person();
    const connection = await person.connect("acme-rmm");
    const tokens = await signIn(house, person);
    expect(tokens).toMatchObject({ token_type: "Bearer", expires_in: 600, scope: "acme-rmm:read" });
    expect(tokens.access_token).toMatch(/^[\w-]{43}$/);
    const caller = await verifyToken(house.app, tokens.access_token);
    expect(caller).toMatchObject({
      userId: person.id,
      orgId: person.org,
      audience: RMM,
      vendor: "acme-rmm",
      connectionId: connection,
      writesEnabled: false,
    });
    expect([...caller!.scopes]).toEqual(["acme-rmm:read"]);
  });
});
void DOCS;
