import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { listConnections } from "../connections/connections.ts";
import { type AuthorizedApp, listGrants, revokeGrant } from "../oauth/grants.ts";
import { createPersonalToken } from "../oauth/personal-tokens.ts";
import { ALL_VENDORS } from "../oauth/resources.ts";
import { PERSONAL_TOKEN } from "../policy/agent-types.ts";
import { type Field, field } from "./fields.ts";
import { line, readForm, several } from "./form.ts";
import { checkFormToken, formToken } from "./form-token.ts";
import { requireFresh } from "./fresh.ts";
import { leaveNotice } from "./notice.ts";
import { PageProblem } from "./page-problem.ts";
import { chosenScopes, expiryAt, expiryOptions, type ScopeGroup, scopeGroups } from "./program-scopes.ts";
import { page } from "./render.ts";
import { requireSignIn } from "./session.ts";
import { memberOf, settingsNav } from "./settings-nav.ts";
import type { SecretOnce } from "./views.ts";
import { ago, day } from "./words.ts";

declare module "./views.ts" {
  interface Views {
    tokens: {
      nav: ReturnType<typeof settingsNav>;
      tokens: readonly {
        id: string;
        name: string;
        where: string;
        may: string;
        since: string;
        used: string;
        ends: string;
      }[];
      fields: readonly Field[];
      groups: readonly ScopeGroup[];
      problem?: string;
      createToken: string;
      revokeToken: string;
      /** Just made: shown now and never again. */
      once?: SecretOnce;
    };
  }
}

const HERE = "/settings/tokens";
const Wanted = z.object({ name: line, address: line, expires: line, scope: several });
type Form = Partial<z.output<typeof Wanted>> & { problem?: string; once?: SecretOnce };

/** `/settings/tokens`: personal access tokens, for programs that cannot open a browser. */
export default async function settingsTokens(app: FastifyInstance): Promise<void> {
  app.addHook("preHandler", requireSignIn);

  app.get(HERE, async (request, reply) => show(request, reply, {}));

  app.post(HERE, async (request, reply) => {
    checkFormToken(app, request, "make-token");
    const form = readForm(request, Wanted);
    const { owner, org } = await memberOf(app, request);
    const { bound, groups } = await offered(request, form.scope);
    const scopes = chosenScopes(groups, form.scope);
    const expiresAt = expiryAt(form.expires, app.clock.now());
    const vendor = form.address === "all" ? ALL_VENDORS : form.address;
    if (form.name.trim() === "" || !expiresAt || (vendor !== ALL_VENDORS && !bound.has(vendor)))
      return await show(request, reply, { ...form, problem: "Give the token a name, an address and an end." });
    if (scopes.length === 0) return await show(request, reply, { ...form, problem: "Tick what the token may do." });
    // It lasts for months: not for whoever finds a browser open.
    const goOn = { heading: `Make the token “${form.name}”?`, consequences: [`It ends on ${day(expiresAt)} and may: ${scopes.join(", ")}.`], button: "Make the token", harmless: true, back: HERE }; // biome-ignore format: one thought
    if (!requireFresh(app, request, reply, { goOn })) return reply;
    const connections = vendor === ALL_VENDORS ? bound : new Map([[vendor, bound.get(vendor)!]]);
    const wanted = { ...owner, name: form.name, vendor, scopes, connections, expiresAt, requestId: request.id };
    const { token } = await createPersonalToken(app, wanted);
    const address = app.resources.canonical(vendor)!.url;
    return await show(request, reply, {
      once: {
        heading: "The token is made",
        text: `Copy it now: it is not shown again. It is for ${address} in ${org.name}, and ends on ${day(expiresAt)}.`,
        values: [{ label: "Token, sent as Authorization: Bearer", value: token }],
        back: HERE,
      },
    });
  });

  app.post(`${HERE}/revoke`, async (request, reply) => {
    checkFormToken(app, request, "revoke-token");
    const { grant: id } = readForm(request, z.object({ grant: line }));
    const { owner } = await memberOf(app, request);
    if (!(await revokeGrant(app, { id, ...owner })))
      throw new PageProblem(404, "No such token", "It has ended already.");
    leaveNotice(app, reply, { kind: "good", text: "The token has ended. Its next call is refused." });
    return reply.redirect(HERE, 303);
  });

  /** What the person has connected and may hand on: the newest that works of each vendor. */
  async function offered(request: FastifyRequest, ticked?: readonly string[]) {
    const { owner, org } = await memberOf(app, request);
    const working = (await listConnections(app.db, owner)).filter(({ status }) => status === "active");
    const bound = new Map(working.toReversed().map(({ vendor, id }) => [vendor, id]));
    const vendors = [...app.vendors.values()].filter(({ slug }) => bound.has(slug));
    return { bound, vendors, groups: scopeGroups({ resources: app.resources, vendors }, org.role, ticked) };
  }

  async function show(request: FastifyRequest, reply: FastifyReply, form: Form) {
    const { owner } = await memberOf(app, request);
    const now = app.clock.now();
    const { vendors, groups } = await offered(request, form.scope);
    const grants = await listGrants(app.db, { ...owner, now });
    const places = [{ value: "all", label: "All vendors, and the API" }].concat(
      vendors.map(({ slug, title }) => ({ value: slug, label: `${title} alone` })),
    );
    const data = {
      nav: settingsNav(HERE),
      tokens: grants.filter(({ clientId }) => clientId === PERSONAL_TOKEN).map((grant) => tokenLine(grant, now)),
      fields: [
        field({ name: "name", label: "Name", about: "What uses it, for example: nightly report.", value: form.name }),
        field({
          name: "address",
          label: "Address",
          options: places.map((place) => ({ ...place, selected: place.value === (form.address ?? "all") })),
        }),
        field({ name: "expires", label: "Ends", options: expiryOptions(form.expires) }),
      ],
      groups,
      problem: form.problem,
      createToken: formToken(app, request, "make-token"),
      revokeToken: formToken(app, request, "revoke-token"),
      once: form.once,
    };
    return page(reply, "tokens", data, { title: "Tokens", status: form.problem ? 422 : 200 });
  }

  const tokenLine = (
    { id, clientName, vendor, scopes, createdAt, lastUsedAt, expiresAt }: AuthorizedApp,
    now: number,
  ) => ({
    id,
    name: clientName,
    where: vendor === ALL_VENDORS ? "all vendors" : (app.vendors.get(vendor)?.title ?? vendor),
    may: `${scopes.length} ${scopes.length === 1 ? "scope" : "scopes"}`,
    since: ago(createdAt, now),
    used: lastUsedAt ? `last used ${ago(lastUsedAt, now)}` : "not used yet",
    ends: day(expiresAt),
  });
}
