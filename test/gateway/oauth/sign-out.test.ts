import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createSession, findSession } from "../../../gateway/identity/sessions.ts";
import { authorizationRequest, Browser, location, walk } from "./browser.ts";
import { type House, ISSUER, openHouse, type Person } from "./house.ts";

let house: House;
let person: Person;
let browser: Browser;
let token: string;
beforeAll(async () => {
  house = await openHouse();
});
beforeEach(async () => {
  person = await house.person();
  await person.connect("acme-rmm");
  browser = new Browser(house);
  ({ token } = await createSession(house.app.db, { userId: person.id, now: Date.now() }));
  browser.cookies.set("__Host-session|/", { path: "/", value: token });
  await walk(browser, authorizationRequest().url, { person });
});
afterAll(() => house.close());

const signedIn = async () => (await findSession(house.app.db, token, Date.now())) !== undefined;

async function answerPage(logout: Record<string, string>) {
  const html = await (await browser.open("/oauth/sign-out")).text();
  expect(html).toContain("Sign out?");
  const [, action, xsrf] = /action="([^"]+)"[\s\S]*name="xsrf" value="([^"]+)"/.exec(html) ?? [];
  const body = new URLSearchParams({ xsrf: xsrf!, ...logout });
  return await browser.open(action!, { method: "POST", body, headers: { origin: ISSUER } });
}

it("signing out at the authorization server ends the session of this browser", async () => {
  const answer = await answerPage({ logout: "yes" });
  expect(await (await browser.open(location(answer))).text()).toContain("You are signed out");
  expect(await signedIn()).toBe(false);
});

it("staying signed in does what it says, and a link alone does nothing", async () => {
  expect(location(await answerPage({}))).toBe(`${ISSUER}/`);
  await browser.open("/oauth/sign-out/success");
  expect(await signedIn()).toBe(true);
});

it("changing the account leaves the new session alone", async () => {
  const { result } = await walk(browser, authorizationRequest().url, { person: await house.person("Grace") });
  expect(result).not.toHaveProperty("error");
  expect(await signedIn()).toBe(true);
});
