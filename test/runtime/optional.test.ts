import { expect, it } from "vitest";
import { orNothing, ToolError, type ToolErrorCode } from "../../runtime/index.ts";

it("reads nothing as nothing, and lets every other failure end the call (FAC-13)", async () => {
  const failing = (code: ToolErrorCode) => orNothing(Promise.reject(new ToolError(code, "No.")));
  expect(await orNothing(Promise.resolve(7))).toBe(7);
  expect(await failing("VENDOR_NOT_FOUND")).toBeUndefined();
  expect(await failing("NO_MATCH")).toBeUndefined();
  for (const code of ["VENDOR_UNAVAILABLE", "VENDOR_FORBIDDEN", "TIMEOUT", "CANCELLED"] as const)
    await expect(failing(code)).rejects.toMatchObject({ code });
  await expect(orNothing(Promise.reject(new Error("a bug")))).rejects.toThrow("a bug");
});
