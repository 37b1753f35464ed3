import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { cases, idsOf } from "../../e2e/cases.ts";
import { toolOf } from "../../e2e/vendor.ts";
import { demoKeys } from "../../fakes/keys.ts";
import { useFakes } from "../../fakes/use.ts";
import { modern } from "../mcp/gate.ts";
import { msp, textsOf, told } from "./msp.ts";

const fakes = useFakes();
const DATTO = "datto-rmm";
const { world } = fakes[DATTO].states.get(demoKeys[DATTO].apiKey)!;
const ids = idsOf(fakes);
const core = cases.filter(({ vendor, tool }) => vendor === DATTO && toolOf(tool).access === "read");
const marksOf = (site: (typeof world.sites)[number]) => [
  site.uid,
  site.name,
  ...world.machines.filter((machine) => machine.site === site).flatMap(({ uid, hostname }) => [uid, hostname]),
];

async function setting() {
  const room = await msp();
  const ann = await room.technician();
  const { id } = await ann.connect(DATTO, demoKeys[DATTO]);
  const customers = new Map<string, string>();
  for (const { uid, name } of world.sites) customers.set(uid, await ann.customer(name, { [DATTO]: uid }));
  const client = await ann.client(DATTO, id);
  return { ...room, ann, id, customers, client };
}

it("tells a limited person no id and no name of other customers, whatever is asked (TEN-03, TEN-04)", async () => {
  const { ann, customers, client } = await setting();
  const machines = world.machines.map(({ uid }) => uid);
  const sites = world.sites.map(({ uid }) => uid);
  await fc.assert(
    fc.asyncProperty(
      fc.subarray(world.sites, { minLength: 1, maxLength: 2 }),
      fc.constantFrom(...core),
      fc.record(
        {
          deviceUid: fc.constantFrom(...machines),
          siteUid: fc.constantFrom(...sites),
          deviceUids: fc.subarray(machines, { minLength: 1, maxLength: 3 }),
          limit: fc.integer({ min: 1, max: 100 }),
        },
        { requiredKeys: [] },
      ),
      async (given, { tool, args }, others) => {
        const chosen = given.map(({ uid }) => customers.get(uid)!);
        await ann.limit(chosen, [...customers.values()].filter((one) => !chosen.includes(one))); // biome-ignore format: one thought
        const takes = Object.keys(toolOf(tool).input.shape);
        const asked = {
          ...args(ids),
          ...Object.fromEntries(Object.entries(others).filter(([name]) => takes.includes(name))),
        };
        const answer = told(await client.callTool({ name: tool, arguments: asked }));
        const words = JSON.stringify(asked);
        const named = given.map(({ name }) => name);
        for (const site of world.sites.filter((one) => !given.includes(one)))
          for (const mark of marksOf(site))
            if (!words.includes(mark) && !named.some((name) => name.includes(mark))) expect(answer).not.toContain(mark);
      },
    ),
    { numRuns: 80 },
  );
}, 120_000);

it("answers under one limit from beginning to end, and names that one, when it is changed meanwhile (TEN-05)", async () => {
  const { ann, customers, client } = await setting();
  const [one, two] = world.sites as [(typeof world.sites)[number], (typeof world.sites)[number]];
  const ours = (site: typeof one) => customers.get(site.uid)!;
  await ann.limit([ours(one)]);
  for (let turn = 0; turn < 6; turn++) {
    const [from, to] = turn % 2 === 0 ? [one, two] : [two, one];
    const [answer] = await Promise.all([
      client.callTool({ name: "datto_list_devices", arguments: { limit: 100 } }),
      ann.limit([ours(to)], [ours(from)]),
    ]);
    const { devices } = answer.structuredContent as { devices: { site: string }[] };
    const said = textsOf(answer).at(-1)!;
    expect(new Set(devices.map(({ site }) => `Limited to: ${site}.`))).toEqual(new Set([said]));
  }
});

it("asks the database once more for the list of a limited person, whatever the number of tools (TEN-03)", async () => {
  const { app, ann, id, customers } = await setting();
  const token = await ann.tokenFor(DATTO, id);
  const executor = Object.getPrototypeOf(Object.getPrototypeOf(app.db.getExecutor())) as { executeQuery(): unknown };
  const asked = vi.spyOn(executor, "executeQuery");
  const list = async () => {
    const { headers, payload } = modern("tools/list");
    const before = asked.mock.calls.length;
    const answer = await app.inject({ method: "POST", url: `/v1/${DATTO}`, headers: { ...headers, authorization: `Bearer ${token}` }, payload }); // biome-ignore format: one thought
    expect(answer.json().result.tools.length).toBeGreaterThan(5);
    return asked.mock.calls.length - before;
  };
  await list();
  const free = await list();
  await ann.limit([...customers.values()]);
  expect(free).toBeGreaterThan(0);
  expect(await list()).toBe(free + 1);
});
