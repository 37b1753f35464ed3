import { arrayOf, type JsonObject, objectOf } from "../model/json.ts";
import type { CredentialYaml } from "../read/schema.ts";
import { nameFor } from "./nouns.ts";

export interface Address {
  readonly baseUrl: string;
  /** Parts of the address that a person enters. */
  readonly credentials: Readonly<Record<string, CredentialYaml>>;
  readonly reviews: readonly string[];
}

const NOWHERE = "https://api.example.com";

/** The address before all paths, from the servers of the description; `from` is where the description was downloaded. */
export function addressOf(document: JsonObject, from: string | undefined): Address {
  const servers = arrayOf(document.servers)
    .map(objectOf)
    .filter(({ url }) => typeof url === "string" && url !== "");
  const server = servers.find(({ url }) => /^https:/i.test(String(url))) ?? servers[0];
  const reviews: string[] = [];
  const credentials: Record<string, CredentialYaml> = {};
  const others = servers.filter((each) => each !== server).map(({ url }) => safe(String(url)));
  if (others.length > 0) reviews.push(`the description also names ${others.slice(0, 4).join(", ")}`);
  const text = absolute(String(server?.url ?? ""), from, reviews)
    .replaceAll(/\{([^}]*)\}/g, (_, name: string) =>
      variable(name, objectOf(objectOf(server?.variables)[name]), credentials, reviews),
    )
    .replace(/[?#].*$/, "")
    .replace(/\/+$/, "");
  if (isAddress(text)) return { baseUrl: text, credentials, reviews };
  return {
    baseUrl: NOWHERE,
    credentials: {},
    reviews: [`${safe(text) || "nothing"} is no address; where is the API?`],
  };
}

function absolute(url: string, from: string | undefined, reviews: string[]): string {
  const trimmed = url.trim();
  if (/^https:\/\//i.test(trimmed)) return trimmed.replace(/^https/i, "https");
  if (/^http:\/\//i.test(trimmed)) {
    reviews.push("the description says http, and keys only travel over https");
    return trimmed.replace(/^http/i, "https");
  }
  if (/^\/\//.test(trimmed)) return `https:${trimmed}`;
  if (/^[a-z][a-z0-9+.-]*:/i.test(trimmed)) return trimmed;
  reviews.push(`the description only says "${safe(trimmed)}"; where is the API?`);
  const path = trimmed.replace(/^\/*/, "/");
  return `${from ? new URL(from).origin : NOWHERE}${path}`;
}

/** A server variable: chosen by the person, or the text that it stands for. */
function variable(
  name: string,
  described: JsonObject,
  credentials: Record<string, CredentialYaml>,
  reviews: string[],
): string {
  const field = nameFor(name) ?? "server";
  const values = arrayOf(described.enum).filter((value) => typeof value === "string" && value !== "") as string[];
  const fallback = typeof described.default === "string" ? described.default : undefined;
  if (values.length === 1 || (values.length === 0 && fallback !== undefined && !/^[a-z0-9-]+$/i.test(fallback))) {
    reviews.push(`${safe(name)} is taken to be ${safe(values[0] ?? fallback!)}`);
    return values[0] ?? fallback!;
  }
  if (values.length > 1 && values.every((value) => /^[\w.-]+$/.test(value))) {
    credentials[field] = { title: titleOf(name), enum: values, ...(fallback !== undefined && values.includes(fallback) && { default: fallback }) }; // biome-ignore format: one thought
  } else {
    reviews.push(`${safe(name)} is asked of each person`);
    credentials[field] = { title: titleOf(name), pattern: "^[a-zA-Z0-9-]+$", ...(fallback && { default: fallback }) };
  }
  return `{${field}}`;
}

export const titleOf = (name: string) => {
  const words = safe(name)
    .replaceAll(/[^A-Za-z0-9]+/g, " ")
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .trim()
    .toLowerCase();
  return (words.charAt(0).toUpperCase() + words.slice(1)).slice(0, 60) || "Value";
};

/** Foreign text for a remark: one line of plain characters. */
export const safe = (text: string) =>
  text
    .replaceAll(/[^\x20-\x7E]+/g, " ")
    .trim()
    .slice(0, 120);

function isAddress(text: string): boolean {
  const plain = text.replaceAll(/\{\w+\}/g, "x");
  return URL.canParse(plain) && /^https:\/\/[\w.-]+(:\d+)?(\/[\w.~%!$&'()*+,;=:@/-]*)?$/.test(plain);
}
