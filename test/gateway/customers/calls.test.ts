import { describe, expect, it } from "vitest";
import { demoKeys, otherKeys } from "../../fakes/keys.ts";
import { useFakes } from "../../fakes/use.ts";
import { toolCallsOf } from "../mcp/gate.ts";
import { msp, textsOf, told } from "./msp.ts";

/** A limited technician with a real client, against the fakes of the vendors. */
const fakes = useFakes();
const DATTO = "datto-rmm";
const { world } = fakes[DATTO].states.get(demoKeys[DATTO].apiKey)!;
const [contoso, fabrikam] = ["Contoso", "Fabrikam"].map(
  (name) => world.sites.find((one) => one.name.startsWith(name))!,
);
const machinesOf = (site: typeof contoso) => world.machines.filter((machine) => machine.site === site);
const changesSeen = () =>
  fakes.exchanges.filter(({ method, outside, url }) => method !== "GET" && !outside && !url.pathname.includes("oauth"));

async function setting() {
  const room = await msp();
  const ann = await room.technician();
  await ann.writes(true);
  const connection = await ann.connect(DATTO, demoKeys[DATTO]);
  const ours = await ann.customer("Contoso Ltd.", { [DATTO]: contoso!.uid });
  const theirs = await ann.customer("Fabrikam", { [DATTO]: fabrikam!.uid });
  await ann.limit([ours]);
  const client = await ann.client(DATTO, connection.id);
  const call = (name: string, args: Record<string, unknown> = {}) => client.callTool({ name, arguments: args });
  return { ...room, ann, connection, ours, theirs, client, call };
}

describe("a technician who is limited to Contoso", () => {
  it("lists Contoso's devices alone, and the answer says so beside what it answers (TEN-03, TEN-04)", async () => {
    const { call } = await setting();
    const answer = await call("datto_list_devices", { limit: 100 });
    const { devices } = answer.structuredContent as { devices: { uid: string }[] };
    expect(devices.map(({ uid }) => uid)).toEqual(machinesOf(contoso).map(({ uid }) => uid));
    expect(textsOf(answer).at(-1)).toBe("Limited to: Contoso Ltd..");
    expect(answer._meta).toMatchObject({ "vendorsmith/limited-to": ["Contoso Ltd."] });
    expect(JSON.stringify(answer.structuredContent)).not.toContain("Limited to");
  });

  it("gets Contoso's device by id and is refused Fabrikam's, as one that is not there (TEN-04)", async () => {
    const { app, call, ann, ours } = await setting();
    const [own, foreign] = [machinesOf(contoso)[0]!, machinesOf(fabrikam)[0]!];
    expect(told(await call("datto_get_device", { deviceUid: own.uid }))).toContain(own.hostname);
    const refused = await call("datto_get_device", { deviceUid: foreign.uid });
    const unknown = await call("datto_get_device", { deviceUid: "00000000-0000-4000-8000-000000000000" });
    expect(refused).toMatchObject({ isError: true });
    expect(textsOf(refused)).toEqual(textsOf(unknown));
    expect(told(refused)).not.toMatch(new RegExp(`${foreign.hostname}|${fabrikam!.name}|Fabrikam`));

    const rows = await toolCallsOf(app, ann.org);
    expect(
      rows.map(({ status, rule, customer, code, dropped }) => ({ status, rule, customer, code, dropped })),
    ).toEqual([
      { status: "success", rule: "allowed", customer: ours, code: undefined, dropped: undefined },
      { status: "denied", rule: "customer", customer: ours, code: "OUTSIDE_CUSTOMERS", dropped: 1 },
      { status: "denied", rule: "customer", customer: ours, code: "OUTSIDE_CUSTOMERS", dropped: undefined },
    ]);
  });

  it("records how many rows were left out, and the answer does not count them (TEN-04, AUD-01)", async () => {
    const { app, call, ann } = await setting();
    const answer = await call("datto_list_devices", { limit: 100 });
    const [row] = await toolCallsOf(app, ann.org);
    const dropped = world.machines.length - machinesOf(contoso).length;
    expect(row.dropped).toBe(dropped);
    expect(Object.keys(answer.structuredContent as object).sort()).toEqual(["devices", "truncated"]);
  });

  it("writes to Contoso by id, and neither to Fabrikam nor from one to the other (TEN-04)", async () => {
    const { call } = await setting();
    const { alerts } = fakes[DATTO].states.get(demoKeys[DATTO].apiKey)!;
    const alertOf = (uid: string) =>
      alerts.find(({ alertSourceInfo, resolved }) => alertSourceInfo.siteUid === uid && !resolved)!;
    const [own, foreign] = [alertOf(contoso!.uid), alertOf(fabrikam!.uid)];
    expect(await call("datto_resolve_alert", { alertUid: foreign.alertUid })).toMatchObject({ isError: true });
    expect([foreign.resolved, changesSeen()]).toEqual([false, []]);
    expect(await call("datto_resolve_alert", { alertUid: own.alertUid })).not.toMatchObject({ isError: true });
    expect(own.resolved).toBe(true);
    own.resolved = false;
  });

  it("sees nothing at all without a customer, and is told who can change that (TEN-03)", async () => {
    const { call, ann, ours, app, client } = await setting();
    await ann.limit([], [ours]);
    const answer = await call("datto_list_components");
    expect(told(answer)).toContain("none is given to you yet");
    expect(await call("datto_list_devices")).toMatchObject({ isError: true });
    expect((await toolCallsOf(app, ann.org)).map(({ rule }) => rule)).toEqual(["customer-none", "customer-none"]);
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
  });

  it("is told why a tool that cannot be kept to customers is refused, and does not see it listed (TEN-03, TEN-06)", async () => {
    const { call, client } = await setting();
    const listed = (await client.listTools()).tools.map(({ name }) => name);
    expect(listed).toContain("datto_list_devices");
    expect(listed).not.toContain("datto_get_activity");
    expect(told(await call("datto_get_activity"))).toContain("cannot be kept to single customers");
  });

  it("finds the same limits behind the search tools (TEN-03)", async () => {
    const { ann, connection } = await setting();
    const client = await ann.client(DATTO, connection.id, "?tools=search");
    const found = await client.callTool({ name: "search_tools", arguments: { query: "activity" } });
    expect(told(found)).not.toContain("datto_get_activity");
    const args = { name: "datto_list_devices", arguments: { limit: 100 } };
    const answer = await client.callTool({ name: "call_tool", arguments: args });
    expect(told(answer)).toContain(machinesOf(contoso)[0]!.hostname);
    expect(told(answer)).not.toContain(machinesOf(fabrikam)[0]!.hostname);
    expect(textsOf(answer).at(-1)).toContain("Limited to: Contoso");
  });

  it("finds the same limits in extended tools (TEN-03)", async () => {
    const { ann, connection } = await setting();
    await ann.extended(DATTO);
    const client = await ann.client(DATTO, connection.id);
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toContain("datto_list_network_interfaces");
    expect(names).not.toContain("datto_list_users");
    const ask = (siteUid: string) => client.callTool({ name: "datto_list_network_interfaces", arguments: { siteUid } });
    fakes.clear();
    expect(told(await ask(fabrikam!.uid))).toContain("OUTSIDE_CUSTOMERS");
    expect(fakes.exchanges.filter(({ outside }) => !outside)).toEqual([]);
  });

  it("may use no cursor from before the limit, from after it, nor one made up (TEN-04)", async () => {
    const { call, ann, ours, theirs } = await setting();
    const page = async (cursor?: unknown) =>
      await call("datto_list_devices", { limit: 2, ...(cursor ? { cursor } : {}) });
    const cursorOf = ({ structuredContent }: Awaited<ReturnType<typeof page>>) =>
      (structuredContent as { next_cursor?: string }).next_cursor!;
    await ann.unlimit();
    const before = cursorOf(await page());
    await ann.limit();
    const own = cursorOf(await page());
    expect(told(await page(before))).toContain("INVALID_INPUT");
    expect(told(await page(`AAAAAAAAAAAA${own.slice(12)}`))).toContain("INVALID_INPUT");
    expect(await page(own)).not.toMatchObject({ isError: true });
    await ann.limit([theirs]);
    expect(told(await page(own))).toContain("INVALID_INPUT");
    await ann.limit([], [theirs, ours]);
    await ann.unlimit();
    expect(told(await page(own))).toContain("INVALID_INPUT");
    expect(await page(before)).not.toMatchObject({ isError: true });
  });

  it("is limited to what holds at the next request, with the token they have (TEN-05)", async () => {
    const { call, ann, ours, theirs } = await setting();
    const sites = async () =>
      new Set(((await call("datto_list_devices", { limit: 100 })).structuredContent as { devices: { site: string }[] }).devices.map(({ site }) => site)); // biome-ignore format: one thought
    expect(await sites()).toEqual(new Set([contoso!.name]));
    await ann.limit([theirs], [ours]);
    expect(await sites()).toEqual(new Set([fabrikam!.name]));
    await ann.unlimit();
    expect((await sites()).size).toBeGreaterThan(2);
  });
});

describe("one id in two accounts of a vendor", () => {
  it("admits in the account that it was linked in, and not in the other (TEN-03, TEN-04)", async () => {
    const { technician } = await msp();
    const ann = await technician();
    const first = await ann.connect(DATTO, demoKeys[DATTO]);
    const second = await ann.connect(DATTO, otherKeys[DATTO]);
    await ann.limit([await ann.customer("Contoso", { [DATTO]: contoso!.uid }, first.id)]);
    const devicesIn = async (connection: string) => {
      const client = await ann.client(DATTO, connection);
      const listed = await client.callTool({ name: "datto_list_devices", arguments: { limit: 100 } });
      const named = await client.callTool({ name: "datto_list_devices", arguments: { siteUid: contoso!.uid } });
      return [listed, named].map(
        (answer) => (answer.structuredContent as { devices: unknown[] } | undefined)?.devices.length,
      );
    };
    const ours = machinesOf(contoso).length;
    expect(await devicesIn(first.id)).toEqual([ours, ours]);
    expect(await devicesIn(second.id)).toEqual([0, undefined]);
  });

  it("is another organisation's business in another organisation (TEN-01, TEN-03)", async () => {
    const { technician } = await msp();
    const people = [await technician("ann@bluepeak.example"), await technician("bob@harbor.example")] as const;
    const keys = [demoKeys[DATTO], otherKeys[DATTO]];
    const answers = await Promise.all(
      people.map(async (person, index) => {
        const { id } = await person.connect(DATTO, keys[index]!);
        const [mine, other] = [contoso!, fabrikam!].map(({ uid }) => uid);
        await person.limit([await person.customer("Mine", { [DATTO]: index === 0 ? mine! : other! })]);
        const client = await person.client(DATTO, id);
        return await Promise.all(
          [mine, other].map(async (siteUid) => {
            const answer = await client.callTool({ name: "datto_list_devices", arguments: { siteUid } });
            return answer.isError !== true;
          }),
        );
      }),
    );
    expect(answers).toEqual([
      [true, false],
      [false, true],
    ]);
    const [ann, bob] = people;
    const foreign = await bob.customer("Theirs", {});
    await ann.limit([foreign]);
  });
});

describe("a tool across vendors", () => {
  it("is held to each vendor's own ids, and finds nothing where none is linked (TEN-04)", async () => {
    const { technician, app } = await msp();
    const ann = await technician();
    const datto = await ann.connect(DATTO, demoKeys[DATTO]);
    const itglue = await ann.connect("itglue", demoKeys.itglue);
    const bound = { [DATTO]: datto.id, itglue: itglue.id };
    const ours = await ann.customer("Contoso", { [DATTO]: contoso!.uid });
    await ann.limit([ours]);
    const client = await ann.clientOfAll(bound);
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toContain("msp_device_overview");
    const overview = (hostname: string) => client.callTool({ name: "msp_device_overview", arguments: { hostname } });
    const [own, foreign] = [machinesOf(contoso)[0]!, machinesOf(fabrikam)[0]!];
    const seen = told(await overview(own.hostname));
    expect(seen).toContain(own.uid);
    const refused = told(await overview(foreign.hostname));
    for (const mark of [foreign.uid, fabrikam!.name, fabrikam!.uid]) expect(refused).not.toContain(mark);
    const rows = await toolCallsOf(app, ann.org);
    expect(rows[0]).toMatchObject({ customer: ours });
  });
});
