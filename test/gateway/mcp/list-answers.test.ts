import { describe, expect, it } from "vitest";
import { gate, legacy, modern } from "./gate.ts";

describe.each([["modern", modern] as const, ["legacy", legacy] as const])(
  "tools/list, asked again, %s",
  (_era, speak) => {
    const asking = async () => {
      const { app, someone } = await gate();
      const ann = await someone();
      const token = await ann.token(["acme:read"]);
      const ask = async (message: { headers: object; payload: object }, bearer = token) => {
        const headers = { ...message.headers, authorization: `Bearer ${bearer}` };
        const answer = await app.inject({ method: "POST", url: "/v1/acme", headers, payload: message.payload });
        const {
          "x-request-id": _id,
          date: _date,
          "content-length": _length,
          "transfer-encoding": _encoding,
          ...rest
        } = answer.headers;
        return { status: answer.statusCode, headers: rest, body: answer.body };
      };
      return { ask, ann, someone };
    };

    it("gets the same bytes with its own id, the bytes the SDK sends when nothing is kept", async () => {
      const { ask } = await asking();
      // Too long a question to be kept, so the SDK answers it itself.
      const fresh = await ask(speak("tools/list", { _meta: { note: "x".repeat(4000) } }));
      for (const id of [1, 2, "a", 'quote " and \\ backslash', "1"]) {
        const answer = await ask(speak("tools/list", {}, id));
        const expected = fresh.body.replace(/"id":1(?=[,}])/, () => `"id":${JSON.stringify(id)}`);
        expect(answer).toEqual({ ...fresh, body: expected });
      }
    });

    it("is answered as ever when it is not well formed, however often the good question was asked", async () => {
      const { ask } = await asking();
      const good = speak("tools/list");
      const odd = [
        { ...good, payload: { ...good.payload, jsonrpc: "1.0" } },
        { ...good, payload: { ...good.payload, id: 1.5 } },
        { ...good, payload: { ...good.payload, id: ["1"] } },
        { ...good, payload: { ...good.payload, more: true } },
        { ...good, payload: { ...good.payload, params: { cursor: 7 } } },
        { ...good, headers: { ...good.headers, accept: "text/plain" } },
        { ...good, headers: { ...good.headers, "mcp-protocol-version": "1999-01-01" } },
        { ...good, headers: { ...good.headers, "mcp-method": "tools/call" } },
      ];
      const answersTo = async () => await Promise.all(odd.map((message) => ask(message)));
      const before = await answersTo();
      for (let i = 0; i < 3; i++) expect((await ask(good)).status).toBe(200);
      expect(await answersTo()).toEqual(before);
      expect(before.filter(({ status }) => status >= 400).length).toBeGreaterThan(3);
    });

    it("shows nobody the list of somebody with other rights (MCP-07)", async () => {
      const { ask, someone } = await asking();
      const bob = await someone("bob@example.com");
      await bob.writes(true);
      const his = await bob.token(["acme:read"]);
      const question = speak("tools/list");
      for (let i = 0; i < 3; i++) {
        expect((await ask(question)).body).not.toContain("acme_rename_thing");
        expect((await ask(question, his)).body).toContain("acme_rename_thing");
      }
      await bob.writes(false);
      expect((await ask(question, his)).body).not.toContain("acme_rename_thing");
    });
  },
);
