import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { acme, acmeWorld, lockOf } from "../acme.ts";
import { person, testApp } from "../support.ts";

const HOST = "localhost:3100";

/** A gateway whose vendor takes its time to test keys, and a person with a browser. */
async function visit() {
  const vendor = { ...acme(acmeWorld()), verify: () => sleep(50) };
  const app = await testApp({ vendors: [vendor], lock: lockOf(vendor) });
  const ann = await person(app);
  const headers = { host: HOST, cookie: `session=${ann.token}` };
  const get = (url: string) => app.inject({ url, headers });
  const post = (url: string, form: Record<string, string>) =>
    app.inject({
      method: "POST",
      url,
      headers: { ...headers, origin: `http://${HOST}`, "content-type": "application/x-www-form-urlencoded" },
      payload: `${new URLSearchParams(form)}`,
    });
  const formToken = async (url: string) => /name="form_token" value="([^"]+)"/.exec((await get(url)).body)![1]!;
  return { app, ...ann, get, post, formToken };
}

it("whoever is no member any more is signed out, and connects nothing there", async () => {
  const { app, user, get } = await visit();
  await app.db.updateTable("memberships").set({ active: 0 }).where("user_id", "=", user.id).execute();
  for (const url of ["/settings", "/connect/acme"]) {
    const { statusCode, headers } = await get(url);
    expect([statusCode, headers.location]).toEqual([303, `/login?next=${encodeURIComponent(url)}`]);
  }
});

it("keys that are replaced twice at once are replaced once, and the second answer says so", async () => {
  const { app, post, formToken } = await visit();
  const form = async (apiKey: string) => ({
    form_token: await formToken("/connect/acme"),
    "credential.apiKey": apiKey,
  });
  expect((await post("/connect/acme", await form("key-one-1234"))).statusCode).toBe(303);
  const { id } = await app.db.selectFrom("connections").select("id").executeTakeFirstOrThrow();
  const again = await form("key-two-1234");
  const answers = await Promise.all([1, 2].map(() => post(`/connect/acme?replace=${id}`, again)));
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([303, 409]);
  expect(await app.db.selectFrom("connections").select("version").execute()).toEqual([{ version: 2 }]);
});
