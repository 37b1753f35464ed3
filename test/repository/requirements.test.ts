import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { requirements } from "../requirements.ts";

const ID = /\b[A-Z]{2,3}-\d{2}\b/g;
const AREAS = new Set(Object.keys(requirements).map((id) => id.split("-")[0]));

it("every requirement that a test cites exists", () => {
  const unknown = globSync("test/**/*.ts")
    .filter((file) => !file.startsWith("test/requirements"))
    .flatMap((file) => (readFileSync(file, "utf8").match(ID) ?? []).map((id) => ({ file, id })))
    .filter(({ id }) => AREAS.has(id.split("-")[0]) && !(id in requirements));
  expect(unknown).toEqual([]);
});
