import { expect, it } from "vitest";
import { fakeClock, scratch, testApp } from "../support.ts";

const RATE = { max: 2, windowMs: 60_000 };

it("a limit refuses what is over it and says when to come back (OAU-24)", async () => {
  const clock = fakeClock();
  const app = await testApp(clock);
  const use = () => app.limit("calls:usr_1", RATE);
  expect([(await use()).allowed, (await use()).allowed]).toEqual([true, true]);
  clock.pass(15_000);
  expect(await use()).toEqual({ allowed: false, retryAfterSeconds: 45, firstRefusal: true });
  expect((await app.limit("calls:usr_2", RATE)).allowed).toBe(true);
  expect(await use()).toMatchObject({ allowed: false, firstRefusal: false });
  clock.pass(45_000);
  expect((await use()).allowed).toBe(true);
});

it("a durable limit holds over a restart; others are as old as the process, and cost no write", async () => {
  const clock = fakeClock();
  const env = { DATA_DIR: scratch() };
  const first = await testApp({ env, ...clock });
  for (let n = 0; n < 2; n++) {
    await first.limit("guess:a", { ...RATE, durable: true });
    await first.limit("calls:a", RATE);
  }
  expect(await first.db.selectFrom("rate_counters").select("key").execute()).toEqual([{ key: "guess:a" }]);
  await first.close();
  const second = await testApp({ env, ...clock });
  expect((await second.limit("guess:a", { ...RATE, durable: true })).allowed).toBe(false);
  expect((await second.limit("calls:a", RATE)).allowed).toBe(true);
});
