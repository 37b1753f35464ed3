import { describe, expect, it } from "vitest";
import { type ToolSnapshot, toolChanges } from "../../../gateway/calls/tool-changes.ts";

const base: ToolSnapshot = {
  access: "read",
  tool: {
    name: "acme_list",
    title: "List",
    description: "The list.",
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    inputSchema: {
      type: "object",
      properties: {
        text: { type: "string", maxLength: 100 },
        state: { type: "string", enum: ["open", "closed"] },
        limit: { type: "integer", minimum: 1, maximum: 100, default: 25 },
        ids: { type: "array", items: { type: "string" } },
      },
      required: ["text"],
      additionalProperties: false,
    },
    outputSchema: {
      type: "object",
      properties: {
        rows: {
          type: "array",
          items: { type: "object", properties: { id: { type: "string" }, age: { type: "number" } } },
        },
        truncated: { type: "boolean" },
      },
      required: ["rows", "truncated"],
    },
  },
};

// biome-ignore lint/suspicious/noExplicitAny: tests reach into schemas freely
type Mutable = { access: string; tool: any };

/** What `toolChanges` says when one thing is done to the tool. */
function saidOf(change: (snapshot: Mutable) => void) {
  const now = structuredClone(base) as unknown as Mutable;
  change(now);
  const changes = toolChanges(new Map([["acme_list", base]]), new Map([["acme_list", now as unknown as ToolSnapshot]]));
  return changes.map(({ breaks, what }) => `${breaks ? "breaks" : "ok"} ${what}`);
}

const input = (snapshot: Mutable) => snapshot.tool.inputSchema.properties;
const output = (snapshot: Mutable) => snapshot.tool.outputSchema.properties;

describe("what changed for clients", () => {
  it("is nothing when nothing changed", () => expect(saidOf(() => {})).toEqual([]));

  it("names new and removed tools", () => {
    const other = new Map([["acme_other", base]]);
    expect(toolChanges(new Map([["acme_list", base]]), other)).toEqual([
      { tool: "acme_list", breaks: true, what: "is gone" },
      { tool: "acme_other", breaks: false, what: "is new" },
    ]);
  });

  it.each<[string, (snapshot: Mutable) => void, string]>([
    [
      "a new required input",
      (s) => {
        input(s).org = { type: "string" };
        s.tool.inputSchema.required.push("org");
      },
      "input.org: is required now",
    ],
    ["an input that became required", (s) => s.tool.inputSchema.required.push("limit"), "input.limit: is required now"],
    ["a removed input", (s) => delete input(s).state, "input.state: is gone"],
    ["a narrowed enum", (s) => input(s).state.enum.pop(), "input.state: takes closed no more"],
    [
      "an enum where any text was fine",
      (s) => {
        input(s).text.enum = ["a"];
      },
      "input.text: takes only a now",
    ],
    [
      "another type",
      (s) => {
        input(s).text.type = "integer";
      },
      "input.text: type was string, is integer",
    ],
    [
      "another type inside a list",
      (s) => {
        input(s).ids.items.type = "integer";
      },
      "input.ids[]: type was string, is integer",
    ],
    [
      "a lower maximum",
      (s) => {
        input(s).limit.maximum = 50;
      },
      "input.limit: maximum was 100, is 50",
    ],
    [
      "a new pattern",
      (s) => {
        input(s).text.pattern = "^a";
      },
      "input.text: pattern was not set, is ^a",
    ],
    ["a removed output field", (s) => delete output(s).rows.items.properties.id, "output.rows[].id: is gone"],
    [
      "an output field that may be missing",
      (s) => s.tool.outputSchema.required.pop(),
      "output.truncated: may be missing now",
    ],
    [
      "another output type",
      (s) => {
        output(s).rows.items.properties.id.type = "integer";
      },
      "output.rows[].id: type was string, is integer",
    ],
    [
      "raised access",
      (s) => {
        s.access = "write";
      },
      "access was read, is write",
    ],
    [
      "access to a secret",
      (s) => {
        s.access = "reveal";
      },
      "access was read, is reveal",
    ],
  ])("breaks clients: %s", (_case, change, what) => expect(saidOf(change)).toEqual([`breaks ${what}`]));

  it.each<[string, (snapshot: Mutable) => void, string]>([
    [
      "a new optional input",
      (s) => {
        input(s).org = { type: "string" };
      },
      "input.org: is new and optional",
    ],
    ["an input no longer required", (s) => s.tool.inputSchema.required.pop(), ""],
    ["a wider enum", (s) => input(s).state.enum.push("all"), "input.state: takes all as well"],
    [
      "a wider number",
      (s) => {
        input(s).limit.type = "number";
      },
      "input.limit: type was integer, is number",
    ],
    [
      "a higher maximum",
      (s) => {
        input(s).limit.maximum = 500;
      },
      "input.limit: maximum was 100, is 500",
    ],
    [
      "another default",
      (s) => {
        input(s).limit.default = 10;
      },
      "input.limit: default changed",
    ],
    [
      "a new output field",
      (s) => {
        output(s).total = { type: "integer" };
      },
      "output.total: is new",
    ],
    [
      "a narrower output",
      (s) => {
        output(s).rows.items.properties.age.type = "integer";
      },
      "output.rows[].age: type was number, is integer",
    ],
    [
      "other words",
      (s) => {
        s.tool.description = "A list.";
      },
      "description changed",
    ],
  ])("does not break clients: %s", (_case, change, what) => expect(saidOf(change)).toEqual(what ? [`ok ${what}`] : []));
});
