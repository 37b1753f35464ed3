import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import {
  type AnyOf,
  annotationsOf,
  atLeast,
  atMost,
  canonicalJson,
  contains,
  count,
  date,
  dateTime,
  defineCredentials,
  flat,
  flatAll,
  included,
  is,
  after as isAfter,
  before as isBefore,
  isIn,
  isNot,
  jsonApi,
  memoryTokens,
  merge,
  missing,
  olderThanDays,
  revealCredentials,
  Secret,
  secret,
  secretField,
  sum,
  sumBy,
  textField,
  toolHash,
  withIds,
  withinHours,
  withoutSecrets,
} from "../../runtime/index.ts";

describe("a secret", () => {
  it("shows itself nowhere by accident (VLT-04)", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), (value) => {
        const hidden = new Secret(value);
        const seen = [
          `${hidden}`,
          String(hidden),
          JSON.stringify({ hidden }),
          inspect({ hidden }, { depth: 9, showHidden: true }),
          `${[hidden]}`,
          `${hidden as unknown as string}`,
        ];
        expect(seen.join("\n")).not.toContain(value);
        expect(hidden.reveal()).toBe(value);
      }),
    );
    expect(Object.keys(new Secret("x"))).toEqual([]);
    expect(structuredClone({ ...new Secret("x") })).toEqual({});
  });

  it("joins with other fields to a secret", () => {
    const joined = secret`${"acme"}+${new Secret("key\\n")}:${new Secret("s3cret")}`;
    expect(`${joined}`).toBe("[secret]");
    expect(joined.reveal()).toBe("acme+key\\n:s3cret");
  });
});

describe("credentials", () => {
  const credentials = defineCredentials(
    z.object({
      region: z.enum(["us", "eu"]).default("us"),
      apiKey: secretField(),
      tenant: textField()
        .regex(/^[a-z]+$/, "must be small letters")
        .optional(),
    }),
    {
      help: "https://acme.example/keys",
      fields: [
        { name: "region", title: "Region", secret: false, optional: false },
        { name: "apiKey", title: "API key", secret: true, optional: false },
        { name: "tenant", title: "Tenant", secret: false, optional: true },
      ],
    },
  );

  it("are read from a form and back from what the vault stored (VLT-01)", () => {
    const parsed = credentials.parse({ region: "", apiKey: "  k3y ", csrf: "ignored", tenant: "" });
    if (!parsed.ok) throw new Error("not parsed");
    expect(JSON.stringify(parsed.value)).toBe('{"region":"us","apiKey":"[secret]"}');
    const stored = revealCredentials(parsed.value);
    expect(stored).toEqual({ region: "us", apiKey: "k3y" });
    expect(credentials.parse(stored)).toEqual(parsed);
  });

  it("say what is wrong in each field without repeating it", () => {
    expect(credentials.parse({ region: "mars", apiKey: "a\u0000b", tenant: "UPPER" })).toEqual({
      ok: false,
      errors: {
        region: "is not one of the choices",
        apiKey: "contains control characters",
        tenant: "must be small letters",
      },
    });
    expect(credentials.parse({})).toEqual({ ok: false, errors: { apiKey: "is required" } });
  });
});

describe("the contract", () => {
  it("names all four hints of each access (VEN-23)", () => {
    expect(annotationsOf("read", false)).toEqual({
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    });
    expect(annotationsOf("write", false)).toEqual({
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: true,
    });
    expect(annotationsOf("write", true)).toMatchObject({ idempotentHint: true });
    expect(annotationsOf("destroy", false)).toMatchObject({ readOnlyHint: false, destructiveHint: true });
    expect(annotationsOf("reveal", false)).toMatchObject({ readOnlyHint: false, destructiveHint: false });
  });

  it("writes equal values equally", () => {
    expect(canonicalJson({ b: [1, undefined, null], a: { d: "ü", c: undefined }, e: new Date(0) })).toBe(
      '{"a":{"d":"ü"},"b":[1,null,null],"e":"1970-01-01T00:00:00.000Z"}',
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const shuffled = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(shuffled)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("changes its hash with everything a client sees (FAC-14)", () => {
    const tool = {
      name: "a_b",
      title: "T",
      description: "D",
      inputSchema: { type: "object" },
      outputSchema: { type: "object" },
      annotations: annotationsOf("read", true),
    };
    expect(toolHash(tool)).toMatch(/^sha256-[A-Za-z0-9_-]{43}$/);
    const changed = [
      { name: "a_c" },
      { title: "t" },
      { description: "d" },
      { inputSchema: {} },
      { outputSchema: {} },
      { annotations: annotationsOf("write", true) },
    ];
    expect(new Set([tool, ...changed.map((change) => ({ ...tool, ...change }))].map(toolHash)).size).toBe(7);
    expect(toolHash({ ...tool, extra: 1 } as typeof tool)).toBe(toolHash(tool));
  });
});

describe("conditions", () => {
  const now = Date.parse("2026-11-20T12:00:00Z");

  it("compare without case, and missing values pass only what asks for them", () => {
    expect([is("Open", "open"), is(5, "5"), is(null, "x"), isNot("a", "A"), isNot(null, "a")]).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
    expect([
      contains("Office PC", "pc"),
      contains(null, ""),
      contains("a", "b"),
      isIn("X", ["x"]),
      isIn(null, ["x"]),
      contains(["alerts", "Tasks"], "tasks"),
      contains(["subtasks"], "tasks"),
    ]).toEqual([true, false, false, true, false, true, false]);
    expect([
      missing(null, true),
      missing([], true),
      missing("", true),
      missing(0, true),
      missing(0, false),
      missing(null, false),
    ]).toEqual([true, true, true, false, true, false]);
    expect([atLeast(5, 5), atLeast("6", 5), atLeast(null, 0), atMost(5, 4), atMost(null, 4)]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("compare moments", () => {
    const old = "2026-10-01T00:00:00Z";
    expect([olderThanDays(old, 30, now), olderThanDays(old, 90, now), olderThanDays(null, 1, now)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([
      withinHours(now - 3_600_000, 1, now),
      withinHours(now + 3_600_000, 1, now),
      withinHours(old, 1, now),
      withinHours("x", 1, now),
    ]).toEqual([true, true, false, false]);
    expect([
      isBefore(old, "2026-11-01"),
      isAfter(old, "2026-11-01"),
      isBefore(null, "2026-11-01"),
      isAfter(now, now - 1),
    ]).toEqual([true, false, false, true]);
  });

  it("pass everything when they are not set", () => {
    const unset = [is, isNot, contains, isIn, missing, isBefore, isAfter, atLeast, atMost].map((condition) =>
      condition(null, undefined),
    );
    expect([...unset, olderThanDays(null, undefined, now), withinHours(null, undefined, now)]).not.toContain(false);
  });
});

describe("small parts", () => {
  it("count and sum", () => {
    const items = [
      { priority: "High", size: 2 },
      { priority: "Low", size: "3" },
      { priority: "High", size: null },
      { priority: null, size: "x" },
    ];
    expect(count(items, { priority: (item) => item.priority })).toEqual({
      count: 4,
      by: { priority: { High: 2, "(none)": 1, Low: 1 } },
    });
    expect(sum(items, (item) => item.size)).toBe(5);
    expect(sumBy(items, (item) => item.size, { priority: (item) => item.priority })).toEqual({
      sum: 5,
      by: { priority: { Low: 3, High: 2, "(none)": 0 } },
    });
    expect(sum([0.1, 0.2], (hours) => hours)).toBe(0.3);
    const many = count(
      Array.from({ length: 80 }, (_, index) => index),
      { value: (index) => `v${index}` },
    );
    expect(Object.keys(many.by.value)).toHaveLength(51);
    expect(many.by.value["(others)"]).toBe(30);
  });

  it("merge what is given over what is there", () => {
    expect(merge({ a: 1, b: 2 }, { b: 3, c: undefined, d: null })).toEqual({ a: 1, b: 3, d: null });
    expect(merge(null, undefined)).toEqual({});
    expect(merge({}, JSON.parse('{"__proto__":{"polluted":true}}'))).not.toHaveProperty("polluted");
  });

  it("write links as ids", () => {
    const traits = {
      tags: { type: "Orgs", values: [{ id: 7, name: "x" }, { id: 8 }] },
      none: { values: [] },
      name: "n",
      odd: { values: ["x"] },
    };
    expect(withIds(traits, "values")).toEqual({ tags: [7, 8], none: [], name: "n", odd: { values: ["x"] } });
    expect(withIds(undefined, "values")).toBeUndefined();
  });

  it("take secrets out of open objects at any depth (APR-06)", () => {
    const traits = {
      name: "Router",
      "admin-password": "x",
      Pin: "1",
      nested: [{ otpSecret: "y", ok: 1, "serial-key": "z", monkey: 2 }],
      api_key: "k",
      keyboard: "de",
    };
    expect(withoutSecrets(traits, ["serial_key"])).toEqual({
      name: "Router",
      nested: [{ ok: 1, monkey: 2 }],
      keyboard: "de",
    });
    expect(withoutSecrets(null)).toBeNull();
  });

  it("flatten JSON:API and write it", () => {
    const resource = { id: 7, type: "things", attributes: { name: "x", id: "other", "short-name": null } };
    expect(flat(resource)).toEqual({ id: "7", name: "x", "short-name": null });
    expect(flatAll([resource, {}])).toHaveLength(2);
    expect(flatAll(null)).toEqual([]);
    expect(flatAll(undefined)).toBeUndefined();
    expect(flat(undefined)).toEqual({});
    expect(included({ included: [resource, { id: "8", type: "others" }] }, "others")).toEqual([{ id: "8" }]);
    expect(JSON.stringify(jsonApi("things", { name: "x", note: undefined }))).toBe(
      '{"data":{"type":"things","attributes":{"name":"x"}}}',
    );
    expect(jsonApi("things", {}, "7")).toEqual({ data: { type: "things", id: "7", attributes: {} } });
  });

  it("read a union as one shape", () => {
    type Either =
      | { kind: "a"; disk?: { free: number }[] }
      | { kind: "b"; host: string | null; disk?: { size: string }[] }
      | null;
    expectTypeOf<AnyOf<Either>>().toEqualTypeOf<{
      kind?: "a" | "b";
      host?: string | null;
      disk?: { free?: number; size?: string }[];
    }>();
  });

  it("know dates", () => {
    for (const good of ["2026-11-20", "2024-02-29"]) expect(date.safeParse(good).success).toBe(true);
    for (const bad of ["2026-02-29", "20.11.2026", "2026-13-01", "2026-1-1", ""])
      expect(date.safeParse(bad).success, bad).toBe(false);
    for (const good of ["2026-11-20T08:30:00Z", "2026-11-20T08:30Z", "2026-11-20T08:30:00.123+01:00"])
      expect(dateTime.safeParse(good).success).toBe(true);
    for (const bad of ["2026-11-20", "2026-11-20T25:00:00Z", "2026-11-20T08:30:00", "now"])
      expect(dateTime.safeParse(bad).success, bad).toBe(false);
    for (const same of ["2026-11-20T07:30:00Z", "2026-11-20T07:30Z", "2026-11-20T08:30:00.987+01:00"])
      expect(dateTime.parse(same)).toBe("2026-11-20T07:30:00Z");
    expect(z.toJSONSchema(date)).toMatchObject({ type: "string", format: "date" });
  });

  it("keep tokens until they end, and not too many", async () => {
    let now = 0;
    const tokens = memoryTokens({ max: 2, now: () => now });
    for (const name of ["a", "b", "c"]) await tokens.set(name, new Secret(name), 100);
    expect(await tokens.get("a")).toBeUndefined();
    expect((await tokens.get("c"))?.value.reveal()).toBe("c");
    await tokens.delete("c");
    expect(await tokens.get("c")).toBeUndefined();
    now = 100;
    expect(await tokens.get("b")).toBeUndefined();
  });
});
