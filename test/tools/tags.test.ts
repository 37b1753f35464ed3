import { expect, it } from "vitest";
import { across, vendors } from "../../generated/index.ts";

it("every tool belongs to an area of work, so that clients can ask for one (FAC-05)", () => {
  const tools = [...vendors, ...across].flatMap((set) => set.tools);
  expect(tools.filter(({ tags = [] }) => tags.length === 0).map(({ name }) => name)).toEqual([]);
});
