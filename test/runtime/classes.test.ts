import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { across, vendors } from "../../generated/index.ts";
import { looksSecret } from "../../generator/build/secrets.ts";
import { classOfName } from "../../runtime/data-class.ts";
import { DATA_CLASSES, DEFAULT_RULES, redactFor, type Tool } from "../../runtime/index.ts";

const tools = [...vendors, ...across].flatMap(({ slug, tools }) =>
  (tools as readonly Tool[]).map((tool) => ({ slug, tool })),
);
const secretsOf = new Map(
  parseAllDocuments(readFileSync("vendors.yaml", "utf8")).map((document) => {
    const { vendor, secrets = [] } = document.toJS() as { vendor: string; secrets?: string[] };
    return [vendor, secrets] as const;
  }),
);

/** Every path of an output schema with the type of what stands there. */
function pathsOf(schema: z.ZodType, before = ""): { path: string; name: string; type: z.ZodType }[] {
  if (schema instanceof z.ZodOptional) return pathsOf(schema.unwrap() as z.ZodType, before);
  if (schema instanceof z.ZodArray) return pathsOf(schema.element as z.ZodType, before);
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).flatMap(([name, field]) => {
    const path = before === "" ? name : `${before}.${name}`;
    return [{ path, name, type: field as z.ZodType }, ...pathsOf(field as z.ZodType, path)];
  });
}

describe("the outputs of all shipped tools", () => {
  it("hold no password, key, one-time code or other secret, but where revealing it is the tool's purpose (APR-06)", () => {
    const secret = tools.flatMap(({ slug, tool }) =>
      pathsOf(tool.output)
        .filter(({ name }) => looksSecret(name, secretsOf.get(slug) ?? []))
        .filter(
          ({ path, type }) => !isFigure(type) && !(tool.access === "reveal" && tool.classes?.secret?.includes(path)),
        )
        .map(({ path }) => `${tool.name} ${path}`),
    );
    expect(secret).toEqual([]);
    expect(tools.filter(({ tool }) => tool.access === "reveal" && !tool.classes?.secret?.length)).toEqual([]);
  });

  it("hide proxy settings until an organisation allows secrets to be revealed (APR-06)", () => {
    const proxied = tools.filter(({ tool }) => pathsOf(tool.output).some(({ name }) => /proxy/i.test(name)));
    expect(proxied.length).toBeGreaterThan(0);
    for (const { tool } of proxied) {
      const paths = pathsOf(tool.output).filter(({ name }) => /proxy/i.test(name));
      for (const { path } of paths) expect(tool.classes?.secret, tool.name).toContain(path);
      const { value } = redactFor(DEFAULT_RULES, tool, { proxy: { host: "proxy.acme.example", port: 3128 } });
      expect(value).toEqual({});
    }
  });

  it("carry the class that their names say, and classes only of what is there (TEN-12)", () => {
    for (const { tool } of tools) {
      const paths = new Set(pathsOf(tool.output).map(({ path }) => path));
      const classed = DATA_CLASSES.flatMap((each) => tool.classes?.[each] ?? []);
      for (const path of classed) expect(paths.has(path) || /\.by\.\w+$/.test(path), `${tool.name} ${path}`).toBe(true);
      const plain = pathsOf(tool.output).filter(({ name }) =>
        /^(?:e?mail|email|emails|mobile|firstName|lastName|lastUser)$/i.test(name),
      );
      for (const { path, type } of plain) if (!isFigure(type)) expect(classed, tool.name).toContain(path);
    }
  });
});

/** A yes or a number. */
function isFigure(type: z.ZodType): boolean {
  if (type instanceof z.ZodOptional) return isFigure(type.unwrap() as z.ZodType);
  return type instanceof z.ZodBoolean || type instanceof z.ZodNumber || type instanceof z.ZodArray;
}

describe("the class that a name says", () => {
  it.each([
    ["email", "", "personal"],
    ["contactEmails", "", "personal"],
    ["first_name", "", "personal"],
    ["LastLoggedInUser", "", "personal"],
    ["dateOfBirth", "", "personal"],
    ["home-address", "", "personal"],
    ["name", "contacts", "personal"],
    ["name", "devices", undefined],
    ["address", "", "personal"],
    ["macAddress", "", undefined],
    ["ipAddress", "", undefined],
    ["emailSent", "", undefined],
    ["contactId", "", undefined],
    ["userId", "", undefined],
    ["total", "invoice", "financial"],
    ["total", "devices", undefined],
    ["unitPrice", "", "financial"],
    ["iban", "", "financial"],
    ["diagnosis", "", "health"],
    ["x".repeat(100), "", undefined],
  ])("%s below %j is %s (TEN-12)", (name, parent, expected) => expect(classOfName(name, parent)).toBe(expected));
});
