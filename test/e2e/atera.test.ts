import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { coreOperations } from "../../generator/intake/mapped.ts";
import { checkAnswer } from "../fakes/answers.ts";
import { demoKeys } from "../fakes/keys.ts";
import { useFakes } from "../fakes/use.ts";
import { readDocument } from "../fakes/validate.ts";
import { connection, toolOf, vendorOf } from "./vendor.ts";

const fakes = useFakes();
const state = fakes.atera.states.get(demoKeys.atera.apiKey)!;
const atera = () => connection("atera");

async function answerOf(tool: string, args: object) {
  const result = await atera().call(tool, args);
  if (!result.ok) throw result.error;
  // biome-ignore lint/suspicious/noExplicitAny: a result has the shape of its tool; the expectations below say which
  return result.value as any;
}

it("sends the key in X-API-KEY, to Atera's address alone (VEN-16)", async () => {
  await atera().verify();
  await answerOf("atera_list_tickets", {});
  expect(fakes.exchanges.map(({ template }) => template)).toEqual(["/api/v3/account", "/api/v3/tickets"]);
  for (const { url, headers } of fakes.exchanges) {
    expect([url.origin, headers.get("x-api-key")]).toEqual(["https://app.atera.com", demoKeys.atera.apiKey]);
    expect(url.href).not.toContain(demoKeys.atera.apiKey);
    expect(headers.get("authorization")).toBeNull();
  }
});

it("reads a filtered list to its end by cursor, without a gap or a repeat, and never by the vendor's links (VEN-24)", async () => {
  fakes.atera.trouble.pageSize = 7;
  const seen: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await answerOf("atera_list_alerts", { severity: "Warning", limit: 10, ...(cursor && { cursor }) });
    seen.push(...(page.alerts as { id: number }[]).map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor);
  const wanted = state.alerts.filter((alert) => alert.state === "Open" && alert.Severity === "Warning");
  expect(seen).toEqual(wanted.map(({ AlertID }) => AlertID));
  expect(new Set(fakes.exchanges.map(({ url }) => url.hostname))).toEqual(new Set(["app.atera.com"]));
});

it("stops looking after so many pages, and says how many were looked at (VEN-24)", async () => {
  fakes.atera.trouble.pageSize = 2;
  const { alerts, coverage, truncated } = await answerOf("atera_list_alerts", { agentId: 1 });
  expect(alerts).toEqual([]);
  expect(truncated).toBe(true);
  expect(coverage).toMatchObject({ asked: 20, complete: false });
  expect(fakes.exchanges).toHaveLength(10);
});

it("needs an author for a comment before it sends anything", async () => {
  const { TicketID: ticketId } = state.tickets[0]!;
  expect(await atera().call("atera_add_comment", { ticketId, text: "Hello" })).toMatchObject({
    ok: false,
    error: { code: "INVALID_INPUT", fields: [{ field: "technicianId" }] },
  });
  expect(fakes.exchanges).toEqual([]);
});

it("says what was done when the contact of an alert's ticket is not known", async () => {
  const { AlertID: alertId } = state.alerts[1]!;
  const result = await atera().call("atera_alert_to_ticket", {
    alertId,
    title: "Disk",
    contactId: 999_999,
    resolve: true,
  });
  expect(result).toMatchObject({ ok: false, error: { code: "VENDOR_REJECTED" } });
  expect(fakes.exchanges.map(({ method }) => method)).toEqual(["GET", "POST"]);
  expect(state.alerts[1]!.state).toBe("Open");
});

it("lets a person decide about a comment that the customer sees, and about no other (VEN-23)", () => {
  const { confirm } = toolOf("atera_add_comment");
  expect(confirm?.when?.({ as: "note" })).toBe(false);
  for (const as of ["reply", "contact"]) expect(confirm?.when?.({ as })).toBe(true);
});

it("covers tickets, customers, contacts, devices and alerts (VEN-21)", () => {
  const tools = vendorOf("atera").tools.map(({ name }) => name);
  for (const task of ["list_tickets", "create_ticket", "list_customers", "list_contacts", "list_agents", "list_alerts"])
    expect(tools).toContain(`atera_${task}`);
});

it.skipIf(!readDocument("atera").complete)(
  "has a fake that answers every mapped read as the vendor's document says (DOC-07)",
  async () => {
    const { document } = readDocument("atera");
    const agent = state.agents[0]!;
    const values: Record<string, string | number> = {
      customerId: 4001,
      agentId: agent.id,
      deviceGuid: agent.uid,
      machineName: agent.hostname,
      alertId: 255,
      ticketId: state.tickets[0]!.TicketID,
      contactId: state.contacts[0]!.EndUserID,
    };
    const mapped = coreOperations(readFileSync("vendors.yaml", "utf8"), "atera")!.filter((each) =>
      each.startsWith("GET"),
    );
    const problems: string[] = [];
    for (const title of mapped) {
      const template = title.slice("GET ".length);
      const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
      const response = await fetch(`https://app.atera.com${path}`, { headers: { "x-api-key": demoKeys.atera.apiKey } });
      problems.push(...checkAnswer(document, "GET", template, response.status, await response.json()));
    }
    expect(mapped.length).toBeGreaterThan(20);
    expect(problems).toEqual([]);
  },
);
