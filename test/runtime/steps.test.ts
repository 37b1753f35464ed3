import { describe, expect, it, vi } from "vitest";
import {
  type Call,
  each,
  expected,
  found,
  lookup,
  needed,
  needOneOf,
  newCall,
  one,
  optional,
  pages,
  poll,
  sendEach,
  sends,
  ToolError,
  type ToolErrorCode,
  take,
  unfold,
} from "../../runtime/index.ts";

const failing = (code: ToolErrorCode) => new ToolError(code, code);

/** A call whose time passes only by sleeping. */
function testCall(signal?: AbortSignal): Call & { slept: number[] } {
  let time = 0;
  const slept: number[] = [];
  return {
    signal,
    slept,
    now: () => time,
    async sleep(ms) {
      signal?.throwIfAborted();
      slept.push(ms);
      time += ms;
    },
  };
}

describe("each", () => {
  it("asks about at most so many, a few at a time, and tells the coverage", async () => {
    let running = 0;
    let most = 0;
    const progress = vi.fn();
    const ask = async (item: number) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running -= 1;
      return item * 10;
    };
    const { rows, coverage } = await each([1, 2, 3, 4, 5, 6], ask, {
      atMost: 5,
      concurrency: 2,
      call: newCall({ progress }),
    });
    expect(rows).toEqual([1, 2, 3, 4, 5].map((item) => ({ item, answer: item * 10 })));
    expect(coverage).toEqual({ of: 6, asked: 5, answered: 5, failed: 0, complete: false });
    expect(most).toBe(2);
    expect(progress).toHaveBeenLastCalledWith(5, 5);
  });

  it("survives failures of some, and says how many", async () => {
    const ask = async (item: number) => (item === 2 ? Promise.reject(failing("VENDOR_NOT_FOUND")) : item);
    const { rows, coverage } = await each([1, 2, 3], ask, { atMost: 10 });
    expect(rows).toEqual([
      { item: 1, answer: 1 },
      { item: 2, answer: undefined },
      { item: 3, answer: 3 },
    ]);
    expect(coverage).toEqual({ of: 3, asked: 3, answered: 2, failed: 1, complete: false });
  });

  it("throws the first failure when none is answered, and nothing for no items", async () => {
    await expect(each([1, 2], () => Promise.reject(failing("VENDOR_FORBIDDEN")), { atMost: 5 })).rejects.toMatchObject({
      code: "VENDOR_FORBIDDEN",
    });
    expect(await each([], async () => 1, { atMost: 5 })).toEqual({
      rows: [],
      coverage: { of: 0, asked: 0, answered: 0, failed: 0, complete: true },
    });
  });

  it.each(["VENDOR_RATE_LIMITED", "VENDOR_AUTH"] as const)("asks no more after %s (VEN-26)", async (code) => {
    const ask = vi.fn(async (item: number) => (item === 2 ? Promise.reject(failing(code)) : item));
    const { coverage } = await each([1, 2, 3, 4, 5], ask, { atMost: 5, concurrency: 1 });
    expect(ask).toHaveBeenCalledTimes(2);
    expect(coverage).toEqual({ of: 5, asked: 2, answered: 1, failed: 1, complete: false });
  });

  it("ends when cancelled, and on faults of ours", async () => {
    await expect(each([1, 2], () => Promise.reject(failing("CANCELLED")), { atMost: 5 })).rejects.toMatchObject({
      code: "CANCELLED",
    });
    await expect(
      each([1, 2], async (item) => (item === 2 ? Promise.reject(new TypeError("bug")) : item), { atMost: 5 }),
    ).rejects.toThrow("bug");
  });

  it("knows that what was taken of a list is not the list", async () => {
    const ask = async (item: number) => item;
    const part = await take(
      2,
      pages(0, async () => ({ items: [1, 2, 3], total: 3 })),
    );
    expect((await each(part, ask, { atMost: 5 })).coverage).toEqual({
      of: 3,
      asked: 2,
      answered: 2,
      failed: 0,
      complete: false,
    });
    const unknown = await take(2, [1, 2, 3]);
    expect((await each(unknown, ask, { atMost: 5 })).coverage).toEqual({
      asked: 2,
      answered: 2,
      failed: 0,
      complete: false,
    });
    const whole = await take(5, [1, 2, 3]);
    expect((await each(whole, ask, { atMost: 5 })).coverage).toMatchObject({ of: 3, complete: true });
  });

  it("unfolds answers that are lists, and says when it shows only some (VEN-24)", () => {
    const rows = [
      { item: "a", answer: [1, 2] },
      { item: "b", answer: undefined },
      { item: "c", answer: [3] },
    ];
    const all = [
      { item: "a", answer: 1 },
      { item: "a", answer: 2 },
      { item: "c", answer: 3 },
    ];
    expect(unfold(rows, 3)).toEqual({ items: all, truncated: false });
    expect(unfold(rows, 2)).toEqual({ items: all.slice(0, 2), truncated: true });
  });
});

describe("sendEach", () => {
  it("changes one after the other", async () => {
    const order: string[] = [];
    const send = async (item: number) => {
      order.push(`begin ${item}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
      order.push(`end ${item}`);
      return item;
    };
    const { rows, coverage } = await sendEach([1, 2], send, { atMost: 5 });
    expect(order).toEqual(["begin 1", "end 1", "begin 2", "end 2"]);
    expect(rows).toEqual([
      { item: 1, answer: 1 },
      { item: 2, answer: 2 },
    ]);
    expect(coverage).toEqual({ of: 2, asked: 2, answered: 2, failed: 0, complete: true });
  });

  it("stops at the first failure and says what was done before (VEN-25)", async () => {
    const refused = new ToolError("VENDOR_REJECTED", "Acme answered 422 to POST /items.", {
      vendorSaid: "too long",
      status: 422,
      cause: "body",
    });
    const send = vi.fn(async (item: number) => (item === 2 ? Promise.reject(refused) : item));
    await expect(sendEach([1, 2, 3], send, { atMost: 5 })).rejects.toMatchObject({
      code: "VENDOR_REJECTED",
      message: "Acme answered 422 to POST /items. 1 of 3 were done before.",
      vendorSaid: "too long",
      status: 422,
      cause: "body",
    });
    expect(send).toHaveBeenCalledTimes(2);
  });

  it("changes nothing when there are too many", async () => {
    const send = vi.fn(async (item: number) => item);
    await expect(sendEach([1, 2, 3], send, { atMost: 2 })).rejects.toMatchObject({ code: "INVALID_INPUT" });
    expect(send).not.toHaveBeenCalled();
  });
});

describe("poll", () => {
  const until = (answer: string) => answer === "completed";

  it("asks until the answer is final", async () => {
    const call = testCall();
    const ask = vi
      .fn(async () => "active")
      .mockResolvedValueOnce("active")
      .mockResolvedValueOnce("active")
      .mockResolvedValueOnce("completed");
    expect(await poll(ask, { until, everyMs: 5000, withinMs: 60_000, call })).toEqual({
      answer: "completed",
      finished: true,
    });
    expect(call.slept).toEqual([5000, 5000]);
  });

  it("gives the last answer when the time is over", async () => {
    const call = testCall();
    expect(await poll(async () => "active", { until, everyMs: 5000, withinMs: 12_000, call })).toEqual({
      answer: "active",
      finished: false,
    });
    expect(call.slept).toEqual([5000, 5000]);
    expect(await poll(async () => "active", { until, everyMs: 5000, withinMs: 0, call })).toEqual({
      answer: "active",
      finished: false,
    });
  });

  it("keeps what it knows when the vendor fails meanwhile", async () => {
    const ask = vi
      .fn(async () => "active")
      .mockRejectedValueOnce(failing("VENDOR_NOT_FOUND"))
      .mockResolvedValueOnce("active")
      .mockRejectedValue(failing("TIMEOUT"));
    expect(await poll(ask, { until, everyMs: 1000, withinMs: 3500, call: testCall() })).toEqual({
      answer: "active",
      finished: false,
      problem: "TIMEOUT",
    });
    const refused = vi.fn(() => Promise.reject(failing("VENDOR_FORBIDDEN")));
    expect(await poll(refused, { until, everyMs: 1000, withinMs: 9000, call: testCall() })).toEqual({
      finished: false,
      problem: "VENDOR_FORBIDDEN",
    });
    expect(refused).toHaveBeenCalledTimes(1);
  });

  it("ends when cancelled (FAC-13)", async () => {
    const abort = new AbortController();
    const polling = poll(async () => "active", {
      until,
      everyMs: 60_000,
      withinMs: 600_000,
      call: newCall({ signal: abort.signal }),
    });
    setTimeout(() => abort.abort(new Error("enough")), 5);
    await expect(polling).rejects.toThrow("enough");
    await expect(
      poll(() => Promise.reject(failing("CANCELLED")), { until, everyMs: 1, withinMs: 1, call: testCall() }),
    ).rejects.toMatchObject({ code: "CANCELLED" });
  });
});

describe("optional", () => {
  it("leaves out what the vendor refuses, and nothing else", async () => {
    expect(await optional(Promise.resolve(1))).toBe(1);
    for (const code of ["VENDOR_NOT_FOUND", "VENDOR_FORBIDDEN", "VENDOR_REJECTED", "VENDOR_UNAVAILABLE"] as const)
      expect(await optional(Promise.reject(failing(code)))).toBeUndefined();
    for (const code of ["VENDOR_AUTH", "CANCELLED", "INTERNAL"] as const)
      await expect(optional(Promise.reject(failing(code)))).rejects.toMatchObject({ code });
    await expect(optional(Promise.reject(new TypeError("bug")))).rejects.toThrow("bug");
  });
});

describe("sends", () => {
  const good = async () => ({ id: 7 });
  const bad = () => Promise.reject(failing("VENDOR_CONFLICT"));

  it("stop at the first failure and tell what was done", async () => {
    const sent = sends("stop");
    expect(await sent.run("create", good)).toEqual({ id: 7 });
    expect(await sent.run("note", bad)).toBeUndefined();
    const third = vi.fn(good);
    expect(await sent.run("publish", third)).toBeUndefined();
    expect(third).not.toHaveBeenCalled();
    expect(sent.report()).toEqual({
      done: ["create"],
      failed: [{ step: "note", code: "VENDOR_CONFLICT", message: expect.stringContaining("VENDOR_CONFLICT") }],
      notTried: ["publish"],
    });
  });

  it("go on when told to", async () => {
    const sent = sends("goOn");
    await sent.run("first", bad);
    await sent.run("second", good);
    expect(sent.report()).toMatchObject({ done: ["second"], failed: [{ step: "first" }], notTried: [] });
  });

  it("throw a failure before which nothing was changed", async () => {
    await expect(sends("stop").run("create", bad)).rejects.toMatchObject({ code: "VENDOR_CONFLICT" });
  });

  it("report a fault of ours without its text", async () => {
    const sent = sends("stop");
    await sent.run("create", good);
    await sent.run("note", () => Promise.reject(new TypeError("undefined is not a function")));
    expect(JSON.stringify(sent.report())).not.toContain("undefined is not");
  });
});

describe("lookup", () => {
  const types = ["Server", "Server room", "Email", "Backup", "Backup job"].map((name, id) => ({ id, name }));
  const find = (is: string, contains?: boolean) =>
    lookup(types, { what: "asset type", by: (type) => type.name, is, contains });

  it("finds the one with this name, without regard to case", async () => {
    expect(await find(" server ")).toEqual({ id: 0, name: "Server" });
    expect(await find("mail", true)).toEqual({ id: 2, name: "Email" });
  });

  it("takes digits for an id first, where it may, and for a name after that", async () => {
    const rooms = [...types, { id: 9, name: "12" }];
    const any = (is: string) => lookup(rooms, { what: "room", by: ({ name }) => name, id: ({ id }) => id, is });
    expect(await any(" 3 ")).toEqual({ id: 3, name: "Backup" });
    expect(await any("12")).toEqual({ id: 9, name: "12" });
    await expect(any("77")).rejects.toMatchObject({ code: "NO_MATCH" });
  });

  it("names up to five candidates when there are several or none", async () => {
    await expect(find("job room", true)).rejects.toMatchObject({
      code: "NO_MATCH",
      candidates: ["Server", "Server room", "Email", "Backup", "Backup job"],
    });
    await expect(find("serv")).rejects.toMatchObject({ code: "NO_MATCH", candidates: ["Server", "Server room"] });
    await expect(find("ack", true)).rejects.toMatchObject({ code: "AMBIGUOUS", candidates: ["Backup", "Backup job"] });
    const twins = [{ name: 'A "x"\u202e' }, { name: 'a "X"' }, ...types];
    const error = await lookup(twins, { what: "type", by: (type) => type.name, is: '"' }).catch((reason) => reason);
    expect(error).toMatchObject({ code: "NO_MATCH", candidates: ["A 'x'", "a 'X'"] });
  });
});

describe("needs", () => {
  it("are readable errors", () => {
    expect(needed(0, "id")).toBe(0);
    expect(() => needed(undefined, "siteUid")).toThrow("siteUid is needed here.");
    expect(() => expected(null, "job.uid")).toThrow("The vendor's answer has no job.uid");
    expect(one([3, 4])).toBe(3);
    for (const none of [[], null, undefined, [null]]) expect(() => one(none)).toThrow("nothing under this id");
    expect(found({ id: 3 })).toEqual({ id: 3 });
    for (const none of [null, undefined]) expect(() => found(none)).toThrow("nothing under this id");
    expect(() => needOneOf("id", "mac")).toThrow("Give one of id, mac.");
    expect(() => needOneOf("id")).toThrow("id is needed here.");
  });
});
