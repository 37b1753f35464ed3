import { z } from "zod";
import { operation, operationLine } from "./operations.ts";
import { closed, identifier, key, line, text } from "./pieces.ts";
import { tool } from "./tools.ts";

/**
 * An operation that is a tool by itself: everything is found in the description, and what is said here counts instead. No
 * line of the vendor's prose is taken over.
 */
const names = z.array(text).min(1).max(30).optional();

/** What is the operation's, and what is the tool's. */
export const operationKeys = operation.omit({ select: true }).shape;
export const toolKeys = tool.pick({
  access: true,
  tags: true,
  confirm: true,
  idempotent: true,
  reason: true,
  redact: true,
  class: true,
  examples: true,
}).shape;

export const extended = closed({
  ...operationKeys,
  items: key(
    z.union([text, z.array(text).min(2)]).optional(),
    "Where the list is, as of an operation; `none` when the answer is one thing that has a list.",
    "data.tickets",
    "the body when it is an array, or its only array",
  ),
  title: key(line.max(60).optional(), "What people see.", "Move device", "the key in words"),
  description: key(
    line.max(400).optional(),
    "What it does and answers, no orders to the assistant.",
    "Moves a device to another site.",
    "the title and the operation",
  ),
  ...toolKeys,
  access: key(
    z.enum(["read", "write", "destroy"]).optional(),
    "What it may do.",
    "destroy",
    "by the method: what only reads is `read`, DELETE and `mutation delete…` are `destroy`, all else is `write`",
  ),
  reason: key(
    line.optional(),
    "Why a PUT does no harm by writing all of a thing, or why a tool is in a lower class than its operation suggests.",
    "Has no body: the site in the path is all it sets.",
  ),
  input: key(
    names,
    "Parameters and body fields that are taken besides those that are required.",
    ["name", "address.city"],
    "every parameter, and up to 16 single values of the body; no secrets",
  ),
  where: key(
    names,
    "Fields that a list may be asked for, where the vendor has filters: texts by a part of them, all else by its value.",
    ["companyName", "isActive"],
  ),
  output: key(
    names,
    "Fields that leave, of the answer or of each item; `lines[].amount` reads a list.",
    ["id", "name", "company.name"],
    "up to 24 single values that are no secrets, also of objects inside",
  ),
});

export const extendedTools = z.record(identifier, z.union([operationLine, extended]));
export type ExtendedYaml = z.infer<typeof extended>;
