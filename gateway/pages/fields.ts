import type { CredentialField, Vendor } from "../../runtime/index.ts";

/** One input with its label, ready to print. A secret never has a value. */
export interface Field {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "password" | "email" | "number" | "time" | "search";
  readonly autocomplete: string;
  readonly required: boolean;
  readonly optional: boolean;
  /** No capital letters and no spell check: the value is an identifier, not prose. */
  readonly plain: boolean;
  readonly focus: boolean;
  readonly value?: string;
  readonly options?: readonly { readonly value: string; readonly label: string; readonly selected: boolean }[];
  /** What is usually typed here. */
  readonly suggestions?: readonly { readonly value: string; readonly label: string }[];
  readonly about?: string;
  readonly error?: string;
  /** Ids of the texts that belong to it, for screen readers. */
  readonly described?: string;
}

type FieldInput = Pick<Field, "name" | "label"> & Partial<Omit<Field, "id" | "described">>;

export function field({ name, ...rest }: FieldInput): Field {
  const id = `field-${name.replace(/[^a-z0-9]+/gi, "-")}`;
  const described = [rest.about && `${id}-about`, rest.error && `${id}-error`].filter(Boolean).join(" ");
  const required = rest.required ?? true;
  return {
    type: "text",
    autocomplete: "off",
    plain: false,
    focus: false,
    ...rest,
    id,
    name,
    required,
    optional: !required,
    described: described || undefined,
  };
}

/** Form names start so, to keep a vendor's field apart from our own, whatever the vendor calls it. */
const PREFIX = "credential.";

/** The connect page's inputs. Values are shown again only where the vendor does not call the field secret. */
export function credentialFields(
  { credentials }: Vendor,
  {
    values = {},
    errors = {},
  }: { values?: Readonly<Record<string, string>>; errors?: Readonly<Record<string, string>> } = {},
): Field[] {
  const firstWrong = credentials.fields.find(({ name }) => errors[name])?.name;
  return credentials.fields.map((one) =>
    field({
      name: PREFIX + one.name,
      label: one.title,
      about: one.about,
      type: one.secret ? "password" : "text",
      plain: true,
      required: !one.optional,
      value: one.secret || one.enum ? undefined : (values[one.name] ?? one.default),
      suggestions: one.suggestions,
      options: one.enum && optionsOf(one, values[one.name] ?? one.default),
      error: errors[one.name],
      focus: one.name === firstWrong,
    }),
  );
}

const optionsOf = ({ enum: choices = [], optional, default: preset }: CredentialField, chosen?: string) => [
  ...(optional || !preset ? [{ value: "", label: "Choose…", selected: !chosen }] : []),
  ...choices.map(({ value, label }) => ({ value, label, selected: value === chosen })),
];

/** What was typed for the vendor, by the vendor's own names. */
export function credentialValues(
  { credentials }: Vendor,
  form: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const typed = credentials.fields.flatMap(({ name }) => {
    const value = form[PREFIX + name];
    return typeof value === "string" && value.trim() !== "" ? [[name, value.trim()]] : [];
  });
  return Object.fromEntries(typed);
}

/** "is required" becomes "API key is required." */
export function sentences({ credentials }: Vendor, errors: Readonly<Record<string, string>>): Record<string, string> {
  const titles = new Map(credentials.fields.map(({ name, title }) => [name, title]));
  return Object.fromEntries(
    Object.entries(errors).map(([name, text]) => [name, `${titles.get(name) ?? name} ${text}.`]),
  );
}
