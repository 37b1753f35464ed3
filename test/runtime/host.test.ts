import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { hostField, keptField } from "../../runtime/index.ts";

const host = (text: string) => hostField().safeParse(text).data;

describe("a server that a person names (VLT-13)", () => {
  it.each([
    ["desk.acme.example", "desk.acme.example"],
    [" https://Desk.Acme.example/home?x=1#y ", "desk.acme.example"],
    ["http://desk.acme.example", "desk.acme.example"],
    ["desk.acme.example.", "desk.acme.example"],
    ["desk.acme.example:8443", "desk.acme.example:8443"],
    ["https://desk.acme.example:443/", "desk.acme.example"],
    ["büro.acme.example", "xn--bro-hoa.acme.example"],
  ])("reads %s", (typed, read) => expect(host(typed)).toBe(read));

  it.each([
    "",
    "desk",
    "localhost",
    "127.0.0.1",
    "2130706433",
    "0x7f.1",
    "[::1]",
    "10.1.2.3:8443",
    "srv.local",
    "db.internal",
    "x.home.arpa",
    "user:pass@desk.acme.example",
    "ftp://desk.acme.example",
    "javascript:alert(1)",
    "desk.acme.example:99999",
    "desk .acme.example",
    "a..b",
  ])("refuses %j", (typed) => expect(host(typed)).toBeUndefined());

  it("never keeps more than a name and a port", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true }), fc.domain()), (text) => {
        const kept = host(text);
        if (kept === undefined) return;
        expect(kept).toMatch(/^[a-z0-9.-]+\.[a-z0-9-]+(:\d+)?$/);
        expect(new URL(`https://${kept}/api`).host).toBe(kept);
        expect(host(kept)).toBe(kept);
      }),
    );
  });
});

describe("a part of what people paste", () => {
  const subdomain = z.object({ subdomain: keptField("^(?:https?://)?([a-z0-9-]+)(?:\\.acme\\.example.*)?$") });

  it.each(["acme", "acme.acme.example", "https://acme.acme.example/login"])(
    "keeps the subdomain of %s (VEN-15)",
    (text) => expect(subdomain.parse({ subdomain: text })).toEqual({ subdomain: "acme" }),
  );

  it.each(["https://acme.evil.example", "a b", "acme.evil"])("refuses %s", (text) =>
    expect(subdomain.safeParse({ subdomain: text }).success).toBe(false),
  );
});
