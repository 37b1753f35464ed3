import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Vendor } from "../../runtime/index.ts";
import {
  type Connection,
  findConnection,
  isShared,
  listConnections,
  revokeConnection,
  testConnection,
} from "../connections/connections.ts";
import type { VerifyFailure } from "../connections/verify.ts";
import { tokenEnds } from "../database/credentials.ts";
import { listGrants } from "../oauth/grants.ts";
import { line, readForm } from "./form.ts";
import { checkFormToken, formToken } from "./form-token.ts";
import { leaveByForm } from "./leave-by-form.ts";
import { leaveNotice } from "./notice.ts";
import { PageProblem } from "./page-problem.ts";
import { page } from "./render.ts";
import { requireSignIn } from "./session.ts";
import settingsExtended, { extendedSwitch, roomNote } from "./settings-extended.ts";
import { memberOf, settingsNav } from "./settings-nav.ts";
import { ago, count, day, endWords, errorWords, stateOf, tileOf, toolCounts } from "./words.ts";

const Named = z.object({ connection: line });

/** Tests by hand: each opens the keys and asks the vendor. */
const TESTS = { max: 10, windowMs: 10 * 60_000 };

/** `/settings/vendors`: each vendor with its connections, and `/settings/revoke` to end one. */
export default async function settingsVendors(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requireSignIn);
  app.register(settingsExtended);

  app.get("/settings/vendors", async (request, reply) => {
    const { org, owner } = await memberOf(app, request);
    const policy = await app.policies.of(org.id, org.policy_version);
    const connections = await listConnections(app.db, owner);
    const extended = formToken(app, request, "extended");
    const tokens = { test: formToken(app, request, "test") };
    const signIn = formToken(app, request, "sign-in");
    const ends = await tokenEnds(app.db, owner);
    if (connections.some(({ signed_in }) => signed_in)) leaveByForm(reply);
    const vendors = [...app.vendors.values()].map((vendor) => {
      const ofVendor = connections.filter((connection) => connection.vendor === vendor.slug);
      const own = ofVendor.filter((connection) => !isShared(connection));
      const first = own.find(({ status }) => status === "active") ?? own[0];
      return {
        ...tileOf(vendor),
        counts: toolCounts(vendor),
        extended: extendedSwitch(vendor, org, policy, extended),
        add: own.length > 0 ? "Add another account" : "Connect",
        connections: own.map((connection) => ({
          ...connectionDetail(vendor, connection, { now: app.clock.now(), end: ends.get(connection.id) }),
          ...(connection.signed_in && { signIn: { token: signIn, ended: connection.status === "error" } }),
          default: own.length > 1 && connection === first,
          tokens,
        })),
        shared: ofVendor.filter(isShared).map((connection) => ({
          label: connection.label,
          state: stateOf(connection),
          about: `Shared in ${org.name} · ${connection.last_used_at ? `last used ${ago(connection.last_used_at, app.clock.now())}` : "not used yet"}`,
        })),
      };
    });
    const connected = [...app.vendors.values()].filter(({ slug }) => connections.some(({ vendor }) => vendor === slug));
    const note = roomNote(connected, policy, app.across.flatMap(({ tools }) => tools).length);
    return page(reply, "vendors", { nav: settingsNav("/settings/vendors"), note, vendors }, { title: "Vendors" });
  });

  app.post("/settings/vendors/test", async (request, reply) => {
    checkFormToken(app, request, "test");
    const { connection, title, owner } = await named(request, readForm(request, Named).connection);
    const { allowed } = await app.limit(`test:${owner.user}`, TESTS);
    if (!allowed) throw new PageProblem(429, "Those were many tests", "Wait some minutes, then test again.");
    const outcome = await testConnection(app, connection, { actor: owner.user, requestId: request.id });
    leaveNotice(
      app,
      reply,
      outcome.ok
        ? { kind: "good", text: `${title} accepts the ${thing(connection)} of “${connection.label}”.` }
        : { kind: "bad", text: failedWords(connection, title, outcome) },
    );
    return reply.redirect("/settings/vendors", 303);
  });

  app.get<{ Querystring: { connection?: unknown } }>("/settings/revoke", async (request, reply) => {
    const { connection, title, owner } = await named(request, String(request.query.connection ?? ""));
    const apps = (await grantsOf(owner, connection.id)).length;
    const heading = `Revoke “${connection.label}”?`;
    return page(
      reply,
      "confirm",
      {
        heading,
        consequences: [
          connection.signed_in
            ? `The stored sign-in for ${title} is deleted. Where ${title} lists who may act for you, end it there too.`
            : `The stored keys for ${title} are deleted. The keys themselves stay valid at ${title}; delete them there too if nobody else uses them.`,
          apps > 0
            ? `${count(apps, "app")} lose${apps === 1 ? "s" : ""} access to ${title} at once, until you connect it again. To end an app itself, revoke it on the overview.`
            : "No app uses this connection now.",
        ],
        action: "/settings/revoke",
        token: formToken(app, request, "revoke"),
        hidden: [{ name: "connection", value: connection.id }],
        fields: [],
        button: `Delete ${thing(connection)} and end access`,
        back: "/settings/vendors",
      },
      { title: heading, narrow: true },
    );
  });

  app.post("/settings/revoke", async (request, reply) => {
    checkFormToken(app, request, "revoke");
    const { connection, title, owner } = await named(request, readForm(request, Named).connection);
    await revokeConnection(app, connection, { actor: owner.user });
    leaveNotice(app, reply, {
      kind: "good",
      text: `“${connection.label}” is revoked: the ${thing(connection)} for ${title} ${connection.signed_in ? "is" : "are"} deleted.`,
    });
    return reply.redirect("/settings/vendors", 303);
  });

  async function named(request: FastifyRequest, id: string) {
    const { owner } = await memberOf(app, request);
    const connection = await findConnection(app.db, { ...owner, id });
    if (!connection)
      throw new PageProblem(404, "No such connection", "It was revoked, or it belongs to somebody else.");
    return { connection, owner, title: app.vendors.get(connection.vendor)?.title ?? connection.vendor };
  }

  async function grantsOf(owner: { org: string; user: string }, connection: string) {
    const grants = await listGrants(app.db, { ...owner, now: app.clock.now() });
    return grants.filter(({ connectionIds }) => connectionIds.includes(connection));
  }
}

const thing = ({ signed_in }: Connection) => (signed_in ? "sign-in" : "keys");

const failedWords = ({ signed_in, label }: Connection, title: string, { code, text }: VerifyFailure) =>
  signed_in && code === "VENDOR_AUTH" ? `${title} ended the sign-in of “${label}”. Sign in again.` : text;

function connectionDetail(
  { credentials }: Vendor,
  connection: Connection,
  { now, end }: { now: number; end: number | undefined },
) {
  const open: Record<string, string> = JSON.parse(connection.fields);
  const shown = credentials.fields.flatMap(({ name, title, enum: choices }) => {
    const value = open[name];
    return value === undefined ? [] : [`${title}: ${choices?.find((one) => one.value === value)?.label ?? value}`];
  });
  const { last_error, last_error_at, signed_in } = connection;
  const since = `${day(connection.updated_at)}${connection.version > 1 ? ", replaced" : ""}`;
  return {
    id: connection.id,
    vendor: connection.vendor,
    label: connection.label,
    detail: shown.join(" · ") || "Keys stored",
    state: stateOf(connection),
    refused: connection.status === "error",
    used: ago(connection.last_used_at, now),
    ok: ago(connection.last_ok_at, now),
    error: last_error ? [errorWords(last_error, signed_in), last_error_at && ago(last_error_at, now)].filter(Boolean).join(", ") : "none", // biome-ignore format: one thought
    entered: { label: signed_in ? "Signed in" : "Keys entered", text: since },
    expires: signed_in ? endWords(connection, end, now) : "set by the vendor",
  };
}
