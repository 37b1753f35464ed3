import { z } from "zod";
import { publicHost } from "./host.ts";
import { reveal, Secret } from "./secret.ts";

/** One field of the connect page; also the prompt of a local bundle and the name of an environment variable. */
export interface CredentialField {
  readonly name: string;
  readonly title: string;
  readonly about?: string;
  readonly secret: boolean;
  readonly optional: boolean;
  readonly enum?: readonly { readonly value: string; readonly label: string }[];
  readonly default?: string;
  readonly pattern?: string;
  /** Of what is typed, the first group is kept. */
  readonly match?: string;
  /** A server that the person names. */
  readonly kind?: "host";
  /** Of a host: the usual ones. */
  readonly suggestions?: readonly { readonly value: string; readonly label: string }[];
}

export type ParsedForm<Credentials> =
  | { readonly ok: true; readonly value: Credentials }
  | { readonly ok: false; readonly errors: Readonly<Record<string, string>> };

export interface VendorCredentials<Credentials> {
  readonly fields: readonly CredentialField[];
  /** The vendor's page about getting keys. */
  readonly help: string;
  /** The least rights the keys need, for the person who makes them. */
  readonly rights?: string;
  /** Reads a submitted form or a stored record. Error texts name what is wrong and never repeat the value. */
  parse(form: Readonly<Record<string, unknown>>): ParsedForm<Credentials>;
}

/** A line of text as people paste it: trimmed, no control characters, not endless. */
export const textField = () =>
  z
    .string({ error: "is required" })
    .trim()
    .min(1, "is required")
    .max(4096, "is too long")
    .regex(/^[^\p{Cc}]*$/u, "contains control characters");

/** A pasted secret; the parsed value is a `Secret`. */
export const secretField = () => textField().transform((text) => new Secret(text));

/** Of a line that people paste whole, such as an address, only the first group of `match` counts. */
export const keptField = (match: string, pattern?: string) =>
  textField().transform((text, context) => {
    const kept = new RegExp(match, "iu").exec(text)?.[1];
    if (kept && (pattern === undefined || new RegExp(pattern).test(kept))) return kept;
    context.addIssue("does not look right");
    return z.NEVER;
  });

/** A public server by name, however it was pasted: `https://Desk.Acme.example/home` is `desk.acme.example`. */
export const hostField = () =>
  textField().transform((text, context) => {
    const host = publicHost(text);
    if (host !== undefined) return host;
    context.addIssue("is not the name of a public server");
    return z.NEVER;
  });

/** Fields plus a zod object make a vendor's credentials. */
export function defineCredentials<Schema extends z.ZodObject>(
  schema: Schema,
  about: Omit<VendorCredentials<z.output<Schema>>, "parse">,
): VendorCredentials<z.output<Schema>> {
  return {
    ...about,
    parse(form) {
      const known = about.fields.map(({ name }) => [name, form[name] === "" ? undefined : form[name]] as const);
      const parsed = schema.safeParse(Object.fromEntries(known));
      if (parsed.success) return { ok: true, value: parsed.data };
      const errors: Record<string, string> = {};
      for (const { path, code, message } of parsed.error.issues)
        errors[String(path[0] ?? "")] ??= code === "invalid_value" ? "is not one of the choices" : message;
      return { ok: false, errors };
    },
  };
}

/** The parsed credentials as plain text, to be sealed by the vault; `parse` reads them back. */
export function revealCredentials(credentials: object): Record<string, string> {
  const entries = Object.entries(credentials).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, reveal(value as string | Secret)])); // fields are text or Secret
}
