import { beforeEach, describe, expect, it } from "vitest";
import { verifyToken } from "../../../gateway/oauth/verifier.ts";
import { gate } from "../mcp/gate.ts";
import { fakeClock, person } from "../support.ts";
import { KEPT, visitor } from "./visitor.ts";

const PAGE = "/settings/tokens";
let house: Awaited<ReturnType<typeof gate>>;
let ann: ReturnType<typeof visitor>;
let who: Awaited<ReturnType<typeof person>>;
beforeEach(async () => {
  house = await gate();
  who = await person(house.app, "ann@example.com");
  ann = visitor(house.app, who.token);
});

async function connect(vendor = "acme") {
  const { saveConnection } = await import("../../../gateway/connections/connections.ts");
  const parsed = house.app.vendors.get(vendor)!.credentials.parse({ apiKey: "key" });
  if (!parsed.ok) throw new Error("the test's keys do not parse");
  const credentials = parsed.value as object;
  return await saveConnection(house.app, { org: who.org, user: who.user.id, vendor, credentials });
}

const FORM = {
  name: "Nightly <report>",
  address: "all",
  expires: "30",
  scope: ["acme:write", "org:audit", "other:read"],
};

describe("the tokens page", () => {
  it("makes a token of what was ticked and is the person's, and shows it once (OAU-13)", async () => {
    const { id } = await connect();
    const { body } = await ann.submit(PAGE, PAGE, FORM);
    const [token] = body.match(/vspat_[\w-]{43}/)!;
    expect(await verifyToken(house.app, token)).toMatchObject({
      userId: who.user.id,
      orgId: who.org,
      scopes: new Set(["acme:read", "acme:write"]),
      rights: new Set(["audit"]),
      reach: new Map([["acme", id]]),
    });
    const after = (await ann.get(PAGE)).body;
    expect(after).not.toContain(token);
    expect(after).toContain("Nightly &lt;report&gt;");
    expect((await ann.get("/settings")).body).not.toContain("Nightly");
  });

  it("asks again for what is missing, with what was typed (OAU-13)", async () => {
    await connect();
    const answers = [];
    for (const changes of [{ name: " " }, { expires: "9999" }, { address: "other" }, { scope: ["nobody:read"] }])
      answers.push(await ann.submit(PAGE, PAGE, { ...FORM, ...changes }));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([422, 422, 422, 422]);
    expect(answers[1]!.body).toContain('value="Nightly &lt;report&gt;"');
    expect(answers[3]!.body).toContain("Tick what the token may do.");
  });

  it("ends a token, one's own alone, and takes its own forms alone (OAU-04, TEN-01)", async () => {
    await connect();
    const { body } = await ann.submit(PAGE, PAGE, FORM);
    const [token] = body.match(/vspat_[\w-]{43}/)!;
    const [, grant] = /name="grant" value="([^"]+)"/.exec((await ann.get(PAGE)).body)!;
    const bob = visitor(house.app, (await person(house.app, "bob@example.com")).token);
    expect((await bob.submit(PAGE, `${PAGE}/revoke`, { grant: grant! })).statusCode).toBe(403);
    expect((await ann.post(PAGE, FORM)).statusCode).toBe(403);
    expect(await verifyToken(house.app, token)).toBeDefined();
    expect((await ann.submit(PAGE, `${PAGE}/revoke`, { grant: grant! })).statusCode).toBe(303);
    expect(await verifyToken(house.app, token)).toBeUndefined();
  });

  it("makes none for whoever finds a browser that signed in long ago (OAU-13)", async () => {
    const clock = fakeClock(Date.now());
    house = await gate({ now: clock.now });
    who = await person(house.app, "ann@example.com");
    ann = visitor(house.app, who.token);
    await connect();
    clock.pass(6 * 60_000);
    const answer = await ann.submit(PAGE, PAGE, FORM);
    expect(answer.headers.location).toMatch(KEPT);
    expect((await ann.get(PAGE)).body).not.toContain("Nightly");
  });
});
