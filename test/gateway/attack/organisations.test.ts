import { beforeEach, describe, expect, it } from "vitest";
import { saveConnection } from "../../../gateway/connections/connections.ts";
import { connectLink } from "../../../gateway/connections/link.ts";
import { putMember } from "../../../gateway/database/members.ts";
import { invite } from "../../../gateway/identity/invitations.ts";
import { createOrg } from "../../../gateway/identity/organisations.ts";
import { offerOwnership } from "../../../gateway/identity/ownership.ts";
import { createSession } from "../../../gateway/identity/sessions.ts";
import { isSigned, sign } from "../../../gateway/keys.ts";
import { acme, lockOf } from "../acme.ts";
import { visitor } from "../pages/visitor.ts";
import { person, type TestApp, testApp } from "../support.ts";

/** Two organisations, each with an owner; the second owner tries everything with the ids of the first. */
let app: TestApp;
let first: Awaited<ReturnType<typeof organisation>>;
let evil: Awaited<ReturnType<typeof organisation>>;

beforeEach(async () => {
  const vendors = [acme()];
  app = await testApp({ vendors, lock: lockOf(...vendors) });
  [first, evil] = [await organisation("first"), await organisation("evil")];
});

async function organisation(name: string) {
  const boss = (await person(app, `boss@${name}.example`)).user.id;
  const ann = (await person(app, `ann@${name}.example`)).user.id;
  const org = (await createOrg(app, { name, actor: boss })).id;
  await putMember(app.db, { org_id: org, user_id: ann, role: "admin", active: 1, created_at: 1 });
  const parsed = app.vendors.get("acme")!.credentials.parse({ apiKey: name });
  if (!parsed.ok) throw new Error("no keys");
  const keys = { org, vendor: "acme", credentials: parsed.value as object };
  const shared = (await saveConnection(app, { ...keys, user: boss, shared: true })).id;
  const own = (await saveConnection(app, { ...keys, user: ann })).id;
  await invite(app, { org, actor: boss, role: "member", email: "new@example.com" });
  const invitation = (
    await app.db.selectFrom("invitations").select("id").where("org_id", "=", org).executeTakeFirstOrThrow()
  ).id;
  await offerOwnership(app, { org, actor: boss, to: ann, staysOwner: true });
  const { token } = await createSession(app.db, { userId: boss, org, now: app.clock.now() });
  return { org, boss, ann, shared, own, invitation, token };
}

/** Every row of what an organisation is, as it stands. */
async function everythingOf(org: string) {
  const tables = [
    "memberships",
    "invitations",
    "ownership_offers",
    "connections",
    "connection_users",
    "credentials",
    "policies",
  ] as const;
  const rows = await Promise.all(
    tables.map((table) => app.db.selectFrom(table).selectAll().where("org_id", "=", org).execute()),
  );
  const orgs = await app.db.selectFrom("orgs").selectAll().where("id", "=", org).execute();
  return JSON.stringify([orgs, rows]);
}

interface Attempt {
  readonly path: (ids: typeof first) => string;
  /** What the form's token is for, as its own page would print it. */
  readonly action: (ids: typeof first) => string;
  readonly form?: (ids: typeof first) => Record<string, string>;
}

const page = (path: Attempt["path"]) => ({ path });
const form = (path: Attempt["path"], action: Attempt["action"], fields: Attempt["form"] = () => ({})): Attempt => ({
  path,
  action,
  form: fields,
});

const PAGES = [
  page(({ ann }) => `/admin/members/${ann}`),
  page(({ ann }) => `/admin/members/${ann}/remove`),
  page(({ ann }) => `/admin/members/${ann}/ownership`),
  page(({ shared }) => `/admin/connections/${shared}`),
  page(({ shared }) => `/admin/connections/${shared}/revoke`),
  page(({ own }) => `/admin/connections/${own}/revoke`),
  page(({ own }) => `/settings/revoke?connection=${own}`),
  page(({ shared }) => `/settings/revoke?connection=${shared}`),
  page(({ own }) => `/connect/acme?replace=${own}`),
  page(({ shared }) => `/connect/acme?replace=${shared}`),
  page(({ org }) => `/organisations/${org}/leave`),
  page(({ org }) => `/organisations/${org}/ownership`),
  page(
    ({ org, ann }) =>
      new URL(connectLink(app, { orgId: org, userId: ann, vendor: "acme" })).pathname +
      new URL(connectLink(app, { orgId: org, userId: ann, vendor: "acme" })).search,
  ),
  page(
    ({ org }) =>
      new URL(connectLink(app, { orgId: org, userId: evil.boss, vendor: "acme" })).pathname +
      new URL(connectLink(app, { orgId: org, userId: evil.boss, vendor: "acme" })).search,
  ),
];

const FORMS = [
  form(
    ({ org }) => `/organisations/switch#${org}`,
    () => "switch-organisation",
    ({ org }) => ({ org }),
  ),
  form(
    ({ org }) => `/organisations/${org}/leave`,
    ({ org }) => `leave ${org}`,
  ),
  form(
    ({ org }) => `/organisations/${org}/ownership`,
    ({ org }) => `ownership ${org}`,
  ),
  form(
    ({ org }) => `/organisations/${org}/ownership/decline`,
    ({ org }) => `ownership ${org}`,
  ),
  form(
    ({ ann }) => `/admin/members/${ann}/role`,
    ({ ann }) => `role ${ann}`,
    () => ({ role: "member" }),
  ),
  form(
    ({ ann }) => `/admin/members/${ann}/remove`,
    ({ ann }) => `remove ${ann}`,
  ),
  form(
    ({ ann }) => `/admin/members/${ann}/ownership`,
    ({ ann }) => `ownership ${ann}`,
    () => ({ stay: "no" }),
  ),
  form(
    ({ invitation }) => `/admin/members/invitations/revoke#${invitation}`,
    () => "revoke-invitation",
    ({ invitation }) => ({ invitation }),
  ),
  form(
    ({ shared }) => `/admin/connections/${shared}/name`,
    ({ shared }) => `name ${shared}`,
    () => ({ label: "Evil" }),
  ),
  form(
    ({ shared }) => `/admin/connections/${shared}/users`,
    ({ shared }) => `users ${shared}`,
    () => ({ role: "owner", person: evil.boss }),
  ),
  form(
    ({ shared }) => `/admin/connections/${shared}/test`,
    () => "test-shared",
  ),
  form(
    ({ shared }) => `/admin/connections/${shared}/revoke`,
    ({ shared }) => `revoke ${shared}`,
  ),
  form(
    ({ own }) => `/admin/connections/${own}/revoke`,
    ({ own }) => `revoke ${own}`,
  ),
  form(
    ({ own }) => `/settings/vendors/test#${own}`,
    () => "test",
    ({ own }) => ({ connection: own }),
  ),
  form(
    ({ own }) => `/settings/revoke#${own}`,
    () => "revoke",
    ({ own }) => ({ connection: own }),
  ),
  form(
    ({ shared }) => `/settings/revoke#${shared}`,
    () => "revoke",
    ({ shared }) => ({ connection: shared }),
  ),
  form(
    ({ own }) => `/settings/vendors/sign-in#${own}`,
    () => "sign-in",
    ({ own }) => ({ connection: own }),
  ),
  form(
    ({ shared }) => `/connect/acme?replace=${shared}`,
    () => "connect",
    () => ({ "credential.apiKey": "evil" }),
  ),
  form(
    ({ own }) => `/connect/acme?replace=${own}`,
    () => "connect",
    () => ({ "credential.apiKey": "evil" }),
  ),
];

/** The token that the form's own page would have printed for this browser: the attacker has a session, and knows how it is made. */
function tokenOf({ token, org }: typeof first, action: string) {
  const made = sign(app.keys, "form/v1", `${token}\0${org}\0${action}`);
  expect(isSigned(app.keys, "form/v1", `${token}\0${org}\0${action}`, made)).toBe(true);
  return made;
}

describe("an owner of another organisation, with every id of this one (TEN-01, TEN-05, VLT-10)", () => {
  it("sees no page of it", async () => {
    for (const { path } of PAGES) {
      const answer = await visitor(app, evil.token).get(path(first));
      expect([403, 404], `${path(first)} ${answer.statusCode}`).toContain(answer.statusCode);
      expect(answer.body).not.toContain("ann@first.example");
    }
  });

  it("changes nothing of it by any form, whose token is as good as can be", async () => {
    const before = await everythingOf(first.org);
    for (const { path, action, form } of FORMS) {
      const url = path(first).replace(/#.*/, "");
      const fields = { form_token: tokenOf(evil, action(first)), ...form!(first) };
      const answer = await visitor(app, evil.token).post(url, fields);
      expect([403, 404], `${path(first)} ${answer.statusCode}`).toContain(answer.statusCode);
    }
    expect(await everythingOf(first.org)).toBe(before);
  });

  it("would change its own by the same forms, so it is the organisation that stops them", async () => {
    for (const { path, action, form } of FORMS.filter(({ path }) => !/ownership$|leave$|sign-in/.test(path(evil)))) {
      const url = path(evil).replace(/#.*/, "");
      const answer = await visitor(app, evil.token).post(url, {
        form_token: tokenOf(evil, action(evil)),
        ...form!(evil),
      });
      expect([200, 303, 404, 409], `${path(evil)} ${answer.statusCode}`).toContain(answer.statusCode);
      if (/name$|users$|test-shared|role$/.test(url)) expect(answer.statusCode, url).toBe(303);
    }
  });
});
