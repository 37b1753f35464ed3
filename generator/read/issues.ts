import type { z } from "zod";
import { didYouMean } from "../model/problem.ts";

type Issue = z.core.$ZodIssue;

export interface Complaint {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

/** What zod found wrong, one sentence per cause, in words of someone who edits YAML. */
export function complaintsOf(issues: readonly Issue[], data: unknown, base: Complaint["path"] = []): Complaint[] {
  return issues.flatMap((issue): Complaint[] => {
    const path = [...base, ...issue.path.map((key) => (typeof key === "number" ? key : String(key)))];
    const found = lookUp(data, path);
    switch (issue.code) {
      case "unrecognized_keys":
        return issue.keys.map((key) => {
          const known = issue.message.replace("known keys: ", "").split(", ");
          return { path: [...path, key], message: "unknown key", hint: didYouMean(key, known) ?? issue.message };
        });
      case "invalid_union":
        return ofUnion(issue.errors, data, path, found, issue.message);
      case "invalid_value": {
        const values = issue.values.map(String);
        const hint = didYouMean(String(found), values);
        return [{ path, message: `expected ${listed(values)}${foundText(found)}`, ...(hint && { hint }) }];
      }
      case "invalid_type":
        if (found === undefined) return [{ path, message: `is missing: expected ${kindName(issue.expected)}` }];
        return [{ path, message: `expected ${kindName(issue.expected)}${foundText(found)}` }];
      case "too_small":
      case "too_big":
        return [{ path, message: boundText(issue) + (typeof found === "object" ? "" : foundText(found)) }];
      case "invalid_key":
        return issue.issues.map((inner) => ({ path, message: sentence(inner.message) }));
      default:
        return [
          { path, message: sentence(issue.message) + (issue.message.startsWith("expected") ? foundText(found) : "") },
        ];
    }
  });
}

/** Only the branch that the author probably meant is worth a complaint: the one that got furthest. */
function ofUnion(
  branches: readonly Issue[][],
  data: unknown,
  path: Complaint["path"],
  found: unknown,
  otherwise: string,
): Complaint[] {
  if (branches.length === 0) return [{ path, message: otherwise + foundText(found) }];
  const isOther = (branch: Issue[]) => branch.some((issue) => issue.path.length === 0 && issue.code === "invalid_type");
  const meant = branches.filter((branch) => !isOther(branch)).sort((a, b) => strangeKeys(a) - strangeKeys(b))[0];
  if (meant) return complaintsOf(meant, data, path);
  const kinds = branches
    .flat()
    .map((issue) => (issue.code === "invalid_type" ? kindName(issue.expected) : issue.message));
  return [{ path, message: `expected ${listed([...new Set(kinds)])}${foundText(found)}` }];
}

function strangeKeys(branch: readonly Issue[]): number {
  return branch.reduce((sum, issue) => sum + (issue.code === "unrecognized_keys" ? 10 * issue.keys.length : 1), 0);
}

function lookUp(data: unknown, path: Complaint["path"]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], data);
}

const kindName = (expected: string) =>
  ({
    record: "a map",
    object: "a map",
    array: "a list",
    string: "text",
    int: "a whole number",
    number: "a number",
    boolean: "true or false",
  })[expected] ?? expected;

export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function foundText(found: unknown): string {
  if (found === undefined) return "";
  if (found === null) return ", found nothing";
  return typeof found === "object"
    ? `, found a ${Array.isArray(found) ? "list" : "map"}`
    : `, found ${JSON.stringify(found)}`;
}

/** `expected at most 60 characters` */
function boundText(issue: Issue & { code: "too_small" | "too_big" }): string {
  const [bound, limit] = issue.code === "too_small" ? ["at least", issue.minimum] : ["at most", issue.maximum];
  const unit = { array: " items", string: " characters" }[issue.origin as string] ?? "";
  return issue.origin === "string" && limit === 1 ? "expected text" : `expected ${bound} ${limit}${unit}`;
}

const sentence = (message: string) =>
  message.replace(/^Invalid (input|option|URL|string): /, "").replace(/^Invalid/, "invalid");
