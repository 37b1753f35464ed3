import { buildASTSchema, GraphQLError, parse, validateSchema } from "graphql";
import { validateSDL } from "graphql/validation/validate.js";
import type { JsonObject } from "../model/json.ts";
import type { Problem } from "../model/problem.ts";
import {
  argsOf,
  namedType,
  ROOTS,
  type Root,
  roots,
  type Sdl,
  type SdlField,
  type SdlType,
  titleOfField,
  typeTextOf,
} from "../model/sdl.ts";
import { openApiOf } from "../read/graphql-shape.ts";
import type { Intake, IntakeResult } from "./intake.ts";
import { applyOverlay } from "./overlay.ts";

type SdlIntake = Omit<Intake, "document"> & { readonly sdl: Sdl };

/** From a vendor's SDL to our extract: corrected by overlay, cut to the operations in use and what they reach, checked. */
export function takeInSdl({ name, sdl, overlay, operations, names }: SdlIntake): IntakeResult {
  const overlaid = overlay && applyOverlay(sdl as unknown as JsonObject, overlay.document, overlay.name);
  const corrected = (overlaid?.document ?? sdl) as unknown as Sdl;
  const isNamed = overlay?.document["x-keep"] === "named" ? names : undefined;
  const extract = operations ? pruneSdl(corrected, new Set(operations), isNamed) : corrected;
  const text = sdlText(extract);
  const missing = (operations ?? [])
    .filter((each) => !hasOperation(corrected, each))
    .map((each) => ({ where: name, message: `has no operation ${each}` }));
  return {
    document: openApiOf(extract, text),
    problems: [...(overlaid?.problems ?? []), ...missing, ...lintSdl(text, name)],
    overlayUsed: overlaid?.used ?? [],
    notes: new Map(),
  };
}

function hasOperation({ types }: Sdl, title: string): boolean {
  return roots.some((root) => fieldsOf(types[root]).some(([name]) => titleOfField(root, name) === title));
}

const fieldsOf = (type: SdlType | undefined): [string, SdlField][] =>
  type && "fields" in type ? Object.entries(type.fields) : [];

/** The operations, and the types that they reach; of what they answer the fields in use, when these are known. */
function pruneSdl(sdl: Sdl, wanted: ReadonlySet<string>, names?: ReadonlySet<string>): Sdl {
  const kept = new Map<string, SdlType>();
  const reach = (field: SdlField): void => {
    for (const [, argument] of argsOf(field)) reach(argument);
    const name = namedType(typeTextOf(field));
    if (!Object.hasOwn(sdl.types, name) || kept.has(name)) return;
    const type = named(sdl.types[name]!, names);
    kept.set(name, type);
    for (const [, inner] of fieldsOf(type)) reach(inner);
    for (const other of type.kind === "union" ? type.members : "implements" in type ? (type.implements ?? []) : [])
      reach(other);
  };
  const rooted = roots.flatMap((root): [Root, SdlType][] => {
    const fields = fieldsOf(sdl.types[root]).filter(([name]) => wanted.has(titleOfField(root, name)));
    for (const [, field] of fields) reach(field);
    return fields.length > 0 ? [[root, { kind: "type", fields: Object.fromEntries(fields) }]] : [];
  });
  const types = [...kept].sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...sdl, types: Object.fromEntries([...rooted, ...types]) };
}

function named(type: SdlType, names: ReadonlySet<string> | undefined): SdlType {
  if (!names || (type.kind !== "type" && type.kind !== "interface")) return type;
  const fields = Object.entries(type.fields);
  const used = fields.filter(([name]) => names.has(name));
  return { ...type, fields: Object.fromEntries(used.length > 0 ? used : fields.slice(0, 1)) }; // a type has fields
}

/** SDL as people write it. */
function sdlText({ title, types }: Sdl): string {
  const blocks = Object.entries(types).map(([name, type]) => {
    switch (type.kind) {
      case "scalar":
        return `scalar ${name}`;
      case "union":
        return `union ${name} = ${type.members.join(" | ")}`;
      case "enum":
        return `enum ${name} {\n${type.values.map((value) => `  ${value}\n`).join("")}}`;
      default: {
        const parents = type.implements ? ` implements ${type.implements.join(" & ")}` : "";
        const fields = Object.entries(type.fields).map(([field, own]) => `  ${fieldText(field, own)}\n`);
        return `${type.kind} ${name}${parents} {\n${fields.join("")}}`;
      }
    }
  });
  return `# ${title}\n\n${blocks.join("\n\n")}\n`;
}

function fieldText(name: string, field: SdlField): string {
  const args = argsOf(field).map(([arg, own]) => fieldText(arg, own));
  const otherwise = typeof field === "object" && field.default !== undefined ? ` = ${field.default}` : "";
  return `${name}${args.length > 0 ? `(${args.join(", ")})` : ""}: ${typeTextOf(field)}${otherwise}`;
}

/** What graphql-js has against it, line by line. */
export function lintSdl(text: string, name: string): Problem[] {
  try {
    const document = parse(text);
    const errors = validateSDL(document);
    if (errors.length > 0) return problemsOf(errors, name);
    return problemsOf(validateSchema(buildASTSchema(document, { assumeValidSDL: true })), name);
  } catch (error) {
    if (error instanceof GraphQLError) return problemsOf([error], name);
    throw error;
  }
}

const problemsOf = (errors: readonly GraphQLError[], name: string): Problem[] =>
  errors.map(({ message, locations }) => {
    const [at] = locations ?? [];
    return { where: at ? `${name}:${at.line}:${at.column}` : name, message: message.replace(/\.$/, "") };
  });

/** How many fields of Query and Mutation there are. */
export const countOperations = ({ types }: Sdl): number =>
  Object.keys(ROOTS).reduce((sum, root) => sum + fieldsOf(types[root]).length, 0);
