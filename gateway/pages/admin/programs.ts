import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Connection, sharedConnections } from "../../database/connections.ts";
import { namesOf } from "../../database/people-names.ts";
import type { ServiceClientRow } from "../../database/schema.ts";
import { findService, listServiceClients } from "../../database/service-clients.ts";
import { vendorOfScope } from "../../oauth/resources.ts";
import { createServiceClient, revokeServiceClient, rotateSecret } from "../../oauth/service-clients.ts";
import { ROLES } from "../../policy/roles.ts";
import { type Field, field } from "../fields.ts";
import { line, readForm, several } from "../form.ts";
import { checkFormToken, formToken } from "../form-token.ts";
import { requireFresh } from "../fresh.ts";
import { leaveNotice } from "../notice.ts";
import { PageProblem } from "../page-problem.ts";
import { chosenScopes, expiryAt, expiryOptions, type ScopeGroup, scopeGroups } from "../program-scopes.ts";
import type { SecretOnce } from "../views.ts";
import { ago, day } from "../words.ts";
import { adminOf, adminPage } from "./frame.ts";

declare module "../views.ts" {
  interface Views {
    "admin-programs": {
      organisation: string;
      tokenUrl: string;
      programs: readonly {
        id: string;
        name: string;
        role: string;
        may: string;
        vendors: string;
        since: string;
        by: string;
        used: string;
        ends: string;
        over: boolean;
      }[];
      fields: readonly Field[];
      groups: readonly ScopeGroup[];
      /** No vendor can be given. */
      unshared: boolean;
      problem?: string;
      tokens: { create: string; secret: string; revoke: string };
      /** Just made: shown now and never again. */
      once?: SecretOnce;
    };
  }
}

const HERE = "/admin/programs";
/** A program is nobody's owner or administrator. */
const PROGRAM_ROLES = ROLES.filter((role) => role !== "owner" && role !== "admin");
const Wanted = z.object({ name: line, role: line, expires: line, scope: several });
type Form = Partial<z.output<typeof Wanted>> & { problem?: string; once?: SecretOnce };

/** `/admin/programs`: service clients, which call in the name of the organisation. */
export default async function programs(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => show(request, reply, {}));

  app.post(HERE, async (request, reply) => {
    checkFormToken(app, request, "add-program");
    const form = readForm(request, Wanted);
    const { org, user } = await adminOf(app, request, "programs");
    const { newest, groups } = await offered(org.id, form.scope);
    const scopes = chosenScopes(groups, form.scope);
    const expiresAt = expiryAt(form.expires, app.clock.now());
    const role = PROGRAM_ROLES.find((one) => one === form.role);
    if (form.name.trim() === "" || !role || !expiresAt)
      return await show(request, reply, { ...form, problem: "Give the program a name, a role and an end." });
    if (scopes.length === 0) return await show(request, reply, { ...form, problem: "Tick what the program may do." });
    const goOn = { heading: `Add the program “${form.name}”?`, consequences: [`It ends on ${day(expiresAt)} and may, as ${role}: ${scopes.join(", ")}.`], button: "Add the program", harmless: true, back: HERE }; // biome-ignore format: one thought
    if (!requireFresh(app, request, reply, { goOn })) return reply;
    const wanted = new Set(scopes.map(vendorOfScope));
    const connections = new Map([...newest].filter(([vendor]) => wanted.has(vendor)).map(([vendor, { id }]) => [vendor, id])); // biome-ignore format: one thought
    const made = { org: org.id, name: form.name, role, scopes, connections, expiresAt, actor: user.id };
    const { id, secret } = await createServiceClient(app.oauth, { ...made, requestId: request.id });
    return await show(request, reply, { once: secretOnce(id, secret, "The program is added") });
  });

  app.post(`${HERE}/secret`, async (request, reply) => {
    checkFormToken(app, request, "new-secret");
    const program = await named(request);
    const goOn = { heading: `Make a new secret for “${program.name}”?`, consequences: ["Its old secret ends at once."], button: "Make a new secret", back: HERE }; // biome-ignore format: one thought
    if (!requireFresh(app, request, reply, { goOn })) return reply;
    const { user } = await adminOf(app, request, "programs");
    const secret = await rotateSecret(app.oauth, program, { actor: user.id, requestId: request.id });
    return await show(request, reply, { once: secretOnce(program.id, secret, "The old secret has ended") });
  });

  app.post(`${HERE}/revoke`, async (request, reply) => {
    checkFormToken(app, request, "revoke-program");
    const { org, user } = await adminOf(app, request, "programs");
    const { program: id } = readForm(request, z.object({ program: line }));
    if (!(await revokeServiceClient(app.oauth, { org: org.id, id, actor: user.id, requestId: request.id })))
      throw new PageProblem(404, "No such program", "It has ended already.");
    leaveNotice(app, reply, { kind: "good", text: "The program has no access any more. Its next call is refused." });
    return reply.redirect(HERE, 303);
  });

  async function named(request: FastifyRequest): Promise<ServiceClientRow> {
    const { org } = await adminOf(app, request, "programs");
    const { program } = readForm(request, z.object({ program: line }));
    const found = await findService(app.db, program, app.clock.now());
    if (found?.org_id !== org.id) throw new PageProblem(404, "No such program", "It has ended already.");
    return found;
  }

  /** What may be handed to a program: of each vendor the newest connection that is shared and works. */
  async function offered(org: string, ticked: readonly string[] | undefined) {
    const shared = (await sharedConnections(app.db, org)).filter(({ status }) => status === "active");
    const newest = new Map<string, Connection>(shared.toReversed().map((one) => [one.vendor, one]));
    const vendors = [...app.vendors.values()].filter(({ slug }) => newest.has(slug));
    const ofRoles = PROGRAM_ROLES.map((each) => scopeGroups({ resources: app.resources, vendors: [] }, each, ticked));
    const rights = new Map(ofRoles.flat().flatMap(({ scopes }) => scopes.map((one) => [one.scope, one] as const)));
    const groups = scopeGroups({ resources: app.resources, vendors }, "member", ticked);
    const all = rights.size > 0 ? [...groups, { legend: "The organisation, as far as its role goes", scopes: [...rights.values()] }] : groups; // biome-ignore format: one thought
    return { newest, groups: all };
  }

  async function show(request: FastifyRequest, reply: FastifyReply, form: Form) {
    const { org } = await adminOf(app, request, "programs");
    const now = app.clock.now();
    const rows = await listServiceClients(app.db, org.id);
    const names = await namesOf(app.db, org.id, rows.map(({ created_by }) => created_by)); // biome-ignore format: one thought
    const { newest, groups } = await offered(org.id, form.scope);
    const data = {
      organisation: org.name,
      tokenUrl: `${app.config.publicUrl}/oauth/token`,
      programs: rows.map((row) => programLine(row, names, now)),
      fields: [
        field({ name: "name", label: "Name", about: "What it is, for example: wallboard.", value: form.name }),
        field({
          name: "role",
          label: "Role",
          options: PROGRAM_ROLES.map((value) => ({ value, label: value, selected: value === (form.role ?? "member") })),
        }),
        field({ name: "expires", label: "Ends", options: expiryOptions(form.expires) }),
      ],
      groups,
      unshared: newest.size === 0,
      problem: form.problem,
      tokens: {
        create: formToken(app, request, "add-program"),
        secret: formToken(app, request, "new-secret"),
        revoke: formToken(app, request, "revoke-program"),
      },
      once: form.once,
    };
    return adminPage(reply, "admin-programs", data, {
      title: "Programs",
      here: HERE,
      status: form.problem ? 422 : 200,
    });
  }

  const programLine = (row: ServiceClientRow, names: ReadonlyMap<string, string>, now: number) => {
    const scopes = row.scopes.split(" ");
    const vendors = [...new Set(scopes.map(vendorOfScope))].flatMap((slug) => app.vendors.get(slug)?.title ?? []);
    return {
      id: row.id,
      name: row.name,
      role: row.role,
      may: scopes.join(", "),
      vendors: vendors.join(", ") || "no vendor",
      since: ago(row.created_at, now),
      by: names.get(row.created_by) ?? "somebody who left",
      used: row.last_used_at ? `last used ${ago(row.last_used_at, now)}` : "not used yet",
      ends: day(row.expires_at),
      over: row.expires_at <= now,
    };
  };

  const secretOnce = (id: string, secret: string, heading: string): SecretOnce => ({
    heading,
    text: "Copy both now: the secret is not shown again.",
    values: [
      { label: "Client id", value: id },
      { label: "Client secret", value: secret },
    ],
    back: HERE,
  });
}
