import type { FastifyInstance } from "fastify";
import { z } from "zod";
import {
  type Connection,
  type ConnectionUser,
  connectionUsers,
  membersConnections,
  sharedConnections,
} from "../../database/connections.ts";
import { namesOf } from "../../database/people-names.ts";
import { line } from "../form.ts";
import { formToken } from "../form-token.ts";
import type { State, VendorTile } from "../views.ts";
import { ago, errorWords, stateOf, tileOf } from "../words.ts";
import connection from "./connection.ts";
import { cursorText, readCursor } from "./cursor.ts";
import { adminOf, adminPage } from "./frame.ts";
import { isPersonal } from "./member-words.ts";

const HERE = "/admin/connections";
const PAGE = 50;

declare module "../views.ts" {
  interface Views {
    "admin-connections": {
      organisation: string;
      shared: readonly (VendorTile & {
        id: string;
        label: string;
        state: State;
        used: string;
        error: string;
        users: string;
        replace: string;
        again: string;
      })[];
      vendors: readonly VendorTile[];
      /** False in an organisation of one person. */
      mayShare: boolean;
      members: readonly { id: string; person: string; vendor: string; state: State; used: string; error: string }[];
      next?: string;
      tokens: { test: string };
    };
  }
}

const Asked = z.object({ after: line, vendor: line });

/** `/admin/connections`: what the organisation shares and with whom, and what members connected for themselves. */
export default async function connections(app: FastifyInstance): Promise<void> {
  await app.register(connection);

  app.get(HERE, async (request, reply) => {
    const { org } = await adminOf(app, request, "connections");
    const { after } = Asked.parse(request.query);
    const [shared, users, own] = await Promise.all([
      sharedConnections(app.db, org.id),
      connectionUsers(app.db, org.id),
      membersConnections(app.db, { org: org.id, after: readCursor(after), limit: PAGE + 1 }),
    ]);
    const people = [...users.values()].flat().flatMap(({ kind, who }) => (kind === "person" ? [who] : []));
    const names = await namesOf(app.db, org.id, people);
    const shown = own.slice(0, PAGE);
    const data = {
      organisation: org.name,
      shared: shared.map((one) => ({ ...sharedLine(one), users: usersWords(users.get(one.id) ?? [], names) })),
      vendors: [...app.vendors.values()].map(tileOf),
      mayShare: !isPersonal(org),
      members: shown.map((one) => ({
        id: one.id,
        person: one.user_name,
        vendor: titleOf(one.vendor),
        ...stateWords(one),
      })),
      next: own.length > PAGE ? nextOf(shown.at(-1)!) : undefined,
      tokens: { test: formToken(app, request, "test-shared") },
    };
    return adminPage(reply, "admin-connections", data, { title: "Connections", here: HERE });
  });

  /** From the vendor that was chosen to the form for its keys. */
  app.get(`${HERE}/new`, async (request, reply) => {
    await adminOf(app, request, "connections");
    const { vendor } = Asked.parse(request.query);
    return reply.redirect(app.vendors.has(vendor) ? `/connect/${vendor}?shared=yes` : HERE, 303);
  });

  const titleOf = (slug: string) => app.vendors.get(slug)?.title ?? slug;

  const stateWords = (one: Stated) => ({
    state: stateOf(one),
    used: ago(one.last_used_at, app.clock.now()),
    error: one.last_error ? errorWords(one.last_error, one.signed_in) : "none",
  });

  const sharedLine = (one: Connection) => ({
    ...tileOf({ slug: one.vendor, title: titleOf(one.vendor) }),
    id: one.id,
    label: one.label,
    ...stateWords(one),
    replace: `/connect/${one.vendor}?replace=${one.id}`,
    again: one.signed_in ? "Sign in again" : "Replace keys",
  });
}

type Stated = Pick<Connection, "status" | "last_used_at" | "last_error" | "signed_in">;

/** At most as many names as one reads at a glance. */
const NAMED = 4;

function usersWords(users: readonly ConnectionUser[], names: ReadonlyMap<string, string>): string {
  const roles = users.flatMap(({ kind, who }) => (kind === "role" ? [`every ${who}`] : []));
  const ids = new Set(users.flatMap(({ kind, who }) => (kind === "person" ? [who] : [])));
  const people = [...names].flatMap(([id, name]) => (ids.has(id) ? [name] : [])); // by name
  const more = people.length > NAMED ? [`${people.length - NAMED} more`] : [];
  return [...roles, ...people.slice(0, NAMED), ...more].join(", ") || "nobody";
}

const nextOf = ({ user_name, id }: { user_name: string; id: string }) =>
  `${HERE}?after=${cursorText({ name: user_name, id })}#members`;
