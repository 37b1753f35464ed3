import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gate, modern, toolCallsOf } from "./gate.ts";

describe("two people of two organisations, in any order", () => {
  it("use their own keys, see their own lists and leave rows in their own log (TEN-01, TEN-05, MCP-05)", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ who: fc.nat(1), what: fc.constantFrom("call", "list", "write", "switch") }), {
          maxLength: 20,
        }),
        async (steps) => {
          const { app, someone, worlds } = await gate();
          const people = await Promise.all(
            ["ann@example.com", "bob@example.com"].map(async (email) => {
              const who = await someone(email);
              const { id } = await who.connect("acme", `key of ${email}`);
              const token = await who.token(["acme:read", "acme:write"], { connection: id });
              return { ...who, email, token, writes: false, switch: who.writes, rows: 0 };
            }),
          );
          const send = async (token: string, method: string, params: Record<string, unknown> = {}) => {
            const { headers, payload } = modern(method, params);
            const authorization = `Bearer ${token}`;
            return (
              await app.inject({ method: "POST", url: "/v1/acme", headers: { ...headers, authorization }, payload })
            ).json();
          };

          for (const { who, what } of steps) {
            const person = people[who]!;
            const used = worlds.acme.keysUsed.length;
            if (what === "switch") {
              person.writes = !person.writes;
              await person.switch(person.writes);
            } else if (what === "list") {
              const { result } = await send(person.token, "tools/list");
              const names = result.tools.map(({ name }: { name: string }) => name);
              expect(names.includes("acme_rename_thing")).toBe(person.writes);
            } else {
              const name = what === "call" ? "acme_list_things" : "acme_rename_thing";
              const args = what === "call" ? {} : { id: person.email, name: "New" };
              const { result } = await send(person.token, "tools/call", { name, arguments: args });
              const allowed = what === "call" || person.writes;
              expect(result.isError ?? false).toBe(!allowed);
              expect(worlds.acme.keysUsed.slice(used)).toEqual(allowed ? [`key of ${person.email}`] : []);
              person.rows += what === "write" && allowed ? 2 : 1;
            }
          }
          for (const person of people) {
            const rows = await toolCallsOf(app, person.org);
            expect(rows).toHaveLength(person.rows);
            expect(rows.every(({ actor_id }) => actor_id === person.user)).toBe(true);
          }
          await app.close();
        },
      ),
      { numRuns: 15 },
    );
  });
});
