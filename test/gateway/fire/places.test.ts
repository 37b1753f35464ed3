import { expect, it } from "vitest";
import { createPlaces } from "../../../gateway/connections/guards/places.ts";

const claim = (key: string, running: number, waiting: number) => ({
  key,
  bound: { running, waiting },
  whose: `everybody of ${key}`,
});
const about = { vendor: "Acme" };

it("starts what there is a place for, and the next one when another leaves", async () => {
  const places = createPlaces();
  const claims = [claim("a", 2, 1)];
  const leave = await places.enter(claims, about);
  await places.enter(claims, about);
  let third = false;
  const waiting = places.enter(claims, about).then(() => {
    third = true;
  });
  await Promise.resolve();
  expect([third, places.running, places.waiting]).toEqual([false, 2, 1]);
  leave();
  leave(); // counts once
  await waiting;
  expect([third, places.running, places.waiting]).toEqual([true, 2, 0]);
});

it("refuses at once what finds no room to wait, and says whose places are taken and when to come back (TEN-08)", async () => {
  const places = createPlaces();
  const claims = [claim("a", 1, 1)];
  await places.enter(claims, about);
  const waiting = places.enter(claims, about);
  waiting.catch(() => {});
  await expect(places.enter(claims, about)).rejects.toMatchObject({
    code: "RATE_LIMITED",
    message: "Too many requests to Acme are under way for everybody of a. Nothing was sent.",
    retryAfterSeconds: 5,
  });
});

it("lets nobody wait longer than the longest wait", async () => {
  const places = createPlaces({ waitMs: 30 });
  await places.enter([claim("a", 1, 5)], about);
  await expect(places.enter([claim("a", 1, 5)], about)).rejects.toMatchObject({ code: "RATE_LIMITED" });
  expect(places.waiting).toBe(0);
});

it("holds nobody up behind those whose own places are full (OPS-15)", async () => {
  const places = createPlaces();
  const hanging = [claim("hanging", 1, 10), claim("org", 3, 10)];
  await places.enter(hanging, about);
  for (let n = 0; n < 5; n++) places.enter(hanging, about).catch(() => {});
  await places.enter([claim("other", 2, 10), claim("org", 3, 10)], about);
  expect([places.running, places.waiting]).toEqual([2, 5]);
});

it("bounds the line of all together", async () => {
  const places = createPlaces({ most: 2 });
  for (const key of ["a", "b", "c"]) await places.enter([claim(key, 1, 10)], about);
  for (const key of ["a", "b"]) places.enter([claim(key, 1, 10)], about).catch(() => {});
  await expect(places.enter([claim("c", 1, 10)], about)).rejects.toMatchObject({
    message: expect.stringContaining("this gateway"),
  });
});

it("forgets who was stopped, and turns away who waits for what is broken", async () => {
  const places = createPlaces();
  await places.enter([claim("a", 1, 10)], about);
  const stop = new AbortController();
  const stopped = places.enter([claim("a", 1, 10)], { ...about, signal: stop.signal });
  const turnedAway = places.enter([claim("a", 1, 10)], about);
  stop.abort(new Error("gone"));
  await expect(stopped).rejects.toThrow("gone");
  places.turnAway("a", () => new Error("broken"));
  await expect(turnedAway).rejects.toThrow("broken");
  expect(places.waiting).toBe(0);
});
