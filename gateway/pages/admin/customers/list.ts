import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { countCustomers, linksOf, listCustomers } from "../../../database/customers.ts";
import { addCustomer } from "../../../identity/customers/changes.ts";
import { nameKey } from "../../../identity/customers/names.ts";
import { line, readForm } from "../../form.ts";
import { formToken } from "../../form-token.ts";
import { cursorText, readCursor } from "../cursor.ts";
import { adminPage } from "../frame.ts";
import { changeByForm, customersOf, HERE } from "./whose.ts";

declare module "../../views.ts" {
  interface Views {
    "admin-customers": {
      counts: { active: string; archived: number };
      any: boolean;
      find: string;
      archived: boolean;
      rows: readonly { href: string; name: string; vendors: readonly string[] }[];
      newer?: string;
      older?: string;
      token: string;
    };
  }
}

const ROWS = 50;
const Query = z.object({ find: line, archived: line, after: line });

/** `/admin/customers`: the client companies, by name. */
export default async function list(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => {
    const { org } = await customersOf(app, request);
    const { find, archived, after } = Query.parse(request.query ?? {});
    const from = readCursor(after);
    const key = nameKey(find);
    const found = await listCustomers(app.db, {
      org: org.id,
      archived: archived === "1",
      ...(key !== "" && { key }),
      after: from && { key: from.name, id: from.id },
      limit: ROWS + 1,
    });
    const shown = found.slice(0, ROWS);
    const links = await linksOf(app.db, org.id, shown.map(({ id }) => id)); // biome-ignore format: one thought
    const vendorsOf = (id: string) =>
      [...new Set(links.filter(({ customer_id }) => customer_id === id).map(({ vendor }) => vendor))].map(
        (slug) => app.vendors.get(slug)?.title ?? slug,
      );
    const counts = await countCustomers(app.db, org.id);
    const rest = found.length > ROWS ? shown.at(-1) : undefined;
    const query = (more: Record<string, string>) =>
      `${HERE}?${new URLSearchParams({ ...(find && { find }), ...(archived === "1" && { archived }), ...more })}`;
    const data = {
      counts: { active: counts.active.toLocaleString("en"), archived: counts.archived },
      any: counts.active + counts.archived > 0,
      find,
      archived: archived === "1",
      rows: shown.map(({ id, name }) => ({ href: `${HERE}/${id}`, name, vendors: vendorsOf(id) })),
      ...(after && { newer: query({}) }),
      ...(rest && { older: query({ after: cursorText({ name: rest.name_key, id: rest.id }) }) }),
      token: formToken(app, request, "customers"),
    };
    return adminPage(reply, "admin-customers", data, { title: "Customers", here: HERE });
  });

  app.post(HERE, async (request, reply) => {
    const { org, owner } = await customersOf(app, request);
    const { name } = readForm(request, z.object({ name: line }));
    return changeByForm(app, request, reply, {
      back: HERE,
      said: "The customer is added. Who is limited to some customers does not see it until you give it to them.",
      change: async () => {
        const { id } = await addCustomer(app, { org: org.id, actor: owner.user, requestId: request.id, name });
        return `${HERE}/${id}`;
      },
    });
  });
}
