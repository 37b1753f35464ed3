import { expect, it } from "vitest";
import { demoKeys } from "../fakes/keys.ts";
import { useFakes } from "../fakes/use.ts";
import { connection } from "./vendor.ts";

/** People who may see one site of Datto RMM only. */
const fakes = useFakes();

const { world } = fakes["datto-rmm"].states.get(demoKeys["datto-rmm"].apiKey)!;
const [site, other] = ["Contoso", "Fabrikam"].map((name) => world.sites.find((each) => each.name.startsWith(name))!);
const ours = world.machines.filter((machine) => machine.site === site);
const others = world.machines.filter((machine) => machine.site !== site);
const limited = () => {
  const dropped: number[] = [];
  const boundary = { ids: new Set([site!.uid]), noteDropped: (rows: number) => void dropped.push(rows) };
  return { ...connection("datto-rmm", { boundary }), dropped };
};

const changed = () =>
  fakes.exchanges.filter(({ method, outside, url }) => method !== "GET" && !outside && !url.pathname.includes("oauth"));

it("lists the devices of the one site, page by page, each once (TEN-03, TEN-04)", async () => {
  const { call, dropped } = limited();
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const result = await call("datto_list_devices", { limit: 3, ...(cursor && { cursor }) });
    if (!result.ok) throw result.error;
    const { devices, next_cursor } = result.value as { devices: { uid: string }[]; next_cursor?: string };
    seen.push(...devices.map(({ uid }) => uid));
    cursor = next_cursor;
  } while (cursor);
  expect(seen).toEqual(ours.map(({ uid }) => uid));
  expect(dropped.reduce((sum, each) => sum + each)).toBeGreaterThan(0);
});

it("tells a device of another site and one that does not exist alike (TEN-04)", async () => {
  const ask = async (deviceUid: string) => {
    const result = await limited().call("datto_get_device", { deviceUid });
    return result.ok ? result.value : { code: result.error.code, message: result.error.message };
  };
  const there = await ask(others[0]!.uid);
  expect(there).toEqual({ code: "OUTSIDE_CUSTOMERS", message: "This is not among the customers you may see." });
  expect(await ask("00000000-0000-4000-8000-000000000000")).toEqual(there);
  expect(await ask(ours[0]!.uid)).toMatchObject({ device: { siteUid: site!.uid } });
});

it("changes what belongs to the site, and asks nothing of the vendor for another that an argument names (TEN-04)", async () => {
  const states = fakes["datto-rmm"].states.get(demoKeys["datto-rmm"].apiKey)!;
  const alertAt = (uid: string) =>
    states.alerts.find(({ alertSourceInfo, resolved }) => alertSourceInfo.siteUid === uid && !resolved)!;
  const { call } = limited();
  const foreign = alertAt(other!.uid);
  expect(await call("datto_resolve_alert", { alertUid: foreign.alertUid })).toMatchObject({
    ok: false,
    error: { code: "OUTSIDE_CUSTOMERS" },
  });
  expect(foreign.resolved).toBe(false);
  expect(changed()).toEqual([]);
  const own = alertAt(site!.uid);
  expect(await call("datto_resolve_alert", { alertUid: own.alertUid })).toMatchObject({ ok: true });
  expect(own.resolved).toBe(true);

  fakes.clear();
  const move = { deviceUid: ours[0]!.uid, siteUid: other!.uid };
  expect(await call("datto_move_device", move)).toMatchObject({ ok: false, error: { code: "OUTSIDE_CUSTOMERS" } });
  expect(fakes.exchanges).toEqual([]);
  const take = { deviceUid: others[0]!.uid, siteUid: site!.uid };
  expect(await call("datto_move_device", take)).toMatchObject({ ok: false, error: { code: "OUTSIDE_CUSTOMERS" } });
  expect(changed()).toEqual([]);
});

it("tells no number that counts what was left out (TEN-04)", async () => {
  const result = await limited().call("datto_triage_alerts", {});
  if (!result.ok) throw result.error;
  const { totals, alertsCoverage: coverage } = result.value as {
    totals: { count: number; by: { site: object } };
    alertsCoverage: Record<string, unknown>;
  };
  expect(Object.keys(totals.by.site)).toEqual([site!.name]);
  expect(coverage).toMatchObject({ asked: totals.count, answered: totals.count });
  expect(coverage).not.toHaveProperty("of");
});
