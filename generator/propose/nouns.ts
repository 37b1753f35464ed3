import { camel, singular, words } from "../model/names.ts";

/** Words of a path that say what is done, not what it is done to. */
const VERBS = new Set("get list search find fetch query all show read index lookup retrieve".split(" "));

/** `customer_orders.json` as the words of one of them: customer, order. */
export function nounOf(segment: string): string[] {
  const plain = words(segment.replace(/\.(json|xml)$/i, "")).filter((word) => /^[a-z]/.test(word));
  const named = plain.filter((word) => !VERBS.has(word));
  const noun = named.length > 0 ? named : plain;
  return noun.length === 0 ? ["item"] : [...noun.slice(0, -1), singular(noun.at(-1)!)];
}

export const pluralOf = (noun: readonly string[]): string[] => [...noun.slice(0, -1), plural(noun.at(-1)!)];

function plural(word: string): string {
  if (/(s|x|z|ch|sh)$/.test(word)) return `${word}es`;
  return /[^aeiou]y$/.test(word) ? word.replace(/y$/, "ies") : `${word}s`;
}

export const camelOf = (noun: readonly string[]) => camel(noun.join(" "));

/** `purchase order`, `Purchase order`. */
export const textOf = (noun: readonly string[]) => noun.join(" ");
export const sentenceOf = (noun: readonly string[]) => capital(textOf(noun));
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** The name of a field or parameter as one of ours, or nothing when no such name can be made of it. */
export function nameFor(name: string): string | undefined {
  const [first = "", ...rest] = words(name);
  const made = [first, ...rest.map(capital)].join("");
  return /^[a-z][a-zA-Z0-9]*$/.test(made) ? made : undefined;
}

const areas: Readonly<Record<string, string>> = {
  tickets: "ticket incident case issue",
  companies: "company customer client organization organisation account site",
  contacts: "contact user person member employee",
  devices: "device asset computer agent machine server endpoint host",
  alerts: "alert alarm event",
  patches: "patch update",
  scripts: "script",
  software: "software application package",
  documentation: "document documentation page",
  passwords: "password",
  time: "timesheet time",
  billing: "invoice payment bill subscription charge order",
  contracts: "contract agreement",
  projects: "project task",
  scheduling: "appointment schedule booking",
  knowledge: "article",
  network: "network interface subnet",
};

/** How much sooner than others people ask for things of its area: tickets first. */
export function urgencyOf(noun: readonly string[]): number {
  const place = Object.keys(areas).indexOf(areaOf(noun) ?? "");
  return place < 0 ? 0 : 3 - (2 * place) / Object.keys(areas).length;
}

/** The area of work that a noun belongs to, if it is one of those that tools are sorted by. */
export function areaOf(noun: readonly string[]): string | undefined {
  const last = noun.at(-1) ?? "";
  return Object.keys(areas).find((area) => areas[area]!.split(" ").includes(last));
}
