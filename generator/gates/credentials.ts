import { checkMatch } from "../build/discover.ts";
import { inHosts } from "../build/templates.ts";
import type { CredentialModel, VendorModel } from "../model/vendor.ts";
import { listed } from "../read/issues.ts";
import type { Gate } from "./vendor.ts";

/** The fields that a person fills in, and the addresses they end up in. */
export function checkCredentials(model: VendorModel, { problem }: Gate): void {
  const { credentials, verify } = model;
  const hosts = inHosts([...model.origins, ...(model.discover ? [model.discover.origin] : [])]);
  for (const field of credentials.fields) {
    const { name, enum: choices, default: value, pattern, match, kind, secret } = field;
    const at = ["credentials", name];
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) problem(at, `"${name}" is not a name such as apiKey`);
    if (choices && value !== undefined && !choices.some((choice) => choice.value === value)) {
      problem([...at, "default"], `expected ${listed(choices.map((choice) => choice.value))}, found "${value}"`);
    }
    if (secret && (choices || value !== undefined)) problem(at, "a secret has neither choices nor a default");
    if (pattern !== undefined) checkPattern(pattern, [...at, "pattern"], problem);
    if (match !== undefined) checkMatch(match, [...at, "match"], { problem });
    if (match !== undefined && (secret || choices || kind))
      problem([...at, "match"], "is for plain text: neither a secret, nor choices, nor a host");
    if (kind === "host" && (secret || pattern !== undefined))
      problem([...at, "kind"], "a host is no secret and needs no pattern: it is checked as a host");
    if (hosts.has(name) && !choices && !kind && (pattern ?? match) !== undefined) checkInHost(field, at, problem);
  }
  if (credentials.fields.length === 0) problem(["credentials"], "has no fields: what does a person enter?");
  for (const { field, byValue } of credentials.hosts) {
    const known = credentials.fields.find(({ name }) => name === field);
    if (known?.kind === "host") continue; // others stand for themselves
    const values = known?.enum?.map(({ value }) => value) ?? [];
    const missing = values.filter((value) => !Object.hasOwn(byValue, value));
    if (missing.length > 0 || values.length === 0)
      problem(["hosts", field], `needs a host for ${listed(missing) || `each value of ${field}`}`);
  }
  const needs = (verify?.parameters ?? []).filter((each) => each.required && each.constant === undefined);
  if (needs.length > 0)
    problem(
      ["verify"],
      `${verify?.name} needs ${listed(needs.map(({ name }) => name))}`,
      "verify is called with nothing",
    );
}

/** What a person could type to send the keys elsewhere, in front of the rest of the host. */
const ESCAPES = [..."/?#\\\\@:"].flatMap((end) => [
  `evil.example${end}`,
  `x${end}evil.example`,
  `a${end}b`,
  `x${end}1`,
  `a${end}`,
]);

/** A value that becomes part of a host must not be able to end it. */
function checkInHost({ name, pattern, match }: CredentialModel, at: readonly string[], problem: Gate["problem"]): void {
  const kept = (text: string) => {
    try {
      const found = match === undefined ? text : new RegExp(match, "iu").exec(text)?.[1];
      return found !== undefined && (pattern === undefined || new RegExp(pattern, "u").test(found)) ? found : undefined;
    } catch {
      return undefined; // said already
    }
  };
  const through = ESCAPES.find((text) => /[/?#\\@:]/.test(kept(text) ?? ""));
  if (through !== undefined)
    problem(
      at,
      `"${through}" could be typed as ${name}, and the keys would go to another host`,
      "allow only letters, digits and dashes, as in ^[a-z0-9-]+$",
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
