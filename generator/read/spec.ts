import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { upgradeFromTwoToThree } from "@scalar/openapi-upgrader/2.0-to-3.0";
import { LineCounter, parseDocument } from "yaml";
import { distil } from "../intake/distil.ts";
import { lintSdl } from "../intake/graphql.ts";
import { isObject, type Json, type JsonObject } from "../model/json.ts";
import type { OpenApi } from "../model/openapi.ts";
import type { Problem } from "../model/problem.ts";
import { isSdl, type Sdl } from "../model/sdl.ts";
import { isSdlName, parseSdl } from "./graphql.ts";
import { openApiOf } from "./graphql-shape.ts";

/** Larger than any known description, small enough to read into memory. */
const MAX_BYTES = 128 * 1024 * 1024;

export interface Spec {
  /** Undefined when the problems leave nothing to work with. */
  readonly document?: OpenApi;
  readonly problems: readonly Problem[];
}

/** Reads a description from `specs/`, ours or an extract, in the form that the generator works on. `name` is for problems. */
export function readSpec(file: string, name = file): Spec {
  try {
    const bytes = readFileSync(file);
    const { document, problems } = parseSpec(bytes, name);
    if (!document) return { problems };
    if (isSdl(document)) return readSdl(document as unknown as Sdl, textOf(bytes) ?? "", name);
    const distilled = distil(document, { name, wording: true });
    return { document: distilled.document, problems: [...problems, ...distilled.problems] };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "EISDIR" && code !== "EACCES") throw error;
    return { problems: [{ where: name, message: `cannot be read (${code})` }] };
  }
}

/** Valid before anything is built on it, so that a document which does not fit is the document's fault. */
function readSdl(sdl: Sdl, text: string, name: string): Spec {
  const problems = lintSdl(text, name);
  return problems.length > 0 ? { problems } : { document: openApiOf(sdl, text), problems };
}

interface Document {
  readonly document?: JsonObject;
  readonly problems: readonly Problem[];
}

/**
 * Bytes of JSON or YAML, gzipped or not, as an OpenAPI 3 document; Swagger 2.0 is lifted to 3.0, and SDL, known by its file's
 * name, becomes the data of `model/sdl.ts`. Nothing is fetched.
 */
export function parseSpec(bytes: Uint8Array, name: string): Document {
  if (isSdlName(name)) return parseSdl(textOf(bytes) ?? "", name);
  const { document, problems } = parseObject(bytes, name);
  if (!document) return { problems };
  const problem = (message: string, hint: string) => ({ problems: [{ where: name, message, hint }] });
  const { openapi, swagger } = document;
  if (swagger === "2.0" || swagger === 2)
    return isObject(document.paths) ? lift(document, name) : problem("expected an object called paths", "is it whole?");
  if (typeof openapi !== "string" || !/^3\.[0-2](\.|$)/.test(openapi)) {
    return problem("expected openapi: 3.x or swagger: 2.0", `found ${JSON.stringify(openapi ?? swagger) ?? "neither"}`);
  }
  return isObject(document.paths)
    ? { document, problems: [] }
    : problem("expected an object called paths", "is it whole?");
}

/** An overlay is YAML like a description; its actions are checked when they are applied. */
export const parseOverlay = (bytes: Uint8Array, name: string): Document => parseObject(bytes, name);

function parseObject(bytes: Uint8Array, name: string): Document {
  const text = textOf(bytes);
  if (text === undefined)
    return {
      problems: [{ where: name, message: "is not readable as gzip or UTF-8 text", hint: `at most ${MAX_BYTES} bytes` }],
    };
  const parsed = /^\s*[{[]/.test(text) ? parseJson(text) : parseYaml(text);
  if ("problems" in parsed) {
    return {
      problems: parsed.problems.map(({ at, message, hint }) => ({ where: name + at, message, ...(hint && { hint }) })),
    };
  }
  if (isDeeperThan(parsed.value, DEEPEST))
    return {
      problems: [{ where: name, message: `is nested deeper than ${DEEPEST} levels`, hint: "is it a description?" }],
    };
  if (isObject(parsed.value)) return { document: parsed.value, problems: [] };
  return { problems: [{ where: name, message: "expected an object at its root" }] };
}

/** Far deeper than any description, and shallow enough for all that walks one. */
const DEEPEST = 300;

/** Level by level, not by recursion: what is too deep for that is what is looked for. Shared parts are seen once. */
function isDeeperThan(value: Json, most: number): boolean {
  const seen = new Set<object>();
  let level: object[] = [value].filter((each) => typeof each === "object" && each !== null) as object[];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most) return true;
    const next: object[] = [];
    for (const each of level)
      for (const inner of Object.values(each) as unknown[])
        if (typeof inner === "object" && inner !== null && !seen.has(inner)) {
          seen.add(inner);
          next.push(inner);
        }
    level = next;
  }
  return false;
}

/** What is in the file, gzipped or not. */
export const unpacked = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: MAX_BYTES }) : bytes;

function textOf(bytes: Uint8Array): string | undefined {
  try {
    const plain = unpacked(bytes);
    return plain.length > MAX_BYTES ? undefined : new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch {
    return undefined;
  }
}

type Parsed = { value: Json } | { problems: { at: string; message: string; hint?: string }[] };

function parseJson(text: string): Parsed {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const message = (error as Error).message;
    const position = /position (\d+)/.exec(message)?.[1];
    const offset = position === undefined ? text.length : Number(position);
    const before = text.slice(0, offset);
    const at = `:${before.split("\n").length}:${offset - before.lastIndexOf("\n")}`;
    const ended = offset >= text.trimEnd().length;
    return {
      problems: [
        ended
          ? { at, message: "the JSON ends too early", hint: "a truncated download?" }
          : { at, message: "is not JSON" },
      ],
    };
  }
}

function parseYaml(text: string): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: "silent", prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.slice(0, 20).map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      const tab = error.code === "TAB_AS_INDENT";
      return { at: `:${line}:${col}`, message: tab ? "YAML is not indented by tabs" : `is not YAML: ${error.message}` };
    });
    return { problems };
  }
  try {
    return { value: document.toJS({ maxAliasCount: 1000 }) as Json };
  } catch {
    return { problems: [{ at: "", message: "YAML aliases repeat too much", hint: "write the repeated parts out" }] };
  }
}

/** To 3.0, not 3.1: that step rewrites properties that are called `example`. */
function lift(document: JsonObject, name: string): Document {
  try {
    return { document: upgradeFromTwoToThree(structuredClone(document)) as unknown as JsonObject, problems: [] };
  } catch (error) {
    const message = `Swagger 2.0 could not be lifted to OpenAPI 3.0: ${(error as Error).message}`;
    return {
      problems: [{ where: name, message, hint: "mend the place in a copy, or by overlay after lifting it elsewhere" }],
    };
  }
}
