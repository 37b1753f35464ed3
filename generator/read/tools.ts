import { z } from "zod";
import { dataClass } from "./classes.ts";
import { conditions } from "./conditions.ts";
import { inputOrFrom } from "./inputs.ts";
import { leafOptions, output } from "./output.ts";
import { closed, identifier, key, line, reference, text } from "./pieces.ts";
import { step, value } from "./steps.ts";

const areas = [
  "tickets",
  "companies",
  "contacts",
  "devices",
  "alerts",
  "patches",
  "scripts",
  "software",
  "documentation",
  "passwords",
  "time",
  "billing",
  "contracts",
  "projects",
  "scheduling",
  "knowledge",
  "network",
] as const;

export const tool = closed({
  title: key(line.max(60), "What people see.", "List tickets"),
  description: key(line.max(400), "What it does and answers, no orders to the assistant.", "Tickets, newest first."),
  access: key(
    z.enum(["read", "write", "destroy", "reveal"]).optional(),
    "What it may do. `destroy`: delete, run code or cut power; `reveal`: show a secret.",
    "write",
    "`read`; required when it sends",
  ),
  tags: key(
    z.array(z.enum(areas)).min(1).optional(),
    "The areas of work it belongs to; clients may ask for the tools of one. Tools that ship here have some.",
    ["tickets"],
  ),
  input: key(z.record(identifier, inputOrFrom).optional(), "What the assistant gives, [below](#input).", {
    status: "listTickets.status",
  }),
  steps: key(z.record(identifier, step), "What is asked of the vendor, [below](#steps).", {
    tickets: { list: "listTickets" },
  }),
  output: key(z.record(z.string(), output), "What leaves, [below](#output).", { "tickets[]": { id: "id" } }),
  confirm: key(
    closed({
      ask: key(line, "The question; `{name}` is an input.", "Mail this to the customer of ticket {ticketId}?"),
      when: key(
        z.union([reference, conditions]).optional(),
        "For which calls: an input that is true or there at all, or [conditions](#conditions) on inputs.",
        { $internal: false },
        "for all of them",
      ),
    }).optional(),
    "A person is asked first. Until persons can be asked, a tool that always asks stays hidden, and a call that would ask is refused.",
    { ask: "Mail this to the customer of ticket {ticketId}?", when: "$mail" },
    "`destroy` and `reveal` always ask",
  ),
  before: key(
    closed({
      get: key(text, "An operation that reads one thing.", "getTicket"),
      with: key(
        z.record(z.string(), value).optional(),
        "Its arguments, of inputs. While an optional one of these is not given, nothing is read.",
        { id: "$ticketId" },
      ),
      shows: key(
        z.record(identifier, z.union([text, leafOptions])).optional(),
        "Input: where in the answer that is now, as a path or as a [value](#output) of an output. For a label's arguments the answer is `$now`.",
        { status: "status", priority: { value: "priorityId", label: "priority" } },
        "required without `names`",
      ),
      names: key(
        z.record(identifier, z.union([text, leafOptions])).optional(),
        "What the change is about, where its inputs are ids, as name: path. A name is shown in words.",
        { device: "deviceName" },
      ),
    }).optional(),
    "How it is now what it changes: for the person who is asked for a yes, never for the assistant. A read that fails keeps nobody from deciding.",
    { get: "getTicket", with: { id: "$ticketId" }, shows: { status: "status" } },
    "nothing is shown beside the change",
  ),
  onFailure: key(
    z.enum(["stop", "goOn"]).optional(),
    "With several sends, after one failed: leave out the rest, or go on.",
    "goOn",
    "stop",
  ),
  idempotent: key(
    z.boolean().optional(),
    "Sent twice, it does no more than once.",
    true,
    "`true` for `read` and `reveal`, else `false`",
  ),
  reason: key(
    line.optional(),
    "Why a tool is in a lower class than its steps suggest.",
    "Runs a report, nothing else.",
  ),
  redact: key(z.array(text).optional(), "Paths of the output that are replaced by `[redacted]`.", ["ticket.phone"]),
  class: key(
    dataClass.optional(),
    "The kind of data of the whole answer; an organisation that hides it does not list the tool.",
    "financial",
  ),
  examples: key(z.array(line).max(5).optional(), "Questions for the documentation.", ["Which tickets are open?"]),
});
