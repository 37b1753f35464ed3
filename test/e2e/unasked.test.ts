import { describe, expect, it } from "vitest";
import { parseInput } from "../../runtime/index.ts";
import { useFakes } from "../fakes/use.ts";
import { cases, idsOf } from "./cases.ts";
import { connection, toolOf } from "./vendor.ts";

const fakes = useFakes();
const ids = idsOf(fakes);

/** What a customer would notice, and the least that makes it so. */
const noticed: [tool: string, change: Record<string, unknown>][] = [
  ["autotask_add_ticket_note", { visibleTo: "everyone" }],
  ["syncro_add_comment", { as: "public" }],
  ["syncro_add_comment", { as: "mail" }],
  ["atera_add_comment", { as: "reply" }],
  ["superops_add_ticket_note", { visibility: "public" }],
  ["superops_reply_to_ticket", { mail: true }],
  ["halo_add_note", { hidden: false }],
  ["cwpsa_add_ticket_note", { mail: true }],
];

describe("what a customer would notice", () => {
  it.each(noticed)("%s asks a person with %j, and not without", (name, change) => {
    const tool = toolOf(name);
    const quiet = cases.find((one) => one.tool === name && !one.asks)!.args(ids);
    const asks = (args: Record<string, unknown>) => {
      const parsed = parseInput(tool, args);
      if (!parsed.ok) throw parsed.error;
      return tool.confirm?.when?.(parsed.value) ?? false;
    };
    expect(asks(quiet)).toBe(false);
    expect(asks({ ...quiet, ...change })).toBe(true);
  });

  it("cwpsa_update_ticket closes no ticket, by name or by id: closing has a tool that asks", async () => {
    const { args } = cases.find(({ tool }) => tool === "cwpsa_update_ticket")!;
    const result = await connection("connectwise-psa").call("cwpsa_update_ticket", {
      ...args(ids),
      status: "Completed",
    });
    expect(result).toMatchObject({ ok: false, error: { code: "NO_MATCH" } });
    expect(result.ok || result.error.candidates).not.toContain("Completed");
    expect(fakes.exchanges.some(({ method }) => method === "PATCH")).toBe(false);
  });
});
