import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { foreignIssuer } from "../../../gateway/oauth/foreign-issuer.ts";
import { ALL_VENDORS } from "../../../gateway/oauth/resources.ts";
import { gate } from "../mcp/gate.ts";
import { fakeClock, person, testApp } from "../support.ts";

it("a call over a limit is answered over REST with 429: whose limit, how much, and when it is whole again (TEN-08)", async () => {
  const house = await gate({ env: { CALLS_PER_MINUTE: "2" } });
  const ann = await house.someone();
  const { id } = await ann.connect();
  const token = await ann.token(["acme:read"], { vendor: ALL_VENDORS, bound: { acme: id } });
  const call = () =>
    fetch(`${house.origin}/api/v1/tools/call`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "acme_list_things", arguments: { limit: 1 } }),
    });
  expect([(await call()).status, (await call()).status]).toEqual([200, 200]);
  const answer = await call();
  const { error } = (await answer.json()) as { error: { message: string; retry_after_seconds: number } };
  expect(answer.status).toBe(429);
  expect(error.message).toMatch(
    /^RATE_LIMITED: The limit of 2 calls a minute for you at acme is reached; it resets at \d{4}-.*Z\. Retry after \d+ s\./,
  );
  const seconds = String(error.retry_after_seconds);
  const headers = ["retry-after", "ratelimit", "ratelimit-policy"].map((name) => answer.headers.get(name));
  expect(headers).toEqual([seconds, `"calls";r=0;t=${seconds}`, '"calls";q=2;w=60']);
});

it("tools are switched through the API so many times a minute (TEN-08)", async () => {
  const house = await gate({ env: { AUTH_ENABLED: "false" } });
  await person(house.app);
  const statuses: number[] = [];
  for (let n = 0; n < 61; n++) {
    const answer = await house.app.inject({
      method: "PATCH",
      url: "/api/v1/tools/acme_list_things",
      headers: { host: "localhost:3100" },
      payload: { isEnabled: n % 2 === 0 },
    });
    statuses.push(answer.statusCode);
    if (n === 60) expect(answer.headers["ratelimit-policy"]).toBe('"switches";q=60;w=60');
  }
  expect(new Set(statuses.slice(0, 60))).toEqual(new Set([200]));
  expect(statuses[60]).toBe(429);
}, 60_000);

it("floods at OAuth's ways in are told when to come back in both dialects (OAU-24)", async () => {
  const app = await testApp();
  const register = () => app.inject({ method: "POST", url: "/oauth/register", payload: {} });
  let answer = await register();
  for (let n = 0; n < 30; n++) answer = await register();
  expect(answer.statusCode).toBe(429);
  expect(answer.headers).toMatchObject({
    "retry-after": expect.any(String),
    "ratelimit-policy": '"address";q=30;w=60',
    ratelimit: expect.stringMatching(/^"address";r=0;t=\d+$/),
  });
});

it("an issuer that does not answer is asked again after a pause, however many of its tokens come (OAU-12)", async () => {
  let asked = 0;
  const server = createServer((_request, reply) => {
    asked++;
    reply.writeHead(503).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  const clock = fakeClock();
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { issuer, audience: undefined, algorithms: ["RS256"], keysUrl: undefined, orgClaim: undefined };
  const foreign = foreignIssuer(settings as never, { documents: fetch, warn: () => {}, now: clock.now });
  const token = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln";
  const flood = () => Promise.all(Array.from({ length: 20 }, () => foreign.verify(token)));
  const counts: number[] = [];
  for (const ms of [0, 999, 1, 1_999, 1, 3_999, 1]) {
    clock.pass(ms);
    await flood();
    counts.push(asked);
  }
  expect(counts).toEqual([1, 1, 2, 2, 3, 3, 4]);
});
