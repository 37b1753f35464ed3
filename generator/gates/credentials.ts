import type { VendorModel } from "../model/vendor.ts";
import { listed } from "../read/issues.ts";
import type { Gate } from "./vendor.ts";

/** The fields that a person fills in, and the addresses they end up in. */
export function checkCredentials({ credentials, verify }: VendorModel, { problem }: Gate): void {
  for (const { name, enum: choices, default: value, pattern, secret } of credentials.fields) {
    const at = ["credentials", name];
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) problem(at, `"${name}" is not a name such as apiKey`);
    if (choices && value !== undefined && !choices.some((choice) => choice.value === value)) {
      problem([...at, "default"], `expected ${listed(choices.map((choice) => choice.value))}, found "${value}"`);
    }
    if (secret && (choices || value !== undefined)) problem(at, "a secret has neither choices nor a default");
    if (pattern !== undefined) checkPattern(pattern, [...at, "pattern"], problem);
  }
  if (credentials.fields.length === 0) problem(["credentials"], "has no fields: what does a person enter?");
  for (const { field, byValue } of credentials.hosts) {
    const values = credentials.fields.find(({ name }) => name === field)?.enum?.map(({ value }) => value) ?? [];
    const missing = values.filter((value) => !Object.hasOwn(byValue, value));
    if (missing.length > 0 || values.length === 0)
      problem(["hosts", field], `needs a host for ${listed(missing) || `each value of ${field}`}`);
  }
  const needs = verify.parameters.filter((each) => each.required && each.constant === undefined);
  if (needs.length > 0)
    problem(
      ["verify"],
      `${verify.name} needs ${listed(needs.map(({ name }) => name))}`,
      "verify is called with nothing",
    );
}

function checkPattern(pattern: string, at: readonly string[], problem: Gate["problem"]): void {
  try {
    new RegExp(pattern, "u");
    if (!pattern.startsWith("^") || !pattern.endsWith("$")) problem(at, "must begin with ^ and end with $");
  } catch {
    problem(at, "is not a regular expression");
  }
}
