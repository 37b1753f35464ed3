import { expect, it } from "vitest";
import { describe as text } from "../../runtime/index.ts";
import type { VendorSlug } from "../fakes/keys.ts";
import { down } from "../fakes/trouble.ts";
import { useFakes } from "../fakes/use.ts";
import { idsOf, suites } from "./cases.ts";
import { connection, toolOf, vendorOf } from "./vendor.ts";

const fakes = useFakes();
const ids = idsOf(fakes);

const elsewhere = "https://evil.example/next?page=2";
/** Where vendors write a link to the next page. */
const links = /^(next|nextlink|nextpageurl|next_page_url|nextpage|@odata\.nextlink)$/i;

/** An answer in which every link to a next page leads elsewhere; the usual places have one in any case. */
async function misled(response: Response): Promise<Response> {
  const answer: unknown = await response.json().catch(() => undefined);
  if (answer === undefined || response.status !== 200) return response;
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  headers.set("link", `<${elsewhere}>; rel="next"`);
  if (Array.isArray(answer) || typeof answer !== "object") return Response.json(answer, { headers });
  const told = { nextLink: elsewhere, nextPageUrl: elsewhere, links: { next: elsewhere }, ...mislead(answer) };
  return Response.json(told, { headers });
}

function mislead(value: unknown): object {
  if (Array.isArray(value)) return value.map((part) => (typeof part === "object" && part ? mislead(part) : part));
  const parts = Object.entries(value as object).map(([key, part]) => {
    if (links.test(key) && (part === null || typeof part === "string")) return [key, elsewhere];
    return [key, typeof part === "object" && part ? mislead(part) : part];
  });
  return Object.fromEntries(parts);
}

for (const [slug, { cases }] of Object.entries(suites)) {
  const vendor = slug as VendorSlug;
  const reads = cases.filter(({ tool }) => toolOf(tool).access === "read");

  it(`${vendor}: never follows the link to a next page to another host (VEN-24, VEN-25)`, async () => {
    const paged = reads.filter(({ tool }) => "next_cursor" in toolOf(tool).output.shape);
    expect(paged.length).toBeGreaterThan(2);
    const home = new Set<string>();
    for (const { tool, args } of paged) {
      fakes.clear();
      await connection(vendor).call(tool, args(ids));
      for (const { url } of fakes.exchanges) home.add(url.host);
      fakes.clear();
      const { limit } = (vendorOf(vendor).schemas[tool]!.input.properties ?? {}) as { limit?: { maximum?: number } };
      const most = limit?.maximum ?? 25;
      const given = args(ids);
      const input = "limit" in toolOf(tool).input.shape ? { ...given, limit: most } : given;
      // A request to another host is no fake's: it would fail this test by itself.
      const result = await connection(vendor, { change: misled }).call(tool, input);
      if (!result.ok) expect(result.error.code, tool).toBe("VENDOR_UNEXPECTED");
      for (const { url } of fakes.exchanges) expect([...home]).toContain(url.host);
    }
  });

  it(`${vendor}: answers the rest, or names what failed, when a part of a composite fails (VEN-25)`, async () => {
    // Some ask about what an earlier case made, which is not there.
    const composites = reads.filter(
      ({ uses, args }) => uses.length > 1 && !Object.values(args(ids)).includes(undefined),
    );
    let partly = 0;
    for (const { tool, args, uses } of composites)
      for (const failing of uses) {
        fakes.clear();
        const misbehave = down(500);
        fakes[vendor].trouble.next(
          (visit) => (`${visit.exchange.method} ${visit.exchange.template}` === failing ? misbehave(visit) : undefined),
          { match: failing, times: 100 },
        );
        const result = await connection(vendor).call(tool, args(ids));
        if (result.ok) partly++;
        else {
          expect(["VENDOR_UNAVAILABLE", "VENDOR_UNEXPECTED"], `${tool} without ${failing}`).toContain(
            result.error.code,
          );
          expect(text(result.error)).toContain(failing);
        }
      }
    expect(composites.length).toBeGreaterThan(0);
    expect(partly).toBeGreaterThan(0);
  });
}
