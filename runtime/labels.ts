import { asText } from "./convert.ts";
import { ToolError } from "./errors.ts";
import { listed } from "./needs.ts";
import { quotable } from "./text.ts";
import type { Transport } from "./transport.ts";

/** A vendor's own names for its ids, in the vendor's order. */
export type Labels = readonly (readonly [id: string, label: string])[];

/** Keeps what the vendor calls things. One store belongs to one connection: two accounts give one id two meanings. */
export interface LabelStore {
  /** What is kept under this key, or else what `read` answers now; asked once, however many wait for it. */
  read<Kept>(key: string, read: () => Promise<Kept>): Promise<Kept>;
}

const HOUR_MS = 3_600_000;

/** Labels in memory for an hour, of at most `max` lists; the oldest goes first. */
export function memoryLabels({ max = 100, now = Date.now }: { max?: number; now?: () => number } = {}): LabelStore {
  const kept = new Map<string, { readonly value: unknown; readonly until: number }>();
  const asked = new Map<string, Promise<unknown>>();

  async function ask(key: string, read: () => Promise<unknown>): Promise<unknown> {
    const pending = read();
    asked.set(key, pending);
    try {
      const value = await pending;
      kept.delete(key);
      kept.set(key, { value, until: now() + HOUR_MS });
      if (kept.size > max) kept.delete(kept.keys().next().value!);
      return value;
    } finally {
      if (asked.get(key) === pending) asked.delete(key);
    }
  }

  async function find(key: string, read: () => Promise<unknown>): Promise<unknown> {
    const found = kept.get(key);
    if (found && found.until > now()) return found.value;
    // Whoever asked first may have been cancelled; that is no reason for the others to fail.
    return asked.get(key)?.catch(() => ask(key, read)) ?? ask(key, read);
  }

  return { read: <Kept>(key: string, read: () => Promise<Kept>) => find(key, read) as Promise<Kept> }; // a key has one reader
}

/** Where a client keeps its labels. What somebody with a boundary may see is nobody else's, and the other way round. */
export const labelsOf = (transport: Transport): LabelStore =>
  transport.boundary ? memoryLabels(transport) : (transport.labels ?? memoryLabels(transport));

type Id = string | number | null | undefined;

/** The labels among a vendor's answer: what has no id or no name is left out. */
export const labelsIn = <Item>(
  items: readonly Item[] | null | undefined,
  pick: (item: Item) => { readonly id: Id; readonly label: Id },
): Labels =>
  (listed(items) ?? []).map(pick).flatMap(({ id, label }) => {
    const [key, name] = [textOf(id), textOf(label)];
    return key === undefined || name === undefined ? [] : [[key, name] as const];
  });

/** Several fields as one name: `Ada Lovelace`. */
export const joined = (...parts: readonly Id[]): string => parts.map(textOf).filter(Boolean).join(" ");

const textOf = (value: Id): string | undefined => {
  const text = asText(value)?.trim();
  return text === "" ? undefined : text;
};

/** What people call this id; the id itself where the vendor has no name for it, or did not say. */
export const labelOf = (id: Id, labels: Labels | undefined): string | undefined => {
  const key = textOf(id);
  return key === undefined ? undefined : (labels?.find(([each]) => each === key)?.[1] ?? key);
};

const CANDIDATES = 20;
const MAX_NAME = 80;

/**
 * The id behind a name that a person would use, in any case; an id may be given as well.
 * @throws ToolError NO_MATCH with up to twenty of the names there are; AMBIGUOUS when several ids have this name
 */
export async function idOf<Key = string>(
  label: string,
  input: string,
  labels: Labels | Promise<Labels>,
  as?: (id: string) => Key,
): Promise<Key> {
  return keyOf(idIn(await labels, label, input), as);
}

/** As `idOf`, for several. */
export async function idsOf<Key = string>(
  names: readonly string[],
  input: string,
  labels: Labels | Promise<Labels>,
  as?: (id: string) => Key,
): Promise<Key[]> {
  const known = await labels;
  return names.map((name) => keyOf(idIn(known, name, input), as));
}

function keyOf<Key>(id: string, as: ((id: string) => Key) | undefined): Key {
  const key = as ? as(id) : (id as Key); // without `as` it is text
  if (Number.isNaN(key)) throw new ToolError("VENDOR_UNEXPECTED", "The vendor's id is not the number it should be.");
  return key;
}

function idIn(labels: Labels, label: string, input: string): string {
  const wanted = label.trim().toLowerCase();
  const named = new Set(labels.filter(([, name]) => name.toLowerCase() === wanted).map(([id]) => id));
  const [found, ...others] = named;
  if (found !== undefined && others.length === 0) return found;
  const known = labels.find(([id]) => id === label.trim());
  if (known) return known[0];
  if (found === undefined) {
    const message = `is none of the ${labels.length} names that the vendor has for it`;
    throw mismatch(
      "NO_MATCH",
      input,
      message,
      labels.map(([, name]) => name),
    );
  }
  throw mismatch("AMBIGUOUS", input, `is the name of ${named.size} entries: give the id`, [...named]);
}

function mismatch(code: "NO_MATCH" | "AMBIGUOUS", input: string, message: string, all: readonly string[]): ToolError {
  const candidates = all.slice(0, CANDIDATES).map((name) => quotable(name, MAX_NAME));
  return new ToolError(code, `${input} ${message}.`, { candidates, fields: [{ field: input, message }] });
}
