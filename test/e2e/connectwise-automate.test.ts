import { readFileSync } from "node:fs";
import { HttpResponse } from "msw";
import { afterEach, describe, expect, it } from "vitest";
import { coreOperations } from "../../generator/intake/mapped.ts";
import { checkAnswer } from "../fakes/answers.ts";
import { demoKeys, otherKeys } from "../fakes/keys.ts";
import { down, refused } from "../fakes/trouble.ts";
import { useFakes } from "../fakes/use.ts";
import { readDocument } from "../fakes/validate.ts";
import { connection, vendorOf } from "./vendor.ts";

const slug = "connectwise-automate";
const keys = demoKeys[slug];
const fakes = useFakes();
const fake = fakes[slug];
const state = fake.states.get(keys.serverUrl)!;
const automate = () => connection(slug);
const machine = (hostname: string) => state.managed.find((each) => each.hostname === hostname)!;

async function answerOf(tool: string, args: object, at = automate()) {
  const result = await at.call(tool, args);
  if (!result.ok) throw result.error;
  // biome-ignore lint/suspicious/noExplicitAny: a result has the shape of its tool
  return result.value as Record<string, any>;
}
const asked = () => fakes.exchanges.filter(({ outside }) => !outside);
const signIns = () => fakes.exchanges.filter(({ outside }) => outside);
const conditions = () => asked().map(({ url }) => url.searchParams.get("condition"));

afterEach(() => {
  state.twoFactor = false;
  fake.lifetime = 7200;
});

describe("signing in (VEN-19)", () => {
  it("exchanges user name and password once, under /cwa, and calls with the bearer token and the client id", async () => {
    const one = automate();
    await one.verify();
    await answerOf("cwa_list_clients", {}, one);
    expect(fakes.exchanges.map(({ method, url }) => `${method} ${url.origin}${url.pathname}`)).toEqual([
      "POST https://automate.bluepeak-it.example/cwa/api/v1/APIToken",
      "GET https://automate.bluepeak-it.example/cwa/api/v1/DatabaseServerTime",
      "GET https://automate.bluepeak-it.example/cwa/api/v1/Clients",
    ]);
    const [signIn, ...calls] = fakes.exchanges;
    expect(JSON.parse(signIn!.body)).toEqual({ Username: keys.username, Password: keys.password });
    for (const { headers, url } of calls) {
      expect(headers.get("authorization")).toMatch(/^Bearer automate-token-/);
      expect(headers.get("clientid")).toBe(keys.clientId);
      expect(url.href).not.toContain(keys.password);
    }
  });

  it("keeps a token as long as the server says, not longer", async () => {
    const long = automate();
    for (let call = 0; call < 3; call++) await answerOf("cwa_list_clients", {}, long);
    expect(signIns()).toHaveLength(1);
    fake.lifetime = 0;
    const short = automate();
    await answerOf("cwa_list_clients", {}, short);
    await new Promise((resolve) => setTimeout(resolve, 600));
    await answerOf("cwa_list_clients", {}, short);
    expect(signIns()).toHaveLength(3);
  });

  it("signs in again once when a token is refused, and repeats the read", async () => {
    const one = automate();
    await answerOf("cwa_list_clients", {}, one);
    fake.expireTokens();
    await answerOf("cwa_list_clients", {}, one);
    expect(fakes.exchanges.map(({ template, status }) => `${template} ${status}`).slice(2)).toEqual([
      "/api/v1/Clients 401",
      "/cwa/api/v1/APIToken 200",
      "/api/v1/Clients 200",
    ]);
  });

  it("refuses a user who signs in with two factors, and says what to enter instead", async () => {
    state.twoFactor = true;
    const result = await automate().call("cwa_list_clients", {});
    expect(result).toMatchObject({ ok: false, error: { code: "VENDOR_AUTH" } });
    if (!result.ok) expect(result.error.message).toMatch(/two factors.*without two-factor sign-in/);
    await expect(automate().verify()).rejects.toMatchObject({ code: "VENDOR_AUTH" });
    expect(asked()).toEqual([]);
  });

  it.each([
    ["automate.bluepeak-it.example", "automate.bluepeak-it.example"],
    ["https://Automate.Bluepeak-IT.example/automate", "automate.bluepeak-it.example"],
    ["http://automate.bluepeak-it.example", "automate.bluepeak-it.example"],
    ["localhost", undefined],
    ["https://10.0.0.4", undefined],
    ["automate.bluepeak-it.example@evil.example", undefined],
    ["automate.corp", undefined],
  ])("takes %s as the server %s", (typed, host) => {
    const parsed = vendorOf(slug).credentials.parse({ ...keys, serverUrl: typed });
    expect(parsed).toMatchObject(host === undefined ? { ok: false } : { ok: true, value: { serverUrl: host } });
  });

  it("keeps two servers with the same ids apart", async () => {
    const id = machine("CONT-SEA-DC01").id;
    const ours = await answerOf("cwa_get_computer", { id });
    const theirs = await answerOf("cwa_get_computer", { id }, connection(slug, { keys: otherKeys[slug] }));
    expect([ours["computer"].client, theirs["computer"].client]).toEqual([
      "Contoso Dental",
      "Contoso Dental (Harbor & Finch IT)",
    ]);
    expect(new Set(fakes.exchanges.map(({ url }) => url.host)).size).toBe(2);
  });
});

describe("asking", () => {
  it("writes conditions as the server reads them", async () => {
    await answerOf("cwa_search_computers", { client: "Contoso", os: "Server", status: "Online" });
    await answerOf("cwa_get_computer", { id: machine("CONT-SEA-DC01").id });
    await answerOf("cwa_search_computers", {});
    expect(conditions()).toEqual([
      "Client.Name like '%Contoso%' and OperatingSystemName like '%Server%' and Status = 'Online'",
      `Id = ${machine("CONT-SEA-DC01").id}`,
      null,
      null,
    ]);
  });

  it("asks for times without quotes", async () => {
    await answerOf("cwa_list_offline_computers", { days: 30 });
    expect(conditions()[0]).toMatch(
      /^Status = 'Offline' and RemoteAgentLastContact < \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    );
  });

  it.each([
    ["O'Brien", `ComputerName like "%O'Brien%"`],
    ['say "hi"', `ComputerName like '%say "hi"%'`],
    ["x' or Id > 0 or ComputerName like '", `ComputerName like "%x' or Id > 0 or ComputerName like '%"`],
  ])("keeps %s inside its quotes (FAC-19)", async (name, condition) => {
    expect((await answerOf("cwa_search_computers", { name }))["computers"]).toEqual([]);
    expect(conditions()).toEqual([condition]);
  });

  it("asks for nothing that no quotes can hold", async () => {
    expect(await automate().call("cwa_search_computers", { name: `O'Brien's "PC"` })).toMatchObject({
      ok: false,
      error: { code: "INVALID_INPUT" },
    });
    expect(fakes.exchanges).toEqual([]);
  });

  it("takes another computer than the one asked for as not found", async () => {
    fake.trouble.next(() => HttpResponse.json(state.computers.slice(0, 1)), { match: "GET /api/v1/Computers" });
    const id = machine("FAB-HO-SQL01").id;
    expect(await automate().call("cwa_get_computer", { id })).toMatchObject({
      ok: false,
      error: { code: "VENDOR_NOT_FOUND" },
    });
  });

  it("reads a filtered list to its end by cursor, without a gap or a repeat, a full page at a time (VEN-24)", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await answerOf("cwa_search_computers", { client: "o", limit: 7, ...(cursor && { cursor }) });
      expect(page["truncated"]).toBe(page["next_cursor"] !== undefined);
      seen.push(...page["computers"].map(({ name }: { name: string }) => name));
      cursor = page["next_cursor"];
    } while (cursor);
    const wanted = state.managed.filter(({ site }) => site.company.name.includes("o"));
    expect(seen).toEqual(wanted.map(({ hostname }) => hostname));
    for (const { url } of asked()) expect(Number(url.searchParams.get("pageSize"))).toBeLessThanOrEqual(250);
  });

  it("does not list all programs of all computers (VEN-24)", async () => {
    expect(await automate().call("cwa_list_software", {})).toMatchObject({
      ok: false,
      error: { code: "INVALID_INPUT" },
    });
    expect(fakes.exchanges).toEqual([]);
  });

  it("says how many computers a report could not read, and that there are more (VEN-24)", async () => {
    fake.trouble.next(refused(403, { Message: "Forbidden" }), {
      match: "GET /api/v1/Computers/{computerId}/PatchingStats",
      times: 2,
    });
    const { coverage, computers } = await answerOf("cwa_patch_report", { client: "Contoso", atMost: 6 });
    expect(coverage).toMatchObject({ asked: 6, answered: 4, failed: 2, complete: false });
    expect(computers.length).toBeLessThanOrEqual(6);
  });
});

describe("changing", () => {
  it("sends the monitor as a bare number", async () => {
    await answerOf("cwa_suspend_monitor", { computerId: machine("CONT-SEA-FS01").id, monitorId: 32 });
    expect(asked().map(({ body, headers }) => [body, headers.get("content-type")])).toEqual([
      ["32", "application/json"],
    ]);
  });

  it("runs a script on more than one computer with one request, and never twice (VEN-25)", async () => {
    fake.trouble.next(down(503), { match: "POST /api/v1/Batch/ScriptExecute", times: 9 });
    const result = await automate().call("cwa_run_script", {
      computerIds: [machine("CONT-SEA-WS01").id, machine("CONT-SEA-DC01").id],
      scriptId: 5102,
    });
    expect(result).toMatchObject({ ok: false, error: { code: "VENDOR_UNAVAILABLE" } });
    expect(asked()).toHaveLength(1);
  });

  it("runs a script and tells its result apart from an earlier one", async () => {
    const computerId = machine("CONT-SEA-DC01").id;
    const since = new Date(state.world.now).toISOString();
    await answerOf("cwa_run_script", { computerIds: [computerId], scriptId: 5103 });
    const result = await answerOf("cwa_get_script_result", { computerId, scriptId: 5103, since });
    expect(result).toMatchObject({ finished: true, state: "Success", name: "Export environment" });
    expect(result["message"]).toMatch(/^TOKEN=\[/);
    expect(asked().filter(({ template }) => template.endsWith("ScriptHistory")).length).toBeGreaterThan(1);
  });

  it("answers what is known of a command when its output cannot be read, and sends it once", async () => {
    fake.trouble.next(refused(403, { Message: "Forbidden" }), {
      match: "GET /api/v1/Computers/{computerId}/CommandExecute",
    });
    const result = await answerOf("cwa_run_command", { computerId: machine("CONT-SEA-WS01").id, commandId: "4" });
    expect(result).toEqual({ runId: expect.any(Number), finished: false });
    expect(asked().filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  it("reads the output of the command it sent, not of another one", async () => {
    const computerId = machine("CONT-SEA-WS02").id;
    const first = await answerOf("cwa_run_command", { computerId, commandId: "2", parameters: ["first"] });
    const second = await answerOf("cwa_run_command", { computerId, commandId: "2", parameters: ["second"] });
    expect(first["output"]).toContain("> first");
    expect(second["output"]).toContain("> second");
    expect(second["runId"]).not.toBe(first["runId"]);
  });

  it("uninstalls by id where two programs have one name, and nothing when it is not clear", async () => {
    const computer = machine("NWL-HQ-LT01");
    const [chrome] = state.software.filter(({ ComputerId, Name }) => ComputerId === computer.id && /Chrome/.test(Name));
    state.software.push({ ...chrome!, ApplicationId: 777_001, Version: "24.08" });
    const tell = (software: string) => automate().call("cwa_uninstall_software", { computerId: computer.id, software });
    expect(await tell("Google Chrome")).toMatchObject({ ok: false, error: { code: "AMBIGUOUS" } });
    expect(await tell("Google")).toMatchObject({ ok: false, error: { code: "AMBIGUOUS" } });
    expect(await tell("Lotus Notes")).toMatchObject({ ok: false, error: { code: "NO_MATCH" } });
    expect(state.uninstalled.filter(({ computerId }) => computerId === computer.id)).toEqual([]);
    expect(await tell("777001")).toMatchObject({ ok: true, value: { version: "24.08" } });
    expect(state.uninstalled.at(-1)).toMatchObject({ computerId: computer.id, softwareId: 777_001 });
  });
});

it("passes on the message of a refusal, without the fields of the server's model", async () => {
  fake.trouble.next(
    refused(400, { Message: "The request is invalid.", ModelState: { "args.EntityId": ["The value is not valid."] } }),
    { match: "POST /api/v1/PatchActions/DeployAllApproved" },
  );
  const result = await automate().call("cwa_deploy_patches", { target: "group", targetId: 853, which: "approved" });
  expect(result).toMatchObject({
    ok: false,
    error: { code: "VENDOR_REJECTED", vendorSaid: "The request is invalid." },
  });
});

it("covers companies, devices and alerts, and keeps away from credentials and users (VEN-21)", () => {
  const tools = vendorOf(slug).tools.map(({ name }) => name);
  for (const task of ["search_computers", "list_clients", "list_alerts"]) expect(tools).toContain(`cwa_${task}`);
  for (const operation of coreOperations(readFileSync("vendors.yaml", "utf8"), slug)!)
    expect(operation).not.toMatch(/^(DELETE|PUT|PATCH) |Credentials|\/Users|APIToken|licenses|POST \S+\/Scripts$/i);
});

it.skipIf(!readDocument(slug).complete)(
  "has a fake that answers every mapped read as the vendor's document says (DOC-07)",
  async () => {
    const { document } = readDocument(slug);
    const origin = `https://${keys.serverUrl}/cwa`;
    const headers = { "content-type": "application/json", clientId: keys.clientId };
    const body = JSON.stringify({ Username: keys.username, Password: keys.password });
    const signIn = await fetch(`${origin}/api/v1/APIToken`, { method: "POST", headers, body });
    const { AccessToken } = (await signIn.json()) as { AccessToken: string };
    const problems: string[] = [];
    const mapped = coreOperations(readFileSync("vendors.yaml", "utf8"), slug)!.filter((each) =>
      each.startsWith("GET "),
    );
    for (const title of mapped) {
      const template = title.slice("GET ".length);
      const path = template.replaceAll(/\{\w+\}/g, String(machine("CONT-SEA-FS01").id));
      const response = await fetch(`${origin}${path}`, {
        headers: { ...headers, authorization: `Bearer ${AccessToken}` },
      });
      const answer: unknown = await response.json();
      // The document says only "object" here; lists are arrays.
      if (template.endsWith("/Alerts") && template.includes("{")) expect(answer).toBeInstanceOf(Array);
      else problems.push(...checkAnswer(document, "GET", template, response.status, answer));
    }
    expect(mapped.length).toBeGreaterThan(18);
    expect([...new Set(problems)]).toEqual([]);
  },
);
