import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isSigned, sign } from "../../../gateway/keys.ts";
import { pageStateCodec } from "../../../gateway/mcp/page-request.ts";
import { stateKeys } from "../../../gateway/mcp/state-key.ts";
import { closeCursor, openCursor } from "../../../runtime/cursor.ts";
import { person, scratch, testApp } from "../support.ts";

const [OLD, NEW] = [randomBytes(32).toString("base64url"), randomBytes(32).toString("base64url")];

describe("a cookie key that is replaced", () => {
  it("ends no session of a person", async () => {
    const DATA_DIR = scratch();
    const before = await testApp({ env: { DATA_DIR, COOKIE_KEYS: OLD } });
    const { token } = await person(before);
    for (const COOKIE_KEYS of [`${OLD},${NEW}`, `${NEW},${OLD}`, NEW]) {
      const app = await testApp({ env: { DATA_DIR, COOKIE_KEYS } });
      expect((await app.inject({ url: "/settings", headers: { cookie: `session=${token}` } })).statusCode).toBe(200);
      await app.close();
    }
  });

  it("keeps forms, links and questions to clients that were under way", async () => {
    const keys = (...cookies: string[]) => ({ cookies });
    const signature = sign(keys(OLD), "form/v1", "text");
    expect(isSigned(keys(NEW, OLD), "form/v1", "text", signature)).toBe(true);
    expect(isSigned(keys(NEW), "form/v1", "text", signature)).toBe(false);

    const codec = (...cookies: string[]) => pageStateCodec(stateKeys({ keys: keys(...cookies) } as never));
    const context = {
      mcpReq: { method: "tools/call" },
      http: { authInfo: { extra: { caller: { orgId: "org_1", userId: "usr_1", clientId: "c1" } } } },
    } as never;
    const state = await codec(OLD).mint({ about: "acme", tool: "acme_do" }, context);
    expect(await codec(NEW, OLD).verify(state, context)).toMatchObject({ about: "acme" });
    await expect(codec(NEW).verify(state, context)).rejects.toThrow();
  });

  it("keeps the cursors of people who see some customers only (TEN-03)", () => {
    const tool = { name: "acme_list" };
    const cursor = closeCursor(tool, { a: 1 }, "place", "old");
    expect(openCursor(tool, { a: 1 }, cursor, ["new", "old"])).toBe("place");
    expect(() => openCursor(tool, { a: 1 }, cursor, ["new"])).toThrow("cursor");
    expect(() => openCursor(tool, { a: 1 }, closeCursor(tool, { a: 1 }, "place"), ["new", "old"])).toThrow("cursor");
  });
});
