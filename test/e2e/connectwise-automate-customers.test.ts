import { expect, it } from "vitest";
import { demoKeys } from "../fakes/keys.ts";
import { useFakes } from "../fakes/use.ts";
import { connection, vendorOf } from "./vendor.ts";

/** People who may see one client of ConnectWise Automate only. */
const fakes = useFakes();
const state = fakes["connectwise-automate"].states.get(demoKeys["connectwise-automate"].serverUrl)!;
const [ours, theirs] = ["Contoso", "Fabrikam"].map(
  (name) => state.world.companies.find((each) => each.name.startsWith(name))!,
);
const machinesOf = (company: number) =>
  state.managed.filter(({ site, online }) => site.company.id === company && online);
const own = machinesOf(ours!.id)[0]!;
const foreign = machinesOf(theirs!.id)[0]!;

const call = (tool: string, args: object) =>
  connection("connectwise-automate", { boundary: { ids: new Set([String(ours!.id)]) } }).call(tool, { ...args });

async function answerOf(tool: string, args: object) {
  const result = await call(tool, args);
  if (!result.ok) throw result.error;
  // biome-ignore lint/suspicious/noExplicitAny: each tool answers in its own shape
  return result.value as any;
}

const REFUSED = { ok: false, error: { code: "OUTSIDE_CUSTOMERS" } };
const sent = () => fakes.exchanges.filter(({ method, outside }) => method === "POST" && !outside);

it.each([
  ["cwa_search_computers", { limit: 100 }, "computers"],
  ["cwa_list_offline_computers", { days: 1, limit: 100 }, "computers"],
  ["cwa_list_alerts", { limit: 100 }, "alerts"],
  ["cwa_list_network_devices", { limit: 100 }, "devices"],
] as const)("%s is of the one client (TEN-03, TEN-04)", async (tool, args, key) => {
  const rows = (await answerOf(tool, args))[key] as { client: string }[];
  expect([...new Set(rows.map(({ client }) => client))]).toEqual([ours!.name]);
});

it("lists the one client, its locations and its programs (TEN-03, TEN-04)", async () => {
  const { clients, locations } = await answerOf("cwa_list_clients", { name: "o" });
  expect(clients).toEqual([expect.objectContaining({ id: String(ours!.id) })]);
  expect([...new Set(locations.map((each: { client: string }) => each.client))]).toEqual([ours!.name]);
  const { software } = await answerOf("cwa_list_software", { name: "Chrome", limit: 100 });
  const mine = state.managed.filter(({ site }) => site.company.id === ours!.id).map(({ id }) => id);
  expect(software.map((each: { computerId: number }) => each.computerId)).toEqual(mine);
});

it.each([
  ["cwa_get_computer", (id: number) => ({ id })],
  ["cwa_patch_status", (computerId: number) => ({ computerId })],
  ["cwa_get_script_result", (computerId: number) => ({ computerId, scriptId: 5102, waitSeconds: 0 })],
] as const)("%s tells a computer of another client and one that is not there alike (TEN-04)", async (tool, args) => {
  expect(await call(tool, args(own.id))).toMatchObject({ ok: true });
  const there = await call(tool, args(foreign.id));
  // Waiting for a script's run is no failure: there is none to be seen.
  expect(there.ok ? there.value : "refused").toEqual(there.ok ? { finished: false, truncated: false } : "refused");
  expect(await call(tool, args(999_999))).toEqual(there);
});

it.each([
  ["cwa_suspend_monitor", (computerId: number) => ({ computerId, monitorId: 31 })],
  ["cwa_run_script", (id: number) => ({ computerIds: [id], scriptId: 5101 })],
  ["cwa_run_command", (computerId: number) => ({ computerId, commandId: "2", parameters: ["hostname"] })],
] as const)("%s acts on a computer of the client and on no other's (TEN-04)", async (tool, args) => {
  expect(await call(tool, args(foreign.id))).toMatchObject(REFUSED);
  expect(sent()).toEqual([]);
  expect(await call(tool, args(own.id))).toMatchObject({ ok: true });
  expect(sent()).toHaveLength(1);
});

it("runs a script nowhere when one of the computers is another client's (TEN-04)", async () => {
  expect(await call("cwa_run_script", { computerIds: [own.id, foreign.id], scriptId: 5101 })).toMatchObject(REFUSED);
  expect(sent()).toEqual([]);
});

it("uninstalls nothing at another client (TEN-04)", async () => {
  const { ok } = await call("cwa_uninstall_software", { computerId: foreign.id, software: "Google Chrome" });
  expect(ok).toBe(false);
  expect(sent()).toEqual([]);
  const program = { computerId: own.id, software: "Google Chrome" };
  expect(await call("cwa_uninstall_software", program)).toMatchObject({ ok: true });
});

it("refuses groups, patching of groups and new clients, and asks nothing for them (TEN-04)", async () => {
  expect(await call("cwa_list_groups", {})).toMatchObject({
    error: {
      message: "This cannot be limited to the customers you may see. A group holds computers of several clients.",
    },
  });
  const patch = { target: "computer", targetId: own.id, which: "approved" };
  expect(await call("cwa_deploy_patches", patch)).toMatchObject(REFUSED);
  expect(await call("cwa_create_client", { name: "Tailspin" })).toMatchObject({ ok: false });
  expect(fakes.exchanges.filter(({ outside }) => !outside)).toEqual([]);
  const refused = vendorOf("connectwise-automate").tools.filter(({ customers }) => customers === "refused");
  expect(refused.map(({ name }) => name).sort()).toEqual([
    "cwa_add_group_member",
    "cwa_create_client",
    "cwa_deploy_patches",
    "cwa_list_group_members",
    "cwa_list_groups",
    "cwa_list_schedules",
  ]);
});
