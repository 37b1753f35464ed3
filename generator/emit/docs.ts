import { stepsOf } from "../build/before.ts";
import { operationsOf } from "../build/choice.ts";
import type { AcrossModel } from "../model/across.ts";
import { titleOf } from "../model/openapi.ts";
import type { InputModel, InputType, ToolModel } from "../model/tool.ts";
import {
  type Budget,
  type CredentialModel,
  coreOf,
  extendedOf,
  type Template,
  type VendorModel,
} from "../model/vendor.ts";
import { printSignIn } from "./sign-in.ts";
import { render } from "./template.ts";

const START = "<!-- vendors:start -->";
const END = "<!-- vendors:end -->";

/** The page about one vendor: where to get keys, what they need, and each tool with its inputs. */
export function emitDocs(vendor: VendorModel, tokens: number, extendedTokens: number): string {
  const { credentials, limits } = vendor;
  return render("vendor", {
    title: markdown(vendor.title),
    slug: vendor.slug,
    homepage: vendor.homepage,
    notes: vendor.notes.map(markdown),
    hasNotes: vendor.notes.length > 0,
    help: credentials.help,
    rights: credentials.rights && markdown(credentials.rights),
    fields: credentials.fields.map((field) => ({
      title: markdown(field.title),
      kind: kindText(field),
      about: markdown(
        [field.about, field.default && `Default: ${field.default}.`, field.optional && "Optional."]
          .filter(Boolean)
          .join(" "),
      ),
    })),
    hosts: vendor.origins.flatMap((origin) => hostsOf(origin, vendor)),
    typesHost: credentials.fields.some(({ kind }) => kind === "host"),
    signsIn: printSignIn(vendor) !== undefined,
    limits: limitsText(limits),
    tokens: tokens.toLocaleString("en"),
    count: coreOf(vendor).length,
    tools: toolsText(coreOf(vendor)),
    extended: extendedText(extendedOf(vendor), extendedTokens),
  });
}

const extendedText = (tools: readonly ToolModel[], tokens: number) =>
  tools.length > 0 &&
  render("page-extended", {
    count: tools.length,
    tokens: tokens.toLocaleString("en"),
    tools: tools.map((tool) => ({
      name: tool.name,
      description: markdown(tool.description),
      access: accessText(tool) + (tool.cache ? `, ${keptText(tool.cache)}` : ""),
      inputs: tool.inputs
        .map(({ name, presence }) => (presence === "required" ? `**\`${name}\`**` : `\`${name}\``))
        .join(", "),
    })),
  });

/** The page about a set of tools across vendors. */
export function emitAcrossDocs(set: AcrossModel, tokens: number): string {
  const vendors = new Set(set.tools.flatMap(({ parts }) => parts.map(({ title }) => title)));
  return render("across-page", {
    title: markdown(set.title),
    tokens: tokens.toLocaleString("en"),
    count: set.tools.length,
    vendors: [...vendors].map(markdown).join(", "),
    tools: toolsText(set.tools),
  });
}

const toolsText = (tools: readonly ToolModel[]) =>
  render("page-tools", {
    tools: tools.map((tool) => ({
      name: tool.name,
      title: markdown(tool.title),
      description: markdown(tool.description),
      access: accessText(tool),
      inputs: tool.inputs.map((input) => ({
        name: input.name,
        type: typeText(input.type),
        presence: presenceText(input),
        about: markdown(input.about),
      })),
      asks: tool.confirm && asksText(tool),
      kept: tool.cache && keptText(tool.cache),
      hasInputs: tool.inputs.length > 0,
      examples: tool.examples.map(markdown),
      outputs: outputsOf(tool)
        .map((name) => `\`${name}\``)
        .join(", "),
      operations: operationsUsed(tool)
        .map((route) => `\`${route}\``)
        .join(", "),
    })),
  });

/** The README with its table of vendors brought up to date; undefined when it has no place for one. */
export function emitTable(
  readme: string | undefined,
  vendors: readonly VendorModel[],
  across: readonly AcrossModel[],
  docs: string,
): string | undefined {
  const start = readme?.indexOf(START) ?? -1;
  const end = readme?.indexOf(END) ?? -1;
  if (readme === undefined || start < 0 || end < start) return;
  const row = ({ slug, title, tools }: Pick<VendorModel, "slug" | "title" | "tools">, address: string) =>
    `| [${markdown(title)}](${docs}/${slug}.md) | \`${address}\` | ${countsText(tools)} |`;
  const rows = [
    ...vendors.toSorted(bySlug).map((vendor) => row(vendor, `/v1/${vendor.slug}`)),
    ...across.toSorted(bySlug).map((set) => row(set, "/mcp")),
  ];
  const table = ["| vendor | address | tools |", "|---|---|---|", ...rows].join("\n");
  return `${readme.slice(0, start + START.length)}\n${table}\n${readme.slice(end)}`;
}

const bySlug = (a: { slug: string }, b: { slug: string }) => (a.slug < b.slug ? -1 : 1);

/** `20: 13 read, 7 write`, and what can be switched on besides. */
function countsText(tools: readonly ToolModel[]): string {
  const words = { read: "read", write: "write", destroy: "destroy or run something", reveal: "reveal a secret" };
  const core = coreOf({ tools });
  const parts = Object.entries(words).flatMap(([access, word]) => {
    const count = core.filter((tool) => tool.access === access).length;
    return count > 0 ? [`${count} ${word}`] : [];
  });
  const more = tools.length - core.length;
  return `${core.length}: ${parts.join(", ")}${more > 0 ? `; ${more} extended` : ""}`;
}

/** Text that stays text. An underscore inside a word is none of Markdown's business. */
const markdown = (text: string) => text.replaceAll(/\s+/g, " ").replaceAll(/[|<\\`*[\]]|(?<!\w)_|_(?!\w)/g, "\\$&");

function outputsOf({ output }: ToolModel): string[] {
  return output.flatMap(({ name, shape }) => (shape.kind === "sends" ? ["done", "failed", "notTried"] : [name]));
}

function operationsUsed(tool: ToolModel): string[] {
  const routes = stepsOf(tool)
    .flatMap(({ choice }) => operationsOf(choice))
    .map(({ method, path }) => titleOf(method, path));
  return [...new Set(routes)];
}

function accessText({ access, idempotent }: ToolModel): string {
  const texts = { read: "reads", write: "writes", destroy: "destroys or runs something", reveal: "reveals a secret" };
  return texts[access] + (idempotent && (access === "write" || access === "destroy") ? ", may be repeated" : "");
}

const keptText = (cache: true | number) => (cache === true ? "may be some minutes old" : `may be ${cache} seconds old`);

function asksText({ confirm }: ToolModel): string {
  const inputs = [
    ...new Set(confirm!.when.flatMap(({ subject: { root } }) => (root.kind === "input" ? [root.name] : []))),
  ];
  const when = inputs.length > 0 ? `, depending on ${inputs.map((name) => `\`${name}\``).join(" and ")}` : "";
  return `A person is asked first${when}: ${markdown(confirm!.ask)}`;
}

function presenceText({ presence, default: value, secret }: InputModel): string {
  const text = presence === "default" ? `default ${JSON.stringify(value)}` : presence;
  return secret ? `${text}, secret` : text;
}

function typeText(type: InputType): string {
  switch (type.kind) {
    case "enum":
      return type.values.map((value) => `\`${value}\``).join(" ");
    case "integer":
    case "number":
      return type.max === Number.MAX_SAFE_INTEGER ? type.kind : `${type.kind} ${type.min}–${type.max}`;
    case "array":
      return `list of ${typeText(type.items)}`;
    case "string":
      return "text";
    case "datetime":
      return "date and time";
    case "object":
      return `{ ${type.fields.map(({ name }) => name).join(", ")} }`;
    case "map":
      return type.values === "string" ? "texts by name" : "values by name";
    default:
      return type.kind === "boolean" ? "yes or no" : type.kind;
  }
}

function kindText({ secret, kind, enum: choices, suggestions = [] }: CredentialModel): string {
  const values = (choices ?? suggestions).map(({ value }) => value).join(", ");
  if (kind === "host") return `host name${values && `, for example ${values}`}`;
  if (choices) return `one of ${values}`;
  return secret ? "secret" : "text";
}

function limitsText({ reads, writes, all, concurrency, concurrencyBy, by }: VendorModel["limits"]): string {
  const budget = (what: string, value: Budget | undefined) =>
    value ? [`${value.requests.toLocaleString("en")} ${what} in ${value.windowMs / 1000} seconds`] : [];
  const parts = [...budget("reads", reads), ...budget("writes", writes), ...budget("requests", all)];
  if (concurrency) parts.push(`${concurrency} at a time${concurrencyBy ? ` of each ${concurrencyBy}` : ""}`);
  const shared = by && parts.length > 0 ? `, for all connections to one ${by} together` : "";
  return parts.join(", ") + shared || "none known";
}

/** Every host that a choice can lead to, for firewalls. */
function hostsOf(origin: Template, { credentials }: VendorModel): string[] {
  let texts = [""];
  for (const part of origin) {
    const values = typeof part === "string" ? [part] : valuesOf(part, credentials);
    texts = texts.flatMap((text) => values.map((value) => text + value));
  }
  return [...new Set(texts)];
}

function valuesOf(part: Exclude<Template[number], string>, { fields, hosts }: VendorModel["credentials"]): string[] {
  if ("discovered" in part) return ["*"];
  const { credential, host, orItself } = part;
  const byValue = host ? hosts.find(({ field }) => field === credential)?.byValue : undefined;
  if (byValue) return [...Object.values(byValue), ...(orItself ? [`<${credential}>`] : [])];
  return fields.find(({ name }) => name === credential)?.enum?.map(({ value }) => value) ?? [`<${credential}>`];
}
