import { describe, expect, it } from "vitest";
import { changePolicy } from "../../gateway/identity/policies.ts";
import { newCall, parseInput } from "../../runtime/index.ts";
import { demoKeys } from "../fakes/keys.ts";
import { down } from "../fakes/trouble.ts";
import { useFakes } from "../fakes/use.ts";
import { signedIn } from "../gateway/approvals/members.ts";
import type { Waiting } from "../gateway/approvals/room.ts";
import { msp } from "../gateway/customers/msp.ts";
import { SWITCHED_ON } from "../gateway/policies.ts";
import { cases, idsOf } from "./cases.ts";
import { connection, toolOf, vendors } from "./vendor.ts";

const fakes = useFakes();
const ids = idsOf(fakes);
const halo = fakes.halopsa.states.get(demoKeys.halopsa.host)!;
const syncro = fakes.syncro.states.get(demoKeys.syncro.apiToken)!;
const haloTicket = halo.tickets.find(({ hasbeenclosed, priority_id }) => !hasbeenclosed && priority_id !== 1)!;
const syncroTicket = syncro.tickets.find(({ status }) => status !== "Resolved")!;

/** The page that a person reads before saying yes to this call. */
async function asked(vendor: "halopsa" | "syncro" | "datto-rmm", name: string, args: Record<string, unknown>) {
  const { app, technician } = await msp();
  const ann = await technician();
  await changePolicy(app, {
    org: ann.org,
    actor: ann.user,
    type: "policy.test",
    change: (document) => ({ ...document, switches: SWITCHED_ON }),
  });
  const { id } = await ann.connect(vendor, demoKeys[vendor]);
  const client = await ann.client(vendor, id);
  const answer = await client.callTool({ name, arguments: args });
  const waiting = answer.structuredContent as unknown as Waiting;
  expect(waiting.status).toBe("approval_required");
  const browser = await signedIn(app, ann.user, ann.org);
  return { told: JSON.stringify(answer), page: (await browser.get(`/approvals/${waiting.approval_id}`)).body };
}

const changes = () => fakes.exchanges.filter(({ method, outside }) => method !== "GET" && !outside);

describe.each([
  {
    vendor: "halopsa",
    tool: "halo_update_ticket",
    args: { ticketId: haloTicket.id, team: "2nd Line Support" },
    path: "GET /Tickets/{id}",
    before: haloTicket.team,
    after: "2nd Line Support",
  },
  {
    vendor: "syncro",
    tool: "syncro_update_ticket",
    args: { ticketId: syncroTicket.id, status: "Resolved" },
    path: "GET /tickets/{id}",
    before: syncroTicket.status,
    after: "Resolved",
  },
] as const)("the preview of $tool", ({ vendor, tool, args, path, before, after }) => {
  it("shows how it is and how it is to be, to the person and not to the model; nothing is changed (APR-03)", async () => {
    const { page, told } = await asked(vendor, tool, args);
    expect(before).not.toBe(after);
    expect(page).toContain(`<del>${before}</del>`);
    expect(page).toContain(`<ins>${after}</ins>`);
    expect(told).not.toContain(before);
    expect(changes()).toEqual([]);
  });

  it("does without when the read fails (APR-03)", async () => {
    fakes[vendor].trouble.next(down(), { match: path, times: 10 });
    const { page } = await asked(vendor, tool, args);
    expect(page).toContain(after);
    expect(page).not.toContain("<del>");
    expect(page).toContain("How it is now could not be read");
  });
});

it("the preview of datto_resolve_alert says of which device the alert is, by its id alone (APR-03)", async () => {
  const { alertUid, alertSourceInfo } = ids.datto.alerts.find(({ resolved }) => !resolved)!;
  const { page, told } = await asked("datto-rmm", "datto_resolve_alert", { alertUid });
  expect(page).toContain("<dt>Device</dt>");
  expect(page).toContain(alertSourceInfo.deviceName);
  expect(page).not.toContain("<del>");
  expect(told).not.toContain(alertSourceInfo.deviceName);
});

/** A search may be a POST. */
const READS = new Set(["GET", "POST", "query"]);

describe("how it is now", () => {
  const looking = cases.filter(({ tool }) => toolOf(tool)?.before);

  it.each(looking.map(({ vendor, tool, args }) => [tool, vendor, args] as const))(
    "is read for %s and changes nothing (APR-03)",
    async (name, vendor, args) => {
      const tool = toolOf(name);
      const parsed = parseInput(tool, args(ids));
      if (!parsed.ok) throw parsed.error;
      const now = await tool.before!(parsed.value, connection(vendor).client, newCall());
      const isNew = "id" in tool.input.shape && (args(ids) as { id?: unknown }).id === undefined;
      if (isNew) expect(now).toEqual({});
      else expect(Object.values(now).filter((value) => value !== undefined)).not.toEqual([]);
      const asked = fakes.exchanges.filter(({ outside }) => !outside);
      expect(asked.filter(({ method }) => !READS.has(method))).toEqual([]);
    },
  );

  it("has a case for every tool that can tell (APR-03)", () => {
    const can = vendors.flatMap(({ tools }) => tools.filter((tool) => tool.before).map(({ name }) => name));
    expect(can.length).toBeGreaterThan(10);
    expect(can.filter((name) => !looking.some(({ tool }) => tool === name))).toEqual([]);
  });
});
