import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mayChange, mayLookAfter, type Right, ROLES, rolesToGive, rolesWith } from "../../../gateway/policy/roles.ts";

const WORDS: Readonly<Record<Right, string>> = {
  ownership: "hand the organisation on, and end it",
  members: "members, roles, invitations",
  customers: "customers",
  connections: "shared connections",
  policy: "policy",
  tools: "tools",
  programs: "programs with tokens of their own",
  approve: "approve others' calls",
  audit: "audit",
  alerts: "alerts",
  usage: "usage",
  data: "export and erase",
};

const rights = Object.keys(WORDS) as Right[];

describe("roles (TEN-02)", () => {
  it("are what docs/organisations.md says", () => {
    const table = [
      `| looks after | ${ROLES.join(" | ")} |`,
      `|---|${ROLES.map(() => "---").join("|")}|`,
      ...rights.map(
        (right) =>
          `| ${WORDS[right]} | ${ROLES.map((role) => (mayLookAfter(role, right) ? "yes" : "–")).join(" | ")} |`,
      ),
    ].join("\n");
    expect(readFileSync("docs/organisations.md", "utf8")).toContain(table);
  });

  it("stand in an order, in which nobody reaches above themselves", () => {
    const order = (role: (typeof ROLES)[number]) => (role === "owner" ? 2 : role === "admin" ? 1 : 0);
    for (const own of ROLES)
      for (const theirs of ROLES) {
        const may = mayLookAfter(own, "members") && order(theirs) <= order(own);
        expect(mayChange(own, theirs), `${own} ${theirs}`).toBe(may);
        expect(rolesToGive(own).includes(theirs), `${own} gives ${theirs}`).toBe(may && theirs !== "owner");
      }
    expect(rolesWith("ownership")).toEqual(["owner"]);
  });
});
