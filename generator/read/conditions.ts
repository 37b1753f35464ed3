import { z } from "zod";
import { closed, constant, key, reference } from "./pieces.ts";

const number = z.union([z.number(), reference]).optional();

export const tests = closed({
  is: key(constant.optional(), "Is this. `open` or `$state` alone says the same.", "open"),
  not: key(constant.optional(), "Is not this.", "closed"),
  contains: key(constant.optional(), "Has this text in it; a list: has it among its items.", "$name"),
  in: key(z.union([reference, z.array(constant)]).optional(), "Is one of these.", ["open", "new"]),
  missing: key(z.union([z.boolean(), reference]).optional(), "Is not there or empty; `false`: is there.", true),
  olderThan: key(number, "Is a time more than so many days ago.", 30),
  within: key(number, "Is a time at most so many hours from now, either way.", 24),
  dueIn: key(number, "Is a time that is past, or comes within so many hours.", 24),
  before: key(constant.optional(), "Is a time before this; `now` is allowed.", "now"),
  after: key(constant.optional(), "Is a time after this.", "$from"),
  atLeast: key(number, "Is a number so great.", 5),
  atMost: key(number, "Is a number so small.", "$most"),
});

export const condition = z.union([constant, tests]);
export const conditions = z.record(z.string(), condition);

export type ConditionYaml = z.infer<typeof condition>;
