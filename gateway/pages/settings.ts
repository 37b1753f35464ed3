import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { limitedWords } from "../calls/customers.ts";
import { type Connection, listConnections } from "../connections/connections.ts";
import { countCalls } from "../database/usage.ts";
import { givenCustomers, isLimited } from "../identity/customers/limits.ts";
import { type MemberOrg, setWritesEnabled } from "../identity/orgs.ts";
import { type AuthorizedApp, listGrants, revokeGrant } from "../oauth/grants.ts";
import { ALL_VENDORS, vendorOfScope } from "../oauth/resources.ts";
import { PERSONAL_TOKEN } from "../policy/agent-types.ts";
import { clientSetups } from "./client-setups.ts";
import { connectorsOf } from "./connectors.ts";
import { line, readForm } from "./form.ts";
import { checkFormToken, formToken } from "./form-token.ts";
import { leaveNotice } from "./notice.ts";
import { PageProblem } from "./page-problem.ts";
import { type Notice, page } from "./render.ts";
import { requireSignIn } from "./session.ts";
import { mayAdminister, memberOf, settingsNav } from "./settings-nav.ts";
import { ago, count, errorWords, initials, stateOf, tileOf } from "./words.ts";

const USAGE_DAYS = 30;
const DAY_MS = 86_400_000;

/** `/settings`: what is connected, who may use it, and how much it was used. */
export default async function settings(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requireSignIn);

  app.get("/settings", async (request, reply) => {
    const { user, org, owner } = await memberOf(app, request);
    const now = app.clock.now();
    const [policy, connections, grants, calls] = await Promise.all([
      app.policies.of(org.id, org.policy_version),
      listConnections(app.db, owner),
      listGrants(app.db, { ...owner, now }),
      countCalls(app.db, { ...owner, since: now - USAGE_DAYS * DAY_MS }),
    ]);
    const token = formToken(app, request, "revoke-app");
    const data = {
      nav: settingsNav("/settings"),
      organisation: org.name,
      limited: await limitOf(owner),
      usage: usageOf(calls),
      connections: connections.map(connectionLine),
      apps: grants.filter(isApp).map((grant) => ({ ...appLine(grant), token })),
      writes: writesOf(org, policy.document.switches.write, formToken(app, request, "writes")),
      person: user,
    };
    return page(reply, "settings", data, { title: "Settings" });
  });

  app.post("/settings/apps/revoke", async (request, reply) => {
    checkFormToken(app, request, "revoke-app");
    const { grant: id } = readForm(request, z.object({ grant: line }));
    const { owner } = await memberOf(app, request);
    const grants = await listGrants(app.db, { ...owner, now: app.clock.now() });
    if (!(await revokeGrant(app, { id, ...owner, actor: { id: owner.user, type: "user" } })))
      throw new PageProblem(404, "No such app", "Its access has ended already.");
    leaveNotice(app, reply, endedWords(grants, id));
    return reply.redirect("/settings", 303);
  });

  app.post("/settings/writes", async (request, reply) => {
    checkFormToken(app, request, "writes");
    const on = readForm(request, z.object({ enabled: line })).enabled === "true";
    const { org, owner } = await memberOf(app, request);
    if (!mayAdminister(org))
      throw new PageProblem(403, "Not allowed", "An owner or administrator of the organisation decides this.");
    await setWritesEnabled(app, { org: org.id, on, actor: owner.user, requestId: request.id });
    const text = on
      ? "Tools that change things are on. Assistants see them once you allow an app to use them."
      : "Tools that change things are off. Assistants see only tools that read.";
    leaveNotice(app, reply, { kind: on ? "warn" : "good", text });
    return reply.redirect("/settings#writes", 303);
  });

  app.get("/settings/clients", async (_request, reply) => {
    const connectors = connectorsOf(app);
    const data = {
      nav: settingsNav("/settings/clients"),
      vendors: connectors,
      clients: clientSetups(connectors.slice(0, 1)),
    };
    return page(reply, "clients", data, { title: "Set up an assistant" });
  });

  const limitOf = async (owner: { org: string; user: string }) => {
    if (!(await isLimited(app.db, owner))) return undefined;
    const names = (await givenCustomers(app.db, owner))
      .filter(({ archived }) => archived === 0)
      .map(({ name }) => name);
    return names.length > 0 ? limitedWords(names) : "Limited to customers, of which none is given to you yet.";
  };

  const connectionLine = (connection: Connection) => ({
    ...tileOf(app.vendors.get(connection.vendor) ?? { slug: connection.vendor, title: connection.vendor }),
    label: connection.label,
    state: stateOf(connection),
    used: usedWords(connection.last_used_at, app.clock.now()),
    error: connection.last_error ? `${errorWords(connection.last_error, connection.signed_in)}.` : undefined,
  });

  const appLine = ({ id, clientName, clientHost, vendor, scopes, createdAt, lastUsedAt }: AuthorizedApp) => ({
    id,
    name: clientName,
    initials: initials(clientName),
    origin: clientHost ?? "unregistered app",
    vendor: vendor === ALL_VENDORS ? vendorsWords(scopes) : (app.vendors.get(vendor)?.title ?? vendor),
    may: mayWords(scopes),
    since: ago(createdAt, app.clock.now()),
    used: usedWords(lastUsedAt, app.clock.now()),
  });

  const vendorsWords = (scopes: readonly string[]) =>
    [...new Set(scopes.map(vendorOfScope))].map((slug) => app.vendors.get(slug)?.title ?? slug).join(", ");
}

/** Tokens that the person made have a page of their own. */
const isApp = ({ clientId }: AuthorizedApp) => clientId !== PERSONAL_TOKEN;

const usedWords = (at: number | null | undefined, now: number) => (at ? `last used ${ago(at, now)}` : "not used yet");

function usageOf({ success = 0, error = 0, timeout = 0, denied = 0 }: Awaited<ReturnType<typeof countCalls>>) {
  const shown = (label: string, value: number) => ({ label, value: value.toLocaleString("en") });
  return [
    shown(`Calls in ${USAGE_DAYS} days`, success + error + timeout + denied),
    shown("Answered", success),
    shown("Failed", error + timeout),
    shown("Refused by rule", denied),
  ];
}

/** An app that asked for more later has an access for each time. */
function endedWords(grants: readonly AuthorizedApp[], id: string): Notice {
  const ended = grants.find((grant) => grant.id === id);
  const left = grants.filter((grant) => grant.id !== id && grant.clientId === ended?.clientId);
  if (left.length === 0) return { kind: "good", text: "The app's access has ended. Its next call is refused." };
  return {
    kind: "warn",
    text: `This access has ended, and its next call is refused. “${ended!.clientName}” still has ${count(left.length, "other one", "others")} below: revoke what it should not keep.`,
  };
}

function mayWords(scopes: readonly string[]): string {
  const words = [
    ["read", ":read"],
    ["change things", ":write"],
    ["show secrets", ":reveal"],
  ] as const;
  const may = words.filter(([, ending]) => scopes.some((scope) => scope.endsWith(ending))).map(([word]) => word);
  return may.length > 0 ? `may ${may.join(" and ")}` : "may do nothing";
}

function writesOf(org: MemberOrg, on: boolean, token: string) {
  const may = mayAdminister(org);
  return {
    title: "Allow tools that change things",
    kind: on ? ("warn" as const) : ("" as const),
    state: on ? "On" : "Off",
    text: on
      ? "Apps that you allowed to change things see those tools. Each call waits for a person's yes unless the policy says otherwise, and is recorded."
      : `Assistants see only tools that read. ${may ? "Switch this on, and" : "When an owner or admin switches this on,"} apps that you allow to change things may create, change and close records with your keys, after a person's yes to each. Deleting and showing secrets stay off.`,
    form: may ? { token, value: String(!on), label: on ? "Switch off" : "Switch on" } : undefined,
  };
}
