import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Context } from "../../generator/build/context.ts";
import { buildDocuments } from "../../generator/build/documents.ts";
import { takeIn } from "../../generator/intake/intake.ts";
import { mappedOperations, namedIn } from "../../generator/intake/mapped.ts";
import { extractText, intakeReport, sizeOfOriginal } from "../../generator/intake/report.ts";
import { operationsIn } from "../../generator/model/openapi.ts";
import type { OperationModel } from "../../generator/model/operation.ts";
import { problemText } from "../../generator/model/problem.ts";
import { parseOverlay, parseSpec, readSpec } from "../../generator/read/spec.ts";

const sdl = `# Acme Notes API
"""Prose that stays behind."""
type Query { notes(input: ListInput!): NoteList, note(id: ID!): Note }
extend type Query { tags: [Tag] }
type Mutation { addNote(text: String!, kind: Kind = MEMO): Note }
input ListInput { page: Int, rule: Rule }
input Rule { attribute: String, value: Json }
scalar Json
enum Kind { MEMO CALL }
interface Named { name: String }
type NoteList { notes: [Note] }
"Also prose."
type Note implements Named { id: ID!, name: String, author: Json, body(format: Kind!): String }
type Tag { name: String }
type Unused { name: String }
`;

const parsed = (text = sdl) => parseSpec(Buffer.from(text), "notes.graphql").document!;
const overlay = (text: string) => ({
  name: "notes.overlay.yaml",
  document: parseOverlay(Buffer.from(text), "o").document!,
});

describe("taking in SDL (FAC-04, FAC-17)", () => {
  it("keeps the operations in use and what they reach, without prose", () => {
    const { document, problems } = takeIn({ name: "notes.graphql", document: parsed(), operations: ["query notes"] });
    expect(problems).toEqual([]);
    const text = extractText(document);
    expect(text).toMatch(/^# Acme Notes API\n\ntype Query \{\n {2}notes\(input: ListInput!\): NoteList\n\}/);
    expect(text).not.toMatch(/prose|Unused|Tag|Mutation/i);
    expect([...operationsIn(document)].map(([title]) => title)).toEqual(["query notes"]);
    // The extract is taken in to itself.
    expect(extractText(takeIn({ name: "notes.graphql", document: parsed(text) }).document)).toBe(text);
  });

  it("corrects it by an overlay whose every action has a reason and matches", () => {
    const corrected = takeIn({
      name: "notes.graphql",
      document: parsed(),
      overlay: overlay(
        'overlay: 1.0.0\nactions:\n  - { target: $.types.Rule.fields, description: Forgotten., update: { operands: "[Rule!]" } }\n',
      ),
    });
    expect(corrected.problems).toEqual([]);
    expect(corrected.overlayUsed).toEqual(["update $.types.Rule.fields (1): Forgotten."]);
    expect(extractText(corrected.document)).toContain("  operands: [Rule!]\n");
    const stale = overlay(
      "overlay: 1.0.0\nactions:\n  - { target: $.types.Rules, description: Gone., remove: true }\n",
    );
    expect(takeIn({ name: "notes.graphql", document: parsed(), overlay: stale }).problems.map(problemText)).toEqual([
      "notes.overlay.yaml actions.0: $.types.Rules matches nothing; corrected by the vendor? then drop the action",
    ]);
  });

  it("keeps of answers the fields that tools name, where an overlay asks for it", () => {
    const { document } = takeIn({
      name: "notes.graphql",
      document: parsed(),
      operations: ["query note"],
      names: new Set(["name"]),
      overlay: overlay("overlay: 1.0.0\nx-keep: named\nactions: []\n"),
    });
    expect(extractText(document)).toContain("type Note implements Named {\n  name: String\n}");
  });

  it("tells what is wrong with it by line and column", () => {
    const problems = (text: string) => {
      const file = join(mkdtempSync(join(tmpdir(), "sdl-")), "notes.graphql");
      writeFileSync(file, text);
      return readSpec(file, "notes.graphql").problems.map(problemText);
    };
    expect(problems("type Query {\n  note: Nota\n}\ntype Note { id: ID }")).toEqual([
      'notes.graphql:2:9: Unknown type "Nota". Did you mean "Note"?',
    ]);
    expect(problems("type Query {\n  note Note\n}")[0]).toMatch(/^notes\.graphql:2:8: is not SDL: /);
    expect(problems("schema { query: Root }\ntype Root { id: ID }")).toEqual([
      "notes.graphql:1:17: expected roots called Query and Mutation, found Root; rename them in a copy",
    ]);
    expect(problems("type Note { id: ID }")[0]).toContain("Query root type must be provided");
    const { document } = takeIn({ name: "n", document: parsed(), operations: ["query nothing"] });
    expect(document).toBeDefined();
  });

  it("knows what must be given, and holds nothing of an answer for certain", () => {
    const { document } = takeIn({ name: "notes.graphql", document: parsed() });
    const { requestBody } = document.paths["mutation addNote"]!.post!;
    expect(requestBody).toMatchObject({
      required: true,
      content: { "application/json": { schema: { required: ["text"], properties: { text: { type: "string" } } } } },
    });
    expect(document.components.schemas["Note"]).toEqual({
      type: "object",
      // `body` insists on an argument, so that it cannot be had by naming it.
      properties: {
        id: { type: "string" },
        name: { type: "string" },
        author: { $ref: "#/components/schemas/Json" },
      },
    });
  });

  it("refuses a document that the SDL does not allow, at the operation's place (FAC-17)", () => {
    const problems: string[] = [];
    const context = {
      document: { sdl },
      problem: (path: readonly string[], message: string) => problems.push(`${path.join(".")}: ${message}`),
    } as unknown as Context;
    const operation = { name: "getNote", graphql: { kind: "query", field: "note" } } as OperationModel;
    const document = (paths: string[]) =>
      buildDocuments([operation], () => paths, context)[0]!
        .graphql!.document!.replaceAll(/\s+/g, " ")
        .trim();
    expect(document(["author.name", "id"])).toBe("query getNote($id: ID!) { note(id: $id) { id author } }");
    expect(document([])).toBe("query getNote($id: ID!) { note(id: $id) { __typename } }");
    expect(problems).toEqual([]);
    document(["body"]);
    expect(problems).toEqual([
      expect.stringMatching(/^operations\.getNote: its document does not fit the SDL: .*format/),
    ]);
  });
});

const folder = "../shared/vendor-specs/superops";

describe.runIf(existsSync(folder))("with the published SDL at hand", () => {
  const file = `${folder}/superops-msp.graphql`;
  const vendors = readFileSync("vendors.yaml", "utf8");
  const document = () => parseSpec(readFileSync(file), "superops-msp.graphql").document!;
  const corrections = {
    name: "superops.overlay.yaml",
    document: parseOverlay(readFileSync("specs/superops.overlay.yaml"), "o").document!,
  };

  it("a fresh intake gives the committed extract and report, byte for byte (FAC-03, FAC-04)", () => {
    const operations = mappedOperations(vendors, "superops")!;
    const names = namedIn(vendors, "superops")!;
    const result = takeIn({
      name: "superops-msp.graphql",
      document: document(),
      overlay: corrections,
      operations,
      names,
    });
    expect(result.problems).toEqual([]);
    expect(extractText(result.document)).toBe(readFileSync("specs/superops.graphql", "utf8"));
    const bytes = readFileSync(file);
    const { version } = result.document.info;
    expect(intakeReport("superops", version, sizeOfOriginal(document(), bytes.length), result)).toBe(
      readFileSync("specs/superops.report.md", "utf8"),
    );
    const { superops } = parse(readFileSync("specs/sources.yaml", "utf8"));
    expect(superops).toMatchObject({ version, sha256: createHash("sha256").update(bytes).digest("hex") });
  });

  it("none of the vendor's sentences is in the extract", () => {
    const text = readFileSync("specs/superops.graphql", "utf8");
    const prose = [...readFileSync(file, "utf8").matchAll(/"""([\s\S]*?)"""/g)].map(([, words]) => words!.trim());
    expect(prose.length).toBeGreaterThan(500);
    expect(prose.filter((words) => /\s/.test(words) && text.includes(words))).toEqual([]);
  });

  it("all 131 operations of both products' SDL can be taken in, not only those in use", () => {
    const all = takeIn({ name: "superops-msp.graphql", document: document(), overlay: corrections });
    expect(all.problems).toEqual([]);
    expect([...operationsIn(all.document)]).toHaveLength(131);
    expect(() => buildSchema(extractText(all.document))).not.toThrow();
    const other = parseSpec(readFileSync(`${folder}/superops-it.graphql`), "superops-it.graphql").document!;
    expect(takeIn({ name: "superops-it.graphql", document: other }).problems).toEqual([]);
  });
});
