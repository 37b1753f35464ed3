import { createDecipheriv, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bind, open, seal } from "../../../gateway/vault/box.ts";
import { localKeys } from "../../../gateway/vault/keys.ts";
import { secretBox } from "../../../gateway/vault/secret-box.ts";

const key = Buffer.from("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "hex");
const bytes = (most: number) => fc.uint8Array({ maxLength: most });

describe("a sealed box", () => {
  it("opens to what went in, with its key and bound data (VLT-01)", () => {
    fc.assert(
      fc.property(bytes(300), bytes(60), (plain, bound) => {
        const box = seal(key, plain, bound);
        expect(box).toHaveLength(12 + plain.length + 16);
        expect(open(key, box, bound)).toEqual(Buffer.from(plain));
      }),
    );
  });

  it("does not open when any byte of it, of the key or of the bound data differs (VLT-03)", () => {
    const flip = (from: Uint8Array, at: number) =>
      from.map((byte, index) => (index === at % from.length ? byte ^ 1 : byte));
    fc.assert(
      fc.property(bytes(40), fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), (plain, bound, at) => {
        const box = seal(key, plain, bound);
        expect(() => open(key, flip(box, at), bound)).toThrow(expect.objectContaining({ code: "WRONG_KEY" }));
        expect(() => open(flip(key, at), box, bound)).toThrow(expect.objectContaining({ code: "WRONG_KEY" }));
        expect(() => open(key, box, flip(bound, at))).toThrow(expect.objectContaining({ code: "WRONG_KEY" }));
      }),
    );
  });

  it("does not open when it is cut short, at any length", () => {
    const box = seal(key, Buffer.from("secret"), Buffer.from("bound"));
    for (let length = 0; length < box.length; length++) {
      const code = length < 28 ? "BOX_TOO_SHORT" : "WRONG_KEY";
      expect(() => open(key, box.subarray(0, length), Buffer.from("bound"))).toThrow(expect.objectContaining({ code }));
    }
  });

  it("never uses a nonce twice", () => {
    const nonces = Array.from({ length: 1000 }, () =>
      seal(key, Buffer.alloc(1), Buffer.alloc(0)).toString("hex", 0, 12),
    );
    expect(new Set(nonces).size).toBe(1000);
  });

  it("keeps its byte format: what was stored years ago still opens", () => {
    // nonce 12 ‖ AES-256-GCM ciphertext ‖ tag 16, made by `openssl`-compatible primitives and never to be changed.
    const stored = Buffer.from(VECTORS.box, "hex");
    const bound = bind("secret/v1", "org_1", "usr_1", "acme", "con_1", 1);
    expect(bound.toString("hex")).toBe(VECTORS.bound);
    expect(open(key, stored, bound).toString()).toBe('{"apiKey":"k-1"}');
    const byHand = createDecipheriv("aes-256-gcm", key, stored.subarray(0, 12))
      .setAAD(bound)
      .setAuthTag(stored.subarray(-16));
    expect(byHand.update(stored.subarray(12, -16), undefined, "utf8") + byHand.final("utf8")).toBe('{"apiKey":"k-1"}');
  });
});

const VECTORS = {
  bound: "000000097365637265742f7631000000056f72675f31000000057573725f310000000461636d6500000005636f6e5f310000000131",
  box: "404142434445464748494a4b999bcf534f77e27aeffe355db6553126fd35509f38e3db713d78f4ac316fc780",
};

describe("bound data", () => {
  it("differs for different lists of fields", () => {
    expect(bind("a", "bc")).not.toEqual(bind("ab", "c"));
    expect(bind("a", "")).not.toEqual(bind("a"));
    const field = fc.string({ maxLength: 5 });
    fc.assert(
      fc.property(fc.array(field), fc.array(field), (one, other) => {
        expect(bind(...one).equals(bind(...other))).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});

describe("master keys held here", () => {
  const oldKey = { kid: "old", key: randomBytes(32) };
  const newKey = { kid: "new", key: randomBytes(32) };
  const bound = bind("x");

  it("wrap with the first and unwrap with all (VLT-02)", async () => {
    const before = await localKeys([oldKey]).wrap(key, bound);
    const rotated = localKeys([newKey, oldKey]);
    expect(rotated.names[0]).toBe("new");
    expect(await rotated.unwrap(before.kid, before.blob, bound)).toEqual(key);
    expect((await rotated.wrap(key, bound)).kid).toBe("new");
  });

  it("refuse a key id they do not have, and another key under the same id", async () => {
    const wrapped = await localKeys([oldKey]).wrap(key, bound);
    const open = (keys: (typeof oldKey)[]) => localKeys(keys).unwrap(wrapped.kid, wrapped.blob, bound);
    await expect(open([newKey])).rejects.toMatchObject({ code: "UNKNOWN_KID" });
    await expect(open([{ kid: "old", key: newKey.key }])).rejects.toMatchObject({ code: "WRONG_KEY" });
  });
});

describe("the box for the gateway's own small secrets", () => {
  const box = secretBox(localKeys([{ kid: "k.1", key }]));

  it("opens for whom it was sealed and for nobody else (VLT-03)", async () => {
    const sealed = await box.seal("client secret", ["client", "c1"]);
    expect(sealed).not.toContain("client secret");
    expect(await box.open(sealed, ["client", "c1"])).toBe("client secret");
    await expect(box.open(sealed, ["client", "c2"])).rejects.toMatchObject({ code: "WRONG_KEY" });
    await expect(box.open(sealed.slice(0, -4), ["client", "c1"])).rejects.toMatchObject({ code: "WRONG_KEY" });
    await expect(box.open("nothing", ["client", "c1"])).rejects.toMatchObject({ code: "BOX_TOO_SHORT" });
  });
});
