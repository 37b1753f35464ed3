import { hidesCharacters, type JsonSchema, quotable, stripInvisible, type Tool } from "../../runtime/index.ts";
import type { BoundConnection } from "./bind.ts";

/** What a person reads before saying yes. Made here, of what was really asked: a model writes none of it but the values. */
export interface Preview {
  readonly tool: string;
  readonly title: string;
  readonly vendor: string;
  /** What the tool itself wants a person to consider. */
  readonly ask?: string;
  readonly connections: readonly string[];
  readonly customers: readonly string[];
  readonly changes: readonly Change[];
  /** What it is about, as the vendor names it. */
  readonly about?: readonly { readonly label: string; readonly value: string }[];
  /** A read of how it is now was tried and came to nothing. */
  readonly beforeMissing?: boolean;
  /** The same call ran before. */
  readonly earlier?: { readonly id: string; readonly at: number; readonly outcome: string };
  /** Why an earlier request for the same no longer counts. */
  readonly outdated?: string;
}

export interface Change {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  /** How it is now. */
  readonly before?: string;
  readonly about?: string;
}

export interface PreviewParts {
  readonly tool: Pick<Tool, "name" | "title" | "confirm" | "secrets" | "access">;
  readonly vendor: string;
  readonly inputSchema: JsonSchema;
  readonly input: Readonly<Record<string, unknown>>;
  readonly connections: readonly BoundConnection[];
  readonly customers: readonly string[];
  /** The present values, by the names of the arguments that would change them; other names tell what it is about. */
  readonly before?: Readonly<Record<string, unknown>> | "failed" | undefined;
}

export function previewOf(parts: PreviewParts): Preview {
  const { tool, vendor, inputSchema, input, connections, customers, before } = parts;
  const properties = Object(inputSchema["properties"]) as Record<string, JsonSchema>;
  const now = before === "failed" ? undefined : before;
  const changes = Object.entries(input)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]): Change => {
      const { title, description } = Object(properties[name]) as { title?: unknown; description?: unknown };
      const isSecret = tool.secrets?.includes(name) === true;
      return {
        name,
        label: typeof title === "string" ? title : words(name),
        value: isSecret ? HIDDEN : asText(value),
        ...(now && Object.hasOwn(now, name) && { before: isSecret ? HIDDEN : asText(now[name]) }),
        ...(typeof description === "string" && forPeople(description)),
      };
    });
  const about = Object.entries(now ?? {})
    .filter(([name, value]) => !Object.hasOwn(properties, name) && value !== undefined && value !== null)
    .map(([name, value]) => ({ label: words(name), value: asText(value) }));
  return {
    tool: tool.name,
    title: tool.title,
    vendor,
    ...(tool.confirm && asksAbout(tool, input) && { ask: filled(tool.confirm.ask, changes) }),
    connections: connections.map(({ label }) => quotable(label, 80)),
    customers: customers.map((name) => quotable(name, 80)),
    changes,
    ...(about.length > 0 && { about }),
    ...(before === "failed" && { beforeMissing: true }),
  };
}

/** Which tool has a value is told to models; people are told the rest. */
function forPeople(description: string): { about?: string } {
  const about = description
    .split(/(?<=\.)\s+/)
    .filter((sentence) => !/\b[a-z0-9]+(_[a-z0-9]+)+\b/.test(sentence))
    .join(" ");
  return about === "" ? {} : { about };
}

/** Whether the tool itself has a question for a person about these arguments. */
export const asksAbout = ({ confirm }: Pick<Tool, "confirm">, input: Readonly<Record<string, unknown>>): boolean =>
  confirm !== undefined && (confirm.when === undefined || confirm.when(input) === true);

export const HIDDEN = "(hidden)";
const MOST_LINES = 20;
const LONGEST_LINE = 160;

/** The same in few words, for the answer that a model reads: of its own values, nothing that the vendor said. */
export function shortPreview({ tool, title, ask, connections, customers, changes, earlier, outdated }: Preview) {
  const lines = changes.slice(0, MOST_LINES).map(({ label, value }) => quotable(`${label}: ${value}`, LONGEST_LINE));
  return {
    tool,
    title,
    ...(ask && { asks: ask }),
    ...(connections.length > 0 && { connection: connections.join(", ") }),
    ...(customers.length > 0 && { customer: customers.join(", ") }),
    changes: changes.length > MOST_LINES ? [...lines, `and ${changes.length - MOST_LINES} more`] : lines,
    ...(earlier && { earlier: `This very call ran at ${new Date(earlier.at).toISOString()}: ${earlier.outcome}.` }),
    ...(outdated && { outdated }),
  };
}

/** `{name}` in a tool's question is the argument. */
const filled = (ask: string, changes: readonly Change[]) =>
  ask.replace(/\{(\w+)\}/g, (_, name: string) =>
    quotable(changes.find((change) => change.name === name)?.value ?? "", 120),
  );

/** `closeAlert` and `close_alert` as people write them. */
function words(name: string): string {
  const spaced = name
    .replaceAll("_", " ")
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export function asText(value: unknown): string {
  if (typeof value === "string") return value === "" ? "(empty)" : withNothingHidden(value);
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (value === null || value === undefined) return "(nothing)";
  if (Array.isArray(value) && value.every((one) => typeof one !== "object"))
    return value.length === 0 ? "(none)" : value.map(asText).join(", ");
  return typeof value === "object" ? withNothingHidden(JSON.stringify(value, null, 2)) : String(value);
}

/**
 * What a person says yes to is sent as it is, so what they cannot see in it is not left out but named: a script with a hidden
 * line is another script than the one they read.
 */
function withNothingHidden(text: string): string {
  if (!hidesCharacters(text)) return stripInvisible(text);
  const signs = Array.from(text, (sign) => (hidesCharacters(sign) ? `⟨U+${hex(sign)}⟩` : stripInvisible(sign)));
  return `(with hidden characters) ${signs.join("")}`;
}

const hex = (sign: string) => sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
