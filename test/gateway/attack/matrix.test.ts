import { describe, expect, it } from "vitest";
import { addConnection } from "../../../gateway/database/connections.ts";
import { setLimited } from "../../../gateway/database/customer-limits.ts";
import { newId } from "../../../gateway/database/ids.ts";
import { changePolicy } from "../../../gateway/identity/policies.ts";
import { createPersonalToken } from "../../../gateway/oauth/personal-tokens.ts";
import { ALL_VENDORS } from "../../../gateway/oauth/resources.ts";
import { createServiceClient } from "../../../gateway/oauth/service-clients.ts";
import type { Access } from "../../../gateway/policy/decide.ts";
import type { PolicyDocument } from "../../../gateway/policy/document.ts";
import { ROLES, type Role } from "../../../gateway/policy/roles.ts";
import type { Vendor } from "../../../runtime/index.ts";
import { acme, acmeWorld, lockOf } from "../acme.ts";
import { gate } from "../mcp/gate.ts";
import { SWITCHED_ON } from "../policies.ts";
import { connectionOf } from "../rows.ts";

const SCOPES = ["acme:read", "acme:write", "acme:reveal"];
const CLIENTS = ["app", "personal token", "service"] as const;
type Client = (typeof CLIENTS)[number];

/** What each role is there for, written down once more by hand. */
const MAY: Record<Role, readonly Access[]> = {
  owner: ["read", "write", "destroy", "reveal"],
  admin: ["read", "write", "destroy", "reveal"],
  operator: ["read", "write", "destroy", "reveal"],
  approver: ["read", "write"],
  auditor: [],
  member: ["read", "write"],
};
const TOOLS: readonly { name: string; access: Access; args: object; unbounded: boolean }[] = [
  { name: "acme_list_things", access: "read", args: { limit: 1 }, unbounded: false },
  { name: "acme_wait", access: "read", args: { ms: 0 }, unbounded: true },
  { name: "acme_rename_thing", access: "write", args: { id: "t1", name: "New" }, unbounded: false },
  { name: "acme_wipe_thing", access: "destroy", args: { id: "t1" }, unbounded: false },
  { name: "acme_reveal_key", access: "reveal", args: { id: "t1" }, unbounded: false },
];
const ENDS: Record<Access, string> = { read: "ran", write: "waits", destroy: "waits", reveal: "waits" };

/** Acme whose tools say that they can be kept to customers, but for one. */
function boundedAcme(): Vendor {
  const vendor = acme(acmeWorld());
  const unbounded = new Set(TOOLS.filter((one) => one.unbounded).map(({ name }) => name));
  const tools = vendor.tools.map((tool) =>
    unbounded.has(tool.name) ? tool : { ...tool, customers: "shared" as const },
  );
  return { ...vendor, tools };
}

type House = Awaited<ReturnType<typeof gate>>;
const keyOf = (role: Role, client: Client, limited: boolean) => `${role} ${client} ${limited}`;

/** A token of each kind for each role, of people who may see all customers and of others who may see none yet. */
async function tokensIn(house: House): Promise<ReadonlyMap<string, string>> {
  const tokens = new Map<string, string>();
  for (const role of ROLES)
    for (const limited of [false, true]) {
      const who = await house.someone(`${role}-${limited}@example.com`);
      const { org, user } = who;
      const change = (policy: PolicyDocument) => ({ ...policy, switches: SWITCHED_ON });
      await changePolicy(house.app, { org, actor: user, type: "policy.test", change });
      const { id } = await who.connect();
      const shared = new Map([["acme", id]]);
      const expiresAt = house.app.clock.now() + 86_400_000;
      tokens.set(keyOf(role, "app", limited), await who.token(SCOPES, { vendor: "*", bound: { acme: id } }));
      const personal = { org, user, name: "x", vendor: ALL_VENDORS, scopes: SCOPES, connections: shared, expiresAt };
      tokens.set(keyOf(role, "personal token", limited), (await createPersonalToken(house.app, personal)).token);
      if (!limited) tokens.set(keyOf(role, "service", false), await serviceToken(house, { org, user, role }));
      await house.app.db.updateTable("memberships").set({ role }).where("user_id", "=", user).execute();
      if (limited) await setLimited(house.app.db, { org, user }, true);
    }
  return tokens;
}

async function serviceToken(
  { app, origin }: House,
  { org, user: actor, role }: { org: string; user: string; role: Role },
): Promise<string> {
  const where = { org, vendor: "acme", connection: newId("con"), owner: org };
  const row = connectionOf({ org, owner: org, id: where.connection }, app.clock.now());
  await addConnection(app.db, row);
  await app.vault.put({ ...where, version: 1 }, { apiKey: "shared key" });
  const connections = new Map([["acme", row.id]]);
  const made = { org, name: "x", role, scopes: SCOPES, connections, actor, expiresAt: app.clock.now() + 86_400_000 };
  const { id, secret } = await createServiceClient(app.oauth, made);
  const answer = await fetch(`${origin}/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials", resource: `${app.config.publicUrl}/mcp` }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

async function rpc(origin: string, token: string, method: string, params: object) {
  const answer = await fetch(`${origin}/mcp`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const text = await answer.text();
  const json = text.startsWith("{")
    ? text
    : text
        .split("\n")
        .find((line) => line.startsWith("data: "))!
        .slice(6);
  return JSON.parse(json) as { result?: Record<string, unknown>; error?: { code: number } };
}

async function rest(origin: string, token: string, path: string, body?: object) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(`${origin}${path}`, {
    method: body ? "POST" : "GET",
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as Record<string, unknown>;
}

type Structured = { status?: string } | undefined;

/** How a call ended, whichever way it came in. */
const endOf = (value: Structured, isError: boolean) =>
  isError ? "refused" : value?.status === "approval_required" ? "waits" : "ran";

/** What differs from what the table says: nothing should. */
async function surprises(origin: string, token: string, role: Role, limited: boolean): Promise<unknown[]> {
  const wrong: unknown[] = [];
  const expectThat = (what: string, found: unknown, wanted: unknown) => {
    if (JSON.stringify(found) !== JSON.stringify(wanted)) wrong.push({ what, found, wanted });
  };
  const isListed = (tool: (typeof TOOLS)[number]) => MAY[role].includes(tool.access) && !(limited && tool.unbounded);
  const { tools } = (await rpc(origin, token, "tools/list", {})).result as { tools: { name: string }[] };
  const listed = tools.map(({ name }) => name).filter((name) => name.startsWith("acme_"));
  const throughApi = (await rest(origin, token, "/api/v1/tools"))["tools"] as { name: string }[];
  expectThat("the API's list", throughApi.map(({ name }) => name).sort(), [...listed].sort());
  for (const tool of TOOLS) {
    const { name, args } = tool;
    expectThat(`${name} listed`, listed.includes(name), isListed(tool));
    const { result } = await rpc(origin, token, "tools/call", { name, arguments: args });
    const called = endOf(result?.["structuredContent"] as Structured, result?.["isError"] === true || !result);
    const sent = await rest(origin, token, "/api/v1/tools/call", { name, arguments: args });
    const viaApi = endOf(sent["result"] as Structured, sent["success"] !== true);
    // Somebody limited to no customer at all may be shown tools, and gets nothing out of them.
    const wanted = isListed(tool) && !limited ? ENDS[tool.access] : "refused";
    expectThat(`${name} called`, [called, viaApi], [wanted, wanted]);
  }
  return wrong;
}

describe("role × access × customers × client, over HTTP", () => {
  it("lists what may be called, and calls nothing else, through MCP and the API alike (TEN-02, TEN-04, TEN-06)", async () => {
    const vendor = boundedAcme();
    const house = await gate({ vendors: [vendor], lock: lockOf(vendor) });
    const tokens = await tokensIn(house);
    const wrong: unknown[] = [];
    for (const role of ROLES)
      for (const client of CLIENTS)
        for (const limited of client === "service" ? [false] : [false, true]) {
          const token = tokens.get(keyOf(role, client, limited))!;
          const found = await surprises(house.origin, token, role, limited);
          wrong.push(...found.map((one) => ({ role, client, limited, one })));
        }
    expect(wrong).toEqual([]);
  }, 120_000);
});
