import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authorizationRequest, json } from "./browser.ts";
import { type House, ISSUER, openHouse } from "./house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** Statuses of so many requests from one address. */
async function flood(count: number, send: (index: number) => Promise<Response>) {
  const statuses: number[] = [];
  let last: Response | undefined;
  for (let i = 0; i < count; i++) {
    last = await send(i);
    statuses.push(last.status);
  }
  return { statuses, last: last! };
}

const body = { redirect_uris: ["http://localhost/callback"], token_endpoint_auth_method: "none" };

describe("floods (OAU-24)", () => {
  it("of registrations end after 30 a minute for one address, and go on after it", async () => {
    const address = "198.51.100.1";
    const register = () => house.fetch(`${ISSUER}/oauth/register`, { ...json(body), address });
    const { statuses, last } = await flood(35, register);
    expect([statuses.indexOf(429), new Set(statuses.slice(30))]).toEqual([30, new Set([429])]);
    expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await last.json()).toMatchObject({ error: "too_many_requests" });
    expect((await house.fetch(`${ISSUER}/oauth/register`, { ...json(body), address: "198.51.100.2" })).status).toBe(
      201,
    );
    house.clock.ahead += 61_000;
    expect((await register()).status).toBe(201);
  });

  it("of registrations from everywhere end after 300 a minute", async () => {
    house.clock.ahead += 61_000;
    const { statuses } = await flood(305, (i) =>
      house.fetch(`${ISSUER}/oauth/register`, { ...json(body), address: `203.0.113.${i % 250}` }),
    );
    expect(statuses.indexOf(429)).toBe(300);
  });

  it("of sign-ins end after 120 a minute for one address, with a page", async () => {
    const { statuses, last } = await flood(122, () =>
      house.fetch(authorizationRequest({ client_id: "nobody" }).url, { address: "198.51.100.3" }),
    );
    expect(statuses.indexOf(429)).toBe(120);
    expect(last.headers.get("content-type")).toContain("text/html");
    expect(await last.text()).toContain("Too many attempts");
  });

  it("of guesses at the token endpoint end after 1,200 a minute for one address", async () => {
    const guess = { method: "POST", body: "grant_type=refresh_token&client_id=nobody&refresh_token=x" };
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const { statuses } = await flood(1201, () =>
      house.fetch(`${ISSUER}/oauth/token`, { ...guess, headers, address: "198.51.100.4" }),
    );
    expect([statuses[1199], statuses[1200]]).toEqual([401, 429]);
  });
});
