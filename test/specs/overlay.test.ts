import { describe, expect, it } from "vitest";
import { takeIn } from "../../generator/intake/intake.ts";
import { applyOverlay } from "../../generator/intake/overlay.ts";
import type { JsonObject } from "../../generator/model/json.ts";
import { problemText } from "../../generator/model/problem.ts";
import { answer, petShop } from "./fixtures.ts";

const overlay = (actions: JsonObject[], repairs: JsonObject[] = []): JsonObject => ({
  overlay: "1.0.0",
  actions,
  "x-repairs": repairs,
});
const apply = (document: JsonObject, actions: JsonObject[]) =>
  applyOverlay(document, overlay(actions), "pets.overlay.yaml");
const why = "Because.";

describe("correcting by overlay (FAC-04)", () => {
  it("merges objects, lets arrays grow and replaces the rest", () => {
    const document = { a: { b: 1, c: [1] }, d: "x" };
    const { document: after, problems } = apply(document, [
      { target: "$.a", description: why, update: { b: 2, c: [2], e: { f: true } } },
      { target: "$.a.c", description: why, update: 3 },
    ]);
    expect(problems).toEqual([]);
    expect(after).toEqual({ a: { b: 2, c: [1, 2, 3], e: { f: true } }, d: "x" });
    expect(document).toEqual({ a: { b: 1, c: [1] }, d: "x" });
  });

  it("removes every match, elements of arrays included", () => {
    const { document, used } = apply({ list: [{ n: 1 }, { n: 2 }, { n: 1 }], other: { x: 1 } }, [
      { target: "$.list[?@.n == 1]", description: "Ones are junk.", remove: true },
      { target: "$.other.x", description: why, remove: true },
    ]);
    expect(document).toEqual({ list: [{ n: 2 }], other: {} });
    expect(used[0]).toBe("remove $.list[?@.n == 1] (2): Ones are junk.");
  });

  it("is a problem when it matches nothing, gives no reason, or is not an action", () => {
    const { problems } = apply(petShop(), [
      { target: "$.components.schemas.Gone", description: why, remove: true },
      { target: "$.info", update: { title: "x" } },
      { target: "$.info", description: why },
      { target: "$.info[", description: why, remove: true },
      { description: why, remove: true },
    ]);
    expect(problems.map(problemText)).toEqual([
      expect.stringMatching(/^pets\.overlay\.yaml actions\.0: \$\.components\.schemas\.Gone matches nothing/),
      expect.stringMatching(/actions\.1: expected a description/),
      expect.stringMatching(/actions\.2: expected either update or remove/),
      expect.stringMatching(/actions\.3: \$\.info\[ is not a JSONPath/),
      expect.stringMatching(/actions\.4: expected a target/),
    ]);
  });

  it("expires with the version it was made for, actions and repairs alike", () => {
    const until = (version: string) => ({
      target: "$.info",
      description: why,
      update: { title: "x" },
      "x-until": version,
    });
    const document = (version: string) => petShop({ root: { info: { title: "Pets", version } } });
    expect(apply(document("2026.2"), [until("2026.2")]).problems).toEqual([]);
    expect(apply(document("2026.10"), [until("2026.2")]).problems.map(problemText)).toEqual([
      "pets.overlay.yaml actions.0: was until version 2026.2; the description is 2026.10 now; still wrong there? then raise x-until, else drop it",
    ]);
    const repair = { repair: "dropParameters", names: ["name"], description: why, "x-until": "6" };
    const { problems } = takeIn({
      name: "pets.json",
      document: petShop(),
      overlay: { name: "pets.overlay.yaml", document: overlay([], [repair]) },
    });
    expect(problems.map(problemText)).toEqual([
      expect.stringMatching(/x-repairs\.0: was until version 6; the description is 7 now/),
    ]);
  });

  it("fails the intake, so that a correction by the vendor is noticed", () => {
    const document = overlay([{ target: "$.paths['/gone']", description: why, remove: true }]);
    const { problems } = takeIn({
      name: "pets.json",
      document: petShop(),
      overlay: { name: "pets.overlay.yaml", document },
    });
    expect(problems).toHaveLength(1);
  });
});

describe("named repairs (FAC-04)", () => {
  const repaired = (paths: JsonObject, repairs: JsonObject[]) =>
    takeIn({
      name: "x.json",
      document: { openapi: "3.0.0", paths },
      overlay: { name: "x.overlay.yaml", document: overlay([], repairs) },
    });
  const body = { content: { "application/json": { schema: { type: "string" } } } };
  const error = { content: { "application/json": { schema: { type: "integer" } } } };

  it("moves a success that is described under default or under an error to 200", () => {
    const byDefault = repaired({ "/x": { get: { responses: { default: body } } } }, [
      { repair: "defaultIsSuccess", description: why },
    ]);
    expect(Object.keys(byDefault.document.paths["/x"]?.get?.responses ?? {})).toEqual(["200"]);
    const byError = repaired({ "/x": { get: { responses: { 401: body, 403: body, 500: error } } } }, [
      { repair: "errorIsSuccess", description: why },
    ]);
    expect(byError.problems).toEqual([]);
    expect(byError.document.paths["/x"]?.get?.responses).toMatchObject({
      200: { description: "OK", ...body },
      default: error,
    });
  });

  it("drops and renames parameters", () => {
    const parameters = [
      { name: "ClientId", in: "header", schema: { type: "string" } },
      { name: "options.page", in: "query", schema: { type: "integer" } },
    ];
    const { document, problems, overlayUsed } = repaired(
      { "/x": { get: { parameters, responses: answer({ type: "string" }) } } },
      [
        { repair: "dropParameters", names: ["ClientId"], description: "The client sends it." },
        { repair: "renameParameters", names: { "options.page": "page" }, description: "Short on the wire." },
      ],
    );
    expect(problems).toEqual([]);
    expect(document.paths["/x"]?.get?.parameters).toEqual([{ name: "page", in: "query", schema: { type: "integer" } }]);
    expect(overlayUsed).toEqual([
      "dropParameters (1): The client sends it.",
      "renameParameters (1): Short on the wire.",
    ]);
  });

  it("are problems when unknown, without a reason, or without anything to repair", () => {
    const { problems } = repaired({ "/x": { get: { responses: answer({ type: "string" }) } } }, [
      { repair: "paintItBlack", description: why },
      { repair: "defaultIsSuccess" },
      { repair: "defaultIsSuccess", description: why },
    ]);
    expect(problems.map(({ where, message }) => `${where} ${message.split(" ").slice(0, 3).join(" ")}`)).toEqual([
      "x.overlay.yaml x-repairs.0 expected a repair:",
      "x.overlay.yaml x-repairs.1 expected a description:",
      "x.overlay.yaml x-repairs.2 defaultIsSuccess finds nothing",
    ]);
  });

  it("keep to the operations they name", () => {
    const { document } = repaired(
      { "/x": { get: { responses: { default: body } } }, "/y": { get: { responses: { default: body } } } },
      [{ repair: "defaultIsSuccess", operations: ["GET /x"], description: why }],
    );
    expect(Object.keys(document.paths["/y"]?.get?.responses ?? {})).toEqual(["default"]);
  });
});
