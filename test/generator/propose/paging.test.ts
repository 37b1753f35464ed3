import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../generator/model/json.ts";
import { acmeDesk, added } from "./acme.ts";

const item = { type: "object", properties: { id: { type: "integer" }, name: { type: "string" } } };
const parameter = ([name, type]: readonly [string, string]) => ({ name, in: "query", schema: { type } });

function pagesOf(
  parameters: readonly (readonly [string, string])[],
  beside: JsonObject | "none",
  headers: JsonObject = {},
) {
  const list: Json = { type: "array", items: item };
  const schema = beside === "none" ? list : { type: "object", properties: { items: list, ...beside } };
  const get = {
    parameters: parameters.map(parameter),
    responses: { "200": { description: "ok", headers, content: { "application/json": { schema } } } },
  };
  return added(acmeDesk({ paths: { "/things": { get } } })).draft.pages;
}

const text = { type: "string" };
const count = { type: "integer" };

describe("how lists go on, guessed by names (VEN-20)", () => {
  it.each<[string, readonly (readonly [string, string])[], JsonObject | "none", object]>([
    [
      "numbers and a link",
      [
        ["page", "integer"],
        ["per_page", "integer"],
      ],
      { next: text },
      { style: "number", page: "page", size: { name: "per_page", value: 100 }, more: "next" },
    ],
    [
      "numbers and full pages",
      [
        ["page", "integer"],
        ["limit", "integer"],
      ],
      "none",
      { style: "number", more: "fullPage" },
    ],
    [
      "numbers and how many there are",
      [["pageNumber", "integer"]],
      { page: count, totalPages: count },
      { more: { less: ["page", "totalPages"] } },
    ],
    [
      "an offset",
      [
        ["offset", "integer"],
        ["limit", "integer"],
      ],
      { total: count },
      { style: "offset", page: "offset", total: "total" },
    ],
    [
      "OData",
      [
        ["$skip", "integer"],
        ["$top", "integer"],
      ],
      {},
      { style: "offset", page: "$skip", size: { name: "$top", value: 100 } },
    ],
    [
      "a cursor",
      [
        ["pageToken", "string"],
        ["maxResults", "integer"],
      ],
      { nextPageToken: text },
      { style: "cursor", page: "pageToken", more: "nextPageToken" },
    ],
    [
      "a cursor beside the items",
      [["cursor", "string"]],
      { meta: { type: "object", properties: { next_cursor: text } } },
      { style: "cursor", more: "meta.next_cursor" },
    ],
    [
      "the last id",
      [
        ["starting_after", "string"],
        ["limit", "integer"],
      ],
      {},
      { style: "idCursor", field: "id" },
    ],
    ["a link alone", [], { nextLink: text }, { style: "nextUrl", more: "nextLink" }],
  ])("%s", (_, parameters, beside, pages) => {
    expect(pagesOf(parameters, beside)).toMatchObject(pages);
  });

  it("by the header Link, and not at all where nothing says so", () => {
    expect(pagesOf([], "none", { Link: { schema: text } })).toEqual({ style: "nextUrl", more: "link" });
    expect(pagesOf([["status", "string"]], "none")).toBeUndefined();
  });
});
