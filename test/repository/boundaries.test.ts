import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const IMPORT = /^\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;

function importsOf(file: string): Import[] {
  const found: Import[] = [];
  for (const [, type, named, dynamic] of readFileSync(file, "utf8").matchAll(IMPORT)) {
    const target = named ?? dynamic ?? "";
    const to = target.startsWith(".") ? normalize(join(dirname(file), target)) : target;
    found.push({ from: file, to, typeOnly: Boolean(type) });
  }
  return found;
}

const filesIn = (folder: string) => globSync(`${folder}/**/*.ts`).sort();
const room = (path: string) => path.split("/")[0]!;
const show = ({ from, to }: Import) => `${from} imports ${to}`;

/** May this folder import that path? `node:` builtins and packages are judged apart. */
const mayImport: Record<string, (one: Import) => boolean> = {
  generator: ({ to, typeOnly }) =>
    to.startsWith("generator/") ||
    ["runtime/contract.ts", "runtime/data-class.ts"].includes(to) ||
    (typeOnly && room(to) === "runtime"),
  runtime: ({ to }) => to.startsWith("runtime/"),
  generated: ({ from, to }) => {
    if (to === "runtime/index.ts") return true;
    const vendor = from.split("/").slice(0, 2).join("/");
    // Tools across vendors are made of other vendors' clients.
    const isAcross = !existsSync(join(dirname(from), "../client.ts"));
    if (isAcross && /^generated\/[a-z-]+\/client\.ts$/.test(to)) return true;
    return ["generated/index.ts", "generated/loaders.ts"].includes(from)
      ? to.startsWith("generated/")
      : to.startsWith(`${vendor}/`);
  },
  gateway: ({ to }) =>
    to.startsWith("gateway/") || ["generated/loaders.ts", "generated/contract.json", "runtime/index.ts"].includes(to),
};

const packagesOf: Record<string, (name: string) => boolean> = {
  runtime: (name) => name.startsWith("node:") || ["openapi-fetch", "zod"].includes(name),
  generated: (name) => name === "zod",
  generator: (name) => !["fastify", "oidc-provider", "kysely", "pg"].includes(name),
};

/** Floors of the gateway, top first; an import goes to the same floor's own room, or down. */
const FLOORS = [
  ["main.ts"],
  ["start.ts"],
  ["app.ts"],
  ["served.ts", "front"],
  ["plugins"],
  ["mcp", "api", "pages", "federation"],
  ["oauth", "calls", "health"],
  ["connections", "results"],
  ["identity", "vault", "approvals", "outbox", "alerts"],
  ["audit", "bus"],
  ["database"],
  ["metrics", "traces"],
  ["keys.ts", "clock.ts", "once.ts", "repeat.ts"],
  ["config.ts", "policy"],
  ["config"],
];
const floorOf = (path: string) => FLOORS.findIndex((floor) => floor.includes(path.split("/")[1]!));

describe("who may import whom", () => {
  for (const folder of Object.keys(mayImport)) {
    it(`${folder}/ imports only what it may`, () => {
      const all = filesIn(folder).flatMap(importsOf);
      const inside = all.filter(
        (one) => one.to.includes("/") && existsSync(one.to) && !one.to.startsWith("node_modules"),
      );
      expect(inside.filter((one) => !mayImport[folder]!(one)).map(show)).toEqual([]);
      const outside = all.filter((one) => !existsSync(one.to) && !one.to.startsWith("../"));
      const allowed = packagesOf[folder] ?? (() => true);
      expect(outside.filter((one) => !allowed(one.to)).map(show)).toEqual([]);
    });
  }

  it("the gateway's imports only go down its floors", () => {
    const rising = filesIn("gateway")
      .flatMap(importsOf)
      .filter(({ from, to, typeOnly }) => {
        if (!to.startsWith("gateway/") || typeOnly) return false;
        const [upper, lower] = [floorOf(from), floorOf(to)];
        const sameRoom = from.split("/")[1] === to.split("/")[1];
        return !sameRoom && lower <= upper;
      });
    expect(rising.map(show)).toEqual([]);
  });

  it("every room of the gateway has a floor", () => {
    expect(filesIn("gateway").filter((file) => floorOf(file) < 0)).toEqual([]);
  });

  it("policy/ is pure: it imports types only", () => {
    const impure = filesIn("gateway/policy")
      .flatMap(importsOf)
      .filter((one) => !one.typeOnly && !one.to.startsWith("gateway/policy/"));
    expect(impure.map(show)).toEqual([]);
  });

  it("only gateway/config.ts and scripts read process.env", () => {
    const readers = ["generator", "runtime", "generated", "gateway"]
      .flatMap(filesIn)
      .filter((file) => file !== "gateway/config.ts" && /process\.env/.test(readFileSync(file, "utf8")));
    expect(readers).toEqual([]);
  });

  it("nothing is exported that no other file uses", () => {
    const sources = ["generator", "runtime", "generated", "gateway", "scripts", "test"]
      .flatMap(filesIn)
      .filter((file) => !file.includes("generator/cases/"))
      .map((file) => ({ file, text: readFileSync(file, "utf8") }));
    const users = new Map<string, number>();
    for (const { text } of sources)
      for (const word of new Set(text.match(/[\w$]+/g))) users.set(word, (users.get(word) ?? 0) + 1);
    const unused = sources
      .filter(({ file }) => room(file) !== "generated")
      .flatMap(({ file, text }) =>
        [...text.matchAll(/^export (?:async )?(?:function\*?|const|class) ([\w$]+)/gm)]
          .filter(([, name]) => users.get(name!) === 1)
          .map(([, name]) => `${file} ${name}`),
      );
    expect(unused).toEqual([]);
  });
});
