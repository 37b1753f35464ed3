import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import {
  buildSchema,
  type GraphQLOutputType,
  getNullableType,
  graphql,
  isEnumType,
  isListType,
  isScalarType,
} from "graphql";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { callTool, createLimiter, memoryTokens, newCall, type Tool } from "../../runtime/index.ts";
import type { Exchange } from "../fakes/fake.ts";
import { demoKeys, type VendorSlug } from "../fakes/keys.ts";
import { useFakes } from "../fakes/use.ts";
import { checkRequests, resolve } from "../fakes/validate.ts";
import { vendorOf } from "./vendor.ts";

useFakes(); // for signing in; the operations themselves are answered here
const sets = parseAllDocuments(readFileSync("vendors.yaml", "utf8"), { merge: true }).flatMap((document) => {
  const { vendor, extended = {} } = document.toJS() as {
    vendor?: VendorSlug;
    extended?: Record<string, string | { do: string }>;
  };
  return vendor ? [{ slug: vendor, lines: Object.entries(extended) }] : [];
});

/** Each is called with every input it has; the request is held against the vendor's document, and a made-up answer read. */
describe.each(sets)("the extended tools of $slug", ({ slug, lines }) => {
  const vendor = vendorOf(slug);
  const check = checkRequests(slug);
  const answerOf = answers(slug);

  it.each(lines.map(([key, line]) => [key, typeof line === "string" ? line : line.do] as const))(
    "%s asks for %s as documented, and answers what its schema says (VEN-22)",
    async (key, title) => {
      const name = `${vendor.prefix}_${key}`;
      const tool = vendor.tools.find((each) => each.name === name) as Tool;
      const { input, output } = vendor.schemas[name]!;
      expect(tool.extended).toBe(true);
      const asked: Exchange[] = [];
      const parsed = vendor.credentials.parse({ ...demoKeys[slug] });
      if (!parsed.ok) throw new Error("the demo's keys do not parse");
      const client = vendor.connect(parsed.value, {
        limiter: createLimiter(vendor.limits),
        tokens: memoryTokens(),
        async fetch(address: Parameters<typeof fetch>[0], init?: RequestInit) {
          const exchange = await exchangeOf(slug, title, new Request(address, init));
          if (!exchange) return globalThis.fetch(address, init);
          asked.push(exchange);
          exchange.violations = check(exchange);
          return await answerOf(title, exchange);
        },
      });
      const args = sample(input as Shape, input as Shape);
      const result = await callTool(tool, { args, client, call: newCall({}) });
      expect(asked.flatMap(({ violations }) => violations)).toEqual([]);
      if (!result.ok) throw new Error(`${name}: ${result.error.code} ${result.error.message}`, { cause: result.error });
      expect(asked.length).toBeGreaterThanOrEqual(1);
      const validate = new Ajv2020.default({ strict: false }).compile(output);
      expect(validate(result.value), JSON.stringify(validate.errors)).toBe(true);
      const [answer] = Object.values(result.value as object);
      expect(answer === true || Object.keys([answer].flat()[0] ?? {}).length > 0, JSON.stringify(result.value)).toBe(
        true,
      );
    },
  );
});

it("never names what holds secrets, payments or the account's own keys", () => {
  const all = sets.flatMap(({ lines }) => lines.map(([, line]) => (typeof line === "string" ? line : line.do)));
  expect(all.length).toBeGreaterThan(100);
  for (const title of all) {
    expect(title).not.toMatch(
      /password|payment|credential|resetApiKeys|otp|webhook|callback|certificate|portal_users/i,
    );
    expect(title).not.toMatch(
      /^POST \/(Report|CustomQuery)|hardDelete|Technician\(?$|\/members|\/Users$.*POST|APIToken/,
    );
  }
});

/** The request as a fake would see it, when it is for this operation. */
async function exchangeOf(vendor: string, title: string, request: Request): Promise<Exchange | undefined> {
  const url = new URL(request.url);
  const body = await request.clone().text();
  const [method = "", template = ""] = title.split(" ");
  const pattern = new RegExp(`${template.replaceAll(/[.]/g, "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`);
  const isGraphql = method === "query" || method === "mutation";
  const isIt = isGraphql ? body.includes(`"query"`) : request.method === method && pattern.test(url.pathname);
  if (!isIt) return undefined;
  const { headers } = request;
  return { vendor, method, template, outside: false, url, headers, body, aborted: false, violations: [] };
}

interface Shape {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly oneOf?: readonly Shape[];
  readonly anyOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
}

const GUID = "2a1c9c2e-5c3b-4a5e-9d55-0a4a3f0b6d10";

/** A value of this schema: every property, one item of each list, and no further page. */
function sample(schema: Shape, document: object, depth = 0): unknown {
  const shape = resolve(document as never, schema);
  if (shape.const !== undefined) return shape.const;
  if (shape.enum?.length) return shape.enum[0];
  const choice = (shape.oneOf ?? shape.anyOf)?.find((each) => each.type !== "null");
  if (choice) return sample(choice, document, depth);
  if (shape.allOf) return Object.assign({}, ...shape.allOf.map((each) => sample(each, document, depth)));
  const type = [shape.type].flat().find((each) => each !== "null") ?? (shape.properties ? "object" : undefined);
  switch (type) {
    case "integer":
    case "number":
      return Math.max(shape.minimum ?? 1, 1);
    case "boolean":
      return true;
    case "array":
      return depth > 6 ? [] : [sample(shape.items ?? {}, document, depth + 1)];
    case "object":
      return depth > 6
        ? {}
        : Object.fromEntries(
            Object.entries(shape.properties ?? {})
              .filter(([name]) => !/next|prev|cursor/i.test(name))
              .map(([name, inner]) => [name, /guid$/i.test(name) ? GUID : sample(inner, document, depth + 1)]),
          );
    default:
      if (shape.format === "date") return "2026-11-01";
      if (shape.format === "date-time") return "2026-11-01T10:00:00Z";
      return shape.format === "uuid" ? GUID : "1";
  }
}

/** Answers made up from the extract, which describes those of every operation in use. */
function answers(slug: VendorSlug): (title: string, exchange: Exchange) => Promise<Response> {
  if (slug === "superops") {
    const schema = buildSchema(readFileSync("specs/superops.graphql", "utf8"));
    return async (_title, { body }) => {
      const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
      const fieldResolver = (
        _source: unknown,
        _args: unknown,
        _context: unknown,
        info: { returnType: GraphQLOutputType },
      ) => madeUp(info.returnType);
      return Response.json(await graphql({ schema, source: query, variableValues: variables, fieldResolver }));
    };
  }
  const path = slug === "itglue" ? "specs/itglue.yaml" : `specs/${slug}.json`;
  const document = parse(readFileSync(path, "utf8")) as { paths: Record<string, Record<string, unknown>> };
  return async (title) => {
    const [method = "", template = ""] = title.split(" ");
    const { responses } = document.paths[template]![method.toLowerCase()] as {
      responses: Record<string, { content?: Record<string, { schema: Shape }> }>;
    };
    const [status, response] = Object.entries(responses).find(([code, { content }]) => /^2/.test(code) && content) ?? [
      "204",
    ];
    const [media, content] = Object.entries(response?.content ?? {})[0] ?? [];
    if (!content) return new Response(null, { status: 204 });
    const body = JSON.stringify(sample(content.schema, document));
    return new Response(body, { status: Number(status), headers: { "content-type": media ?? "application/json" } });
  };
}

function madeUp(given: GraphQLOutputType): unknown {
  const type = getNullableType(given);
  if (isListType(type)) return [madeUp(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]!.value;
  if (!isScalarType(type)) return {};
  return { Int: 1, Float: 1, Boolean: false }[type.name] ?? "1";
}
