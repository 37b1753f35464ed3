import { readFileSync } from "node:fs";
import { HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { coreOperations, mappedOperations } from "../../generator/intake/mapped.ts";
import { checkAnswer } from "../fakes/answers.ts";
import { demoKeys, otherKeys } from "../fakes/keys.ts";
import { orders } from "../fakes/nasty.ts";
import type { Misbehaviour } from "../fakes/trouble.ts";
import { useFakes } from "../fakes/use.ts";
import { readDocument } from "../fakes/validate.ts";
import { DAY } from "../fakes/world.ts";
import { connection, vendorOf } from "./vendor.ts";

const fakes = useFakes();
const keys = demoKeys.autotask;
const ZONE = "https://webservices14.autotask.net";
const state = () => fakes.autotask.states.get(keys.userName)!;
const table = (entity: string) => state().tables[entity]!;
const asked = () => fakes.exchanges.filter(({ outside }) => !outside);
const routes = () => asked().map(({ method, template }) => `${method} ${template}`);

const answers =
  (body: object, status = 200): Misbehaviour =>
  () =>
    HttpResponse.json(body as Record<string, unknown>, { status });

async function answerOf(tool: string, args: object, on = connection("autotask")) {
  const result = await on.call(tool, args);
  if (!result.ok) throw result.error;
  // biome-ignore lint/suspicious/noExplicitAny: a result has the shape of its tool; the expectations below say which
  return result.value as Record<string, any>;
}

async function errorOf(tool: string, args: object, on = connection("autotask")) {
  const result = await on.call(tool, args);
  if (result.ok) throw new Error(`${tool} answered ${JSON.stringify(result.value)}`);
  return result.error;
}

describe("signing in", () => {
  it("asks once which zone is the user's, by the name alone, and signs every call there with three headers (VEN-13)", async () => {
    const autotask = connection("autotask");
    await autotask.verify();
    await answerOf("autotask_search_contacts", {}, autotask);
    const [lobby, ...calls] = fakes.exchanges;
    expect(lobby!.url.href).toBe(
      `https://webservices.autotask.net/ATServicesRest/V1.0/ZoneInformation?user=${encodeURIComponent(keys.userName)}`,
    );
    expect(JSON.stringify([...lobby!.headers])).not.toMatch(new RegExp(`${keys.secret}|${keys.integrationCode}`));
    expect(calls.map(({ url }) => url.origin + url.pathname)).toEqual([
      `${ZONE}/ATServicesRest/V1.0/ThresholdInformation`,
      `${ZONE}/ATServicesRest/V1.0/Contacts/query`,
    ]);
    for (const { headers } of calls) {
      expect([headers.get("username"), headers.get("secret"), headers.get("apiintegrationcode")]).toEqual([
        keys.userName,
        keys.secret,
        keys.integrationCode,
      ]);
      expect(headers.has("impersonationresourceid")).toBe(false);
    }
  });

  it("finds another account in another zone (VEN-13)", async () => {
    await answerOf("autotask_search_contacts", {}, connection("autotask", { keys: otherKeys.autotask }));
    expect(asked()[0]!.url.host).toBe("webservices5.autotask.net");
    expect(asked()[0]!.account).toBe("Harbor & Finch IT");
  });

  it("acts in a technician's name when the connection says so", async () => {
    const autotask = connection("autotask", { keys: { ...keys, impersonationResourceId: "29682886" } });
    const ticketId = table("Tickets")[0]!.id;
    const { id } = await answerOf(
      "autotask_add_ticket_note",
      { ticketId, title: "Called", text: "No answer." },
      autotask,
    );
    expect(table("TicketNotes").find((note) => note.id === id)).toMatchObject({ creatorResourceID: 29_682_886 });
  });

  it.each([
    "https://evil.example/ATServicesRest/",
    "http://webservices14.autotask.net/ATServicesRest/",
    "https://webservices14.autotask.net.evil.example/ATServicesRest/",
    "https://evil.example/?https://webservices14.autotask.net/",
    null,
  ])("sends nothing when the zone is said to be at %j (VEN-13)", async (url) => {
    fakes.autotask.trouble.next(answers({ zoneName: "Zone", url, webUrl: url, ci: 1 }), { times: 5 });
    const error = await errorOf("autotask_search_contacts", {});
    expect(error.code).toMatch(/^VENDOR_/);
    expect(asked()).toEqual([]);
  });

  it("says that keys are wrong although the vendor's 401 says nothing (VEN-25)", async () => {
    const error = await errorOf(
      "autotask_search_contacts",
      {},
      connection("autotask", { keys: { ...keys, secret: "x" } }),
    );
    expect(error).toMatchObject({ code: "VENDOR_AUTH", status: 401 });
  });
});

describe("limits", () => {
  it("has at most three calls at work for one entity, and others beside them (VEN-13) (VEN-26)", async () => {
    const autotask = connection("autotask");
    fakes.autotask.crowds.clear();
    const tools = ["autotask_search_contacts", "autotask_search_time_entries", "autotask_search_invoices"];
    await Promise.all(tools.flatMap((tool) => Array.from({ length: 8 }, () => answerOf(tool, { limit: 1 }, autotask))));
    const crowd = (entity: string) => fakes.autotask.crowds.get(`${keys.userName} ${entity}`);
    expect(["Contacts", "TimeEntries", "Invoices"].map(crowd)).toEqual([3, 3, 3]);
    expect(asked().filter(({ status }) => status !== 200)).toEqual([]);
  });

  it("keeps to the budget of the database (VEN-26)", () => {
    expect(vendorOf("autotask").limits).toMatchObject({
      all: { requests: 10_000, windowMs: 3_600_000 },
      concurrency: 3,
      concurrencyBy: "entity",
      by: "database",
    });
  });
});

it("stays out of a queue that its resource does not work in", async () => {
  const roles = table("ResourceRoles");
  roles.push({ id: 99, resourceID: 29_682_885, roleID: 29_683_588, queueID: null, departmentID: 7, isActive: true });
  const id = table("Tickets")[1]!.id;
  const error = await errorOf("autotask_update_ticket", { id, resource: "Maya Rivera", role: "Project Manager" });
  roles.pop();
  expect(error.code).toBe("VENDOR_NOT_FOUND");
});

describe("queries", () => {
  it("read on behind the last id, without a gap or a repeat (VEN-24)", async () => {
    fakes.autotask.trouble.pageSize = 7;
    const autotask = connection("autotask");
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await answerOf(
        "autotask_search_tickets",
        { notStatus: "Complete", limit: 10, ...(cursor && { cursor }) },
        autotask,
      );
      seen.push(...(page["tickets"] as { id: number }[]).map(({ id }) => id));
      cursor = page["next_cursor"];
      expect(page["truncated"]).toBe(cursor !== undefined);
    } while (cursor);
    expect(seen).toEqual(
      table("Tickets")
        .filter(({ status }) => status !== 5)
        .map(({ id }) => id),
    );
    const bodies = asked()
      .filter(({ template }) => template === "/V1.0/Tickets/query")
      .map(({ body }) => JSON.parse(body));
    for (const { filter } of bodies) expect(filter).toContainEqual({ op: "noteq", field: "status", value: 5 });
    expect(bodies[1].filter).toContainEqual({ op: "gt", field: "id", value: seen[6] });
  });

  it("ask for as many as are wanted, and for everything only in words (VEN-24)", async () => {
    await answerOf("autotask_search_contacts", { limit: 3 });
    expect(JSON.parse(asked()[0]!.body)).toEqual({ filter: [{ op: "gte", field: "id", value: 0 }], maxRecords: 3 });
  });

  it("never follow the vendor's link to the next page", async () => {
    const items = [{ id: 1, firstName: "Anna" }];
    const pageDetails = { count: 1, requestCount: 1, prevPageUrl: null, nextPageUrl: "https://evil.example/next" };
    fakes.autotask.trouble.next(answers({ items, pageDetails }), { match: "POST /V1.0/Contacts/query" });
    await answerOf("autotask_search_contacts", { limit: 5 });
    expect(new Set(asked().map(({ url }) => url.origin))).toEqual(new Set([ZONE]));
    expect(JSON.parse(asked()[1]!.body).filter).toEqual([
      { op: "gte", field: "id", value: 0 },
      { op: "gt", field: "id", value: 1 },
    ]);
  });

  it("keep whatever a person writes in its value", async () => {
    for (const lastName of [`O'Neil "x"`, `"}],"filter":[{"op":"gte","field":"id","value":0}]`, orders.slice(0, 150)]) {
      const { contacts } = await answerOf("autotask_search_contacts", { lastName });
      expect(contacts).toEqual([]);
      expect(JSON.parse(asked().at(-1)!.body).filter).toEqual([{ op: "contains", field: "lastName", value: lastName }]);
    }
  });

  it("find the newest tickets although the vendor lists the oldest first", async () => {
    const { newest } = await answerOf("autotask_company_overview", { id: 29_683_500 });
    const recent = table("Tickets").filter(
      (each) => each["companyID"] === 29_683_500 && Date.parse(`${each["createDate"]}Z`) > state().world.now - 30 * DAY,
    );
    expect(recent.length).toBeGreaterThan(2);
    expect((newest as { number: string }[]).map(({ number }) => number)).toEqual(
      recent.map((each) => each["ticketNumber"]).reverse(),
    );
  });
});

describe("labels", () => {
  it("are read once for both directions, and kept for the connection (VEN-13)", async () => {
    const autotask = connection("autotask");
    for (let index = 0; index < 3; index++) await answerOf("autotask_search_tickets", { status: "New" }, autotask);
    const reads = routes().filter((route) => route.includes("entityInformation") || route.includes("Resources"));
    expect(reads).toEqual(["GET /V1.0/Tickets/entityInformation/fields", "POST /V1.0/Resources/query"]);
  });

  it("that nobody knows are answered with those that are, and nothing is changed", async () => {
    const id = table("Tickets")[0]!.id;
    const error = await errorOf("autotask_update_ticket", { id, status: "Done" });
    expect(error.code).toBe("NO_MATCH");
    expect(JSON.stringify([error.message, error.fields, error.candidates])).toMatch(/New.*Complete.*Waiting Customer/);
    expect(routes().filter((route) => route.startsWith("PATCH"))).toEqual([]);
  });

  it("may be given as ids", async () => {
    const { tickets } = await answerOf("autotask_search_tickets", { status: "5", limit: 100 });
    expect(new Set((tickets as { status: string }[]).map(({ status }) => status))).toEqual(new Set(["Complete"]));
  });
});

describe("changes", () => {
  const ticket = { title: "Scanner", priority: "High", queue: "Service Desk" };

  it("say which companies a name could mean, and take an id as well", async () => {
    const several = await errorOf("autotask_create_ticket", { ...ticket, company: "t" });
    expect(several.code).toMatch(/^(NO_MATCH|SEVERAL_MATCH|AMBIGUOUS)/);
    expect(JSON.stringify(several)).toContain("Contoso Dental");
    expect(routes()).not.toContain("POST /V1.0/Tickets");
    const { id } = await answerOf("autotask_create_ticket", { ...ticket, company: "29683501" });
    expect(table("Tickets").find((each) => each.id === id)).toMatchObject({ companyID: 29_683_501 });
  });

  it("pass on why input was refused with 500, once, and do not call it undone (VEN-25)", async () => {
    const error = await errorOf("autotask_create_ticket", { title: "Scanner", priority: "High", company: "contoso" });
    expect(error).toMatchObject({
      code: "VENDOR_REJECTED",
      status: 500,
      vendorSaid: "A ticket must have a queue or an assigned resource.",
    });
    expect(error.message).toContain("look before repeating");
    expect(routes().filter((route) => route === "POST /V1.0/Tickets")).toHaveLength(1);
  });

  it("see the errors in an answer of 200 (VEN-25)", async () => {
    fakes.autotask.trouble.next(answers({ itemId: null, errors: ["The ticket is locked."] }), { match: "PATCH" });
    const error = await errorOf("autotask_update_ticket", { id: table("Tickets")[0]!.id, status: "New" });
    expect(error).toMatchObject({ code: "VENDOR_REJECTED", status: 200, vendorSaid: "The ticket is locked." });
  });

  it("assign the first role that the resource holds, or the one that is named", async () => {
    const id = table("Tickets")[1]!.id;
    await answerOf("autotask_update_ticket", { id, resource: "Jonas Berg" });
    expect(table("Tickets")[1]).toMatchObject({ assignedResourceRoleID: 29_683_587 });
    await answerOf("autotask_update_ticket", { id, resource: "Jonas Berg", role: "Help Desk Technician" });
    expect(table("Tickets")[1]).toMatchObject({ assignedResourceRoleID: 29_683_586 });
    const error = await errorOf("autotask_update_ticket", { id, resource: "Maya Rivera", role: "Project Manager" });
    expect(error.code).toBe("VENDOR_NOT_FOUND");
  });

  it("stop finishing a ticket at the first failure and say what is done (VEN-25)", async () => {
    const ticketId = table("Tickets")[7]!.id;
    fakes.autotask.trouble.next(answers({ errors: ["Notes are closed."] }, 500), {
      match: "POST /V1.0/Tickets/{parentId}/Notes",
    });
    const args = { ticketId, resource: "Maya Rivera", hours: 1, date: "2026-11-20", summary: "Fixed.", note: "Fixed." };
    const result = await connection("autotask").call("autotask_finish_ticket", args);
    expect(JSON.stringify(result)).toMatch(/"done":\["time"\]/);
    expect(JSON.stringify(result)).toMatch(/"step":"noted","code":"VENDOR_REJECTED"/);
    expect(JSON.stringify(result)).toMatch(/"notTried":\["finished"\]/);
    expect(table("Tickets")[7]!["status"]).not.toBe(5);
  });

  it("ask for the resource before time is logged in nobody's name", async () => {
    const ticketId = table("Tickets")[0]!.id;
    const error = await errorOf("autotask_finish_ticket", { ticketId, hours: 1, date: "2026-11-20", summary: "x" });
    expect(error).toMatchObject({ code: "INVALID_INPUT", fields: [{ field: "resource" }] });
    expect(asked()).toEqual([]);
  });

  it("change only what was given (never PUT)", async () => {
    const id = table("Tickets")[0]!.id;
    await answerOf("autotask_update_ticket", { id, resolution: "Cleaned up." });
    const change = asked().find(({ method }) => method === "PATCH")!;
    expect(JSON.parse(change.body)).toEqual({ id, resolution: "Cleaned up." });
    const operations = mappedOperations(readFileSync("vendors.yaml", "utf8"), "autotask")!;
    expect(operations.filter((each) => each.startsWith("PUT ") || each.includes("ClientPortalUsers"))).toEqual([]);
  });
});

it("knows that a record is not there from an empty item", async () => {
  expect(await errorOf("autotask_get_ticket", { id: 1 })).toMatchObject({ code: "VENDOR_NOT_FOUND" });
  expect(await errorOf("autotask_get_ticket", { number: "T20000101.0001" })).toMatchObject({
    code: "VENDOR_NOT_FOUND",
  });
});

it("leaves out of a ticket what could not be read beside it", async () => {
  fakes.autotask.trouble.next(answers({ errors: ["No access."] }, 403), { match: "GET /V1.0/Contacts/{id}" });
  const value = await answerOf("autotask_get_ticket", { id: table("Tickets")[0]!.id, withWork: false });
  expect(value["ticket"]).toBeDefined();
  expect(value["company"]).toBeDefined();
  expect(value["contact"]).toBeUndefined();
});

it("covers tickets, companies, contacts, devices and time (VEN-21)", () => {
  const tools = vendorOf("autotask").tools.map(({ name }) => name);
  for (const task of [
    "search_tickets",
    "create_ticket",
    "search_companies",
    "create_company",
    "search_contacts",
    "search_configuration_items",
    "log_time",
  ])
    expect(tools).toContain(`autotask_${task}`);
});

it.skipIf(!readDocument("autotask").complete)(
  "has a fake that answers every mapped read as the vendor's document says (DOC-07)",
  async () => {
    const { document } = readDocument("autotask");
    const headers = {
      UserName: keys.userName,
      Secret: keys.secret,
      ApiIntegrationCode: keys.integrationCode,
      "content-type": "application/json",
    };
    const body = JSON.stringify({ filter: [{ op: "exist", field: "id" }], maxRecords: 5 });
    const reads = coreOperations(readFileSync("vendors.yaml", "utf8"), "autotask")!.filter((title) =>
      /^GET|\/query(\/count)?$/.test(title),
    );
    expect(reads.length).toBeGreaterThan(30);
    const problems: string[] = [];
    for (const title of reads) {
      const [method, template] = title.split(" ") as [string, string];
      const id = template.endsWith("{id}") ? table(template.split("/")[2]!)[0]!.id : 0;
      const response = await fetch(`${ZONE}/ATServicesRest${template.replace("{id}", String(id))}`, {
        method,
        headers,
        ...(method === "POST" && { body }),
      });
      // Moments come without the offset that the document's date-time asks for.
      const text = (await response.text()).replaceAll(/("\d{4}-\d\d-\d\dT[\d:.]+)"/g, '$1Z"');
      problems.push(...checkAnswer(document, method, template, response.status, JSON.parse(text)));
    }
    expect(problems).toEqual([]);
  },
);
