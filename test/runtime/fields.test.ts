import { expect, it } from "vitest";
import { z } from "zod";
import { idNumber } from "../../runtime/index.ts";

it("takes an id as it was read, a number or its digits, and nothing else (MCP-09)", () => {
  const schema = z.strictObject({ id: idNumber });
  const idOf = (id: unknown) => schema.safeParse({ id }).data?.id;
  expect([idOf(150007), idOf("150007"), idOf("0")]).toEqual([150007, 150007, 0]);
  for (const wrong of ["", " 7", "7.5", "-7", "1e3", "0x10", "12345678901234567", -1, 1.5, null, ["7"], true])
    expect(idOf(wrong), String(wrong)).toBeUndefined();
});
