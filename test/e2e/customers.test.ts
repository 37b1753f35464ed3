import { describe, expect, it } from "vitest";
import type { Boundary } from "../../runtime/index.ts";
import { demoKeys, type VendorSlug } from "../fakes/keys.ts";
import { useFakes } from "../fakes/use.ts";
import type { World } from "../fakes/world.ts";
import { cases, idsOf } from "./cases.ts";
import { connection, toolOf, vendorOf } from "./vendor.ts";

/** Every core tool of every vendor for people who may see no customer, one, or all of them. */
const fakes = useFakes();
const ids = idsOf(fakes);
const { world } = fakes["datto-rmm"].states.get(demoKeys["datto-rmm"].apiKey)!;

/** What tells which of the MSP's customers something is about. */
const marksOf = ({ companies, sites, machines }: World, isMeant: (company: string) => boolean) => [
  ...companies.filter(({ name }) => isMeant(name)).flatMap(({ name, domain }) => [name, domain]),
  ...sites.filter(({ company }) => isMeant(company.name)).map(({ name }) => name),
  ...machines.filter(({ site }) => isMeant(site.company.name)).flatMap(({ uid, hostname }) => [uid, hostname]),
];

async function customersOf(slug: VendorSlug): Promise<{ id: string; name: string }[]> {
  const customers = [];
  for await (const customer of vendorOf(slug).customer!.list(connection(slug).client)) customers.push(customer);
  return customers;
}

/** Requests that may have changed something: reads are GET, queries, and searches that are POSTed. */
const changes = () =>
  fakes.exchanges.filter(
    ({ method, outside, template }) =>
      !outside && !/^(GET|query)$/.test(method) && !/(query|search|token)$/i.test(template),
  );

const limitable = (Object.keys(demoKeys) as VendorSlug[]).filter((slug) => vendorOf(slug).customer);

describe.each(limitable)("%s", (slug) => {
  // Arguments are chosen before anything has changed.
  const own = cases.filter(({ vendor }) => vendor === slug).map((each) => ({ ...each, given: each.args(ids) }));

  it("lists its customers for people to choose from (TEN-03)", async () => {
    const customers = await customersOf(slug);
    expect(customers.length).toBeGreaterThan(2);
    expect(new Set(customers.map(({ id }) => id)).size).toBe(customers.length);
    expect(customers.some(({ name }) => name.startsWith("Contoso"))).toBe(true);
  });

  // First, as long as nobody has changed anything.
  it.each(own.filter(({ tool, nameless, partly }) => !nameless && !partly && toolOf(tool).customers !== "refused"))(
    "$tool answers people who may see all customers as it does anybody (TEN-04)",
    async ({ tool, args, check }) => {
      const boundary: Boundary = { ids: new Set((await customersOf(slug)).map(({ id }) => id)) };
      const result = await connection(slug, { boundary }).call(tool, args(ids));
      if (!result.ok) throw new Error(`${result.error.code} ${result.error.message}`, { cause: result.error });
      check(result.value, ids);
    },
  );

  it.each(own)(
    "$tool shows and changes nothing for people who may see no customer (TEN-03, TEN-04)",
    async ({ tool, given }) => {
      fakes.clear();
      const result = await connection(slug, { boundary: { ids: new Set() } }).call(tool, given);
      const told = JSON.stringify(result.ok ? result.value : result.error.message);
      for (const mark of marksOf(world, () => true))
        if (!JSON.stringify(given).includes(mark)) expect(told).not.toContain(mark);
      expect(changes()).toEqual([]);
      // One that cannot be bounded is refused to them before it runs; run all the same, it fails or finds nothing to go on with.
    },
  );

  it.each(own)(
    "$tool shows nothing of others to people who may see one customer (TEN-03, TEN-04)",
    async ({ tool, given }) => {
      const theirs = (await customersOf(slug)).filter(({ name }) => name.startsWith("Contoso"));
      const boundary: Boundary = { ids: new Set(theirs.map(({ id }) => id)) };
      const result = await connection(slug, { boundary }).call(tool, given);
      const told = JSON.stringify(result.ok ? result.value : result.error.message);
      for (const mark of marksOf(world, (name) => !name.startsWith("Contoso")))
        if (!JSON.stringify(given).includes(mark)) expect(told).not.toContain(mark);
    },
  );
});
