import { type Suspicion, ToolError } from "../../runtime/index.ts";

type Reasons = Pick<Denied, "repeated" | "marks">;

/** A call that was refused before anything happened, with the rule that refused it. */
export class Denied extends Error {
  override readonly name = "Denied";
  readonly rule: string;
  readonly error: ToolError;
  /** The same was refused and recorded a moment ago: a loop must not fill the audit log. */
  readonly repeated: boolean;
  /** What looked suspicious about the arguments. */
  readonly marks: readonly Suspicion[];
  constructor(rule: string, error: ToolError, { repeated = false, marks = [] }: Partial<Reasons> = {}) {
    super(error.message);
    this.rule = rule;
    this.error = error;
    this.repeated = repeated;
    this.marks = marks;
  }
}

export const unknownTool = (name: string) =>
  new ToolError("INVALID_INPUT", `There is no tool ${name}.`, { advice: "List the tools again." });

/** @param sentence which rule it was and who can change that */
export const refusedByPolicy = (sentence: string) => new ToolError("POLICY_DENIED", sentence);

export const missingScope = (name: string) =>
  new ToolError("WRITE_DENIED", `The access granted to this app does not cover ${name}.`, {
    advice: "Ask the person to sign in again and to grant it.",
  });

export const noCustomers = (organisation: string) =>
  new ToolError(
    "OUTSIDE_CUSTOMERS",
    `You are limited to some customers of ${organisation}, and none is given to you yet.`,
    {
      advice: "Ask an owner or admin to give you customers, under Admin, Members.",
    },
  );

export const otherRegion = (reason: string) =>
  new ToolError("POLICY_DENIED", reason, { advice: "Tell the person to use the connector of that region." });

export const noTenant = () => new ToolError("INTERNAL", "The call came without an organisation and was refused.");
