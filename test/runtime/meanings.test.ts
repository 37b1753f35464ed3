import { expect, it } from "vitest";
import { codesIn, statusMeant } from "../../runtime/meanings.ts";

const meanings = { code: "error", means: { "No right to this.": 403, "400": 401 } };

it("reads a code in the body of a failure as the status it stands for, before the status it came with (VEN-25)", () => {
  expect(statusMeant(401, meanings, { error: "No right to this." })).toBe(403);
  expect(statusMeant(400, meanings, { error: "No right to this." })).toBe(403);
  expect(statusMeant(401, meanings, { error: "Token ended." })).toBe(401);
  expect(statusMeant(400, meanings, { error: "Token ended." })).toBe(401);
});

it("leaves a status alone that nothing is said about, whatever the body is", () => {
  for (const body of [undefined, null, "text", [], { error: null }, { error: { deep: 1 } }])
    expect(statusMeant(422, meanings, body)).toBe(422);
  expect(statusMeant(422, undefined, { error: "No right to this." })).toBe(422);
});

it("names the codes it knows first", () => {
  const many = { code: "errors.*", means: { b: 403 } };
  expect(codesIn({ errors: ["a", "b", "a"] }, many)).toEqual(["b", "a"]);
});
