import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { coreOperations } from "../../generator/intake/mapped.ts";
import { describe as text } from "../../runtime/index.ts";
import { checkAnswer } from "../fakes/answers.ts";
import { demoKeys, otherKeys } from "../fakes/keys.ts";
import { refused } from "../fakes/trouble.ts";
import { useFakes } from "../fakes/use.ts";
import { readDocument } from "../fakes/validate.ts";
import { connection, toolOf, vendorOf } from "./vendor.ts";

const fakes = useFakes();
const state = fakes.syncro.states.get(demoKeys.syncro.apiToken)!;
const syncro = () => connection("syncro");
const [ticket] = state.tickets as [(typeof state.tickets)[number]];

async function answerOf(tool: string, args: object) {
  const result = await syncro().call(tool, args);
  if (!result.ok) throw result.error;
  // biome-ignore lint/suspicious/noExplicitAny: a result has the shape of its tool; the expectations below say which
  return result.value as any;
}

it("signs in with a bearer token at the account's own host, however the subdomain was typed (VEN-15)", async () => {
  const { apiToken } = demoKeys.syncro;
  for (const subdomain of [
    "bluepeak",
    "bluepeak.syncromsp.com",
    "https://bluepeak.syncromsp.com/",
    "http://bluepeak.syncromsp.com/tickets?view=1",
  ]) {
    expect((await connection("syncro", { keys: { subdomain, apiToken } }).call("syncro_list_choices", {})).ok).toBe(
      true,
    );
    const { url, headers } = fakes.exchanges.at(-1)!;
    expect(url.href).toBe("https://bluepeak.syncromsp.com/api/v1/tickets/settings");
    expect(headers.get("authorization")).toBe(`Bearer ${apiToken}`);
  }
});

it("takes nothing for a subdomain that would lead to another host (VEN-15)", () => {
  const parse = (subdomain: string) => vendorOf("syncro").credentials.parse({ subdomain, apiToken: "x" }).ok;
  for (const subdomain of [
    "evil.example",
    "bluepeak.syncromsp.com.evil.example",
    "evil.example/bluepeak",
    "evil.example#",
    "user@evil",
    "bluepeak:8443",
    "-bluepeak",
    "blue peak",
    "",
  ])
    expect(parse(subdomain), subdomain).toBe(false);
});

it("declares 180 requests a minute for one address, whoever asks (VEN-15, VEN-26)", () => {
  expect(vendorOf("syncro").limits).toMatchObject({ all: { requests: 180, windowMs: 60_000 }, by: "address" });
});

it("keeps the accounts of two hosts apart, although their ids are the same", async () => {
  const other = connection("syncro", { keys: otherKeys.syncro });
  const result = await other.call("syncro_list_customers", { businessName: "Contoso" });
  expect(result).toMatchObject({ ok: true, value: { customers: [{ id: 4001, name: /Harbor & Finch/ }] } });
  const mixed = { subdomain: otherKeys.syncro.subdomain, apiToken: demoKeys.syncro.apiToken };
  expect(await connection("syncro", { keys: mixed }).call("syncro_list_customers", {})).toMatchObject({
    error: { code: "VENDOR_AUTH" },
  });
});

it("reads pages of a size that only the vendor knows to the end it counts (VEN-24)", async () => {
  fakes.syncro.trouble.pageSize = 7;
  const seen: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await answerOf("syncro_list_tickets", { limit: 10, ...(cursor && { cursor }) });
    seen.push(...(page.tickets as { id: number }[]).map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor);
  expect(seen).toEqual(state.tickets.map(({ id }) => id));
  expect(fakes.exchanges.some(({ url }) => url.searchParams.has("per_page"))).toBe(false);
});

it("tells a missing right from a wrong token, though both come as 401 (VEN-25)", async () => {
  const words = "Not authorized. Please ask account admin to update your group permissions.";
  fakes.syncro.trouble.next(refused(401, { error: words }), { match: "GET /contacts" });
  const result = await syncro().call("syncro_get_customer", { customerId: state.customers[0]!.id });
  if (result.ok) throw new Error("accepted");
  expect(result.error).toMatchObject({ code: "VENDOR_FORBIDDEN", missing: "GET /contacts" });
  expect(text(result.error)).not.toContain("replace them");
});

it("names the technicians there are when one is not known, and makes no ticket", async () => {
  const result = await syncro().call("syncro_create_ticket", {
    customerId: state.customers[0]!.id,
    subject: "Mouse",
    text: "Broken.",
    technician: "Zoe",
  });
  expect(result).toMatchObject({ error: { code: "NO_MATCH", candidates: ["Maya Rivera", "Sam Okafor"] } });
  expect(fakes.exchanges.map(({ method }) => method)).toEqual(["GET"]);
});

it("asks for the start of logged work before anything is changed", async () => {
  expect(await syncro().call("syncro_finish_ticket", { ticketId: ticket.id, text: "Done.", minutes: 5 })).toMatchObject(
    { error: { code: "INVALID_INPUT", fields: [{ field: "start" }] } },
  );
  expect(fakes.exchanges).toEqual([]);
});

it("says what was done when finishing stops half-way, and what the vendor said", async () => {
  const value = await answerOf("syncro_finish_ticket", { ticketId: ticket.id, text: "Done.", status: "Finished" });
  expect(value).toMatchObject({ done: ["comment"], failed: [{ step: "ticket", code: "VENDOR_REJECTED" }] });
  expect(JSON.stringify(value.failed)).toContain("Status is not included in the list");
});

it("shows neither the token's user token nor what sounds like a secret in an inventory", async () => {
  await syncro().verify();
  const shown = await answerOf("syncro_get_asset", { assetId: state.world.machines[0]!.id });
  expect(JSON.stringify(shown)).not.toContain("never-show");
});

it("lets a person decide about a comment that the customer sees, and about no other (VEN-23)", () => {
  const { confirm } = toolOf("syncro_add_comment");
  expect(confirm?.when?.({ as: "hidden" })).toBe(false);
  for (const as of ["public", "mail"]) expect(confirm?.when?.({ as })).toBe(true);
});

it("covers tickets, customers, contacts, devices and alerts (VEN-21)", () => {
  const tools = vendorOf("syncro").tools.map(({ name }) => name);
  for (const task of ["list_tickets", "create_ticket", "list_customers", "get_customer", "list_assets", "list_alerts"])
    expect(tools).toContain(`syncro_${task}`);
});

it.skipIf(!readDocument("syncro").complete)(
  "has a fake that answers every mapped read as the vendor's document shows (DOC-07)",
  async () => {
    const { document } = readDocument("syncro");
    const mapped = coreOperations(readFileSync("vendors.yaml", "utf8"), "syncro")!.filter((each) =>
      each.startsWith("GET"),
    );
    const ids: Record<string, number> = {
      "/customers/{id}": state.customers[0]!.id,
      "/tickets/{id}": ticket.id,
      "/tickets/{id}/comments": ticket.id,
      "/rmm_alerts/{id}": state.alerts[0]!.id,
    };
    const problems: string[] = [];
    for (const title of mapped) {
      const template = title.slice("GET ".length);
      const id = ids[template] ?? state.world.machines[0]!.id;
      const response = await fetch(
        `https://bluepeak.syncromsp.com/api/v1${template.replaceAll(/\{\w+\}/g, String(id))}`,
        { headers: { authorization: `Bearer ${demoKeys.syncro.apiToken}` } },
      );
      problems.push(...checkAnswer(document, "GET", template, response.status, await response.json()));
    }
    expect(mapped.length).toBeGreaterThan(15);
    // What an asset has is its account's own; and the example of that list is the only one without its pages.
    expect(problems.filter((each) => !/\.properties\.|^answer\.meta /.test(each))).toEqual([]);
  },
);
