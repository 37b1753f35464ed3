import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { listConnections } from "../../../connections/connections.ts";
import { type CustomerLink, linksOf, listCustomers } from "../../../database/customers.ts";
import {
  archiveCustomer,
  type LinkPlace,
  linkCustomer,
  mergeCustomers,
  renameCustomer,
  splitCustomer,
  unlinkCustomer,
} from "../../../identity/customers/changes.ts";
import { limitedTo } from "../../../identity/customers/limits.ts";
import { nameKey } from "../../../identity/customers/names.ts";
import { line, readForm, several } from "../../form.ts";
import { formToken } from "../../form-token.ts";
import { page } from "../../render.ts";
import { count } from "../../words.ts";
import { adminPage } from "../frame.ts";
import { changeByForm, customersOf, HERE, namedCustomer } from "./whose.ts";

declare module "../../views.ts" {
  interface Views {
    "admin-customer": {
      at: string;
      name: string;
      archived: boolean;
      links: readonly { place: string; vendor: string; name: string; id: string; account: string; gone: boolean }[];
      mayManyLinks: boolean;
      vendors: readonly { slug: string; title: string }[];
      accounts: readonly { id: string; label: string }[];
      people: readonly { href: string; name: string; email: string }[];
      find: string;
      found: readonly { href: string; name: string }[];
      token: string;
    };
  }
}

type Named = { Params: { id: string }; Querystring: { find?: unknown; into?: unknown } };
const FOUND = 20;

/** `/admin/customers/{id}`: what vendors call it, who is limited to it, and what can be done with it. */
export default async function detail(app: FastifyInstance): Promise<void> {
  const AT = `${HERE}/:id`;

  app.get<Named>(AT, async (request, reply) => {
    const { org, owner, customer } = await named(request);
    const find = line.parse(request.query.find);
    const [links, people, connections] = await Promise.all([
      linksOf(app.db, org.id, [customer.id]),
      limitedTo(app.db, org.id, customer.id),
      listConnections(app.db, owner),
    ]);
    const labels = new Map(connections.map(({ id, label, vendor }) => [id, `${titleOf(vendor)}: ${label}`]));
    const data = {
      at: `${HERE}/${customer.id}`,
      name: customer.name,
      archived: customer.archived === 1,
      links: links.map((link) => ({
        place: placeOf(link),
        vendor: titleOf(link.vendor),
        name: link.vendor_name,
        id: link.vendor_id,
        account: link.connection_id === "" ? "Every account" : (labels.get(link.connection_id) ?? "Another account"),
        gone: link.gone_at !== null,
      })),
      mayManyLinks: links.length > 1,
      vendors: [...app.vendors.values()]
        .filter((vendor) => vendor.customer)
        .map(({ slug, title }) => ({ slug, title })),
      accounts: [...labels].map(([id, label]) => ({ id, label })),
      people: people.map(({ id, name, email }) => ({ href: `${HERE}/people/${id}`, name, email })),
      find,
      found: find === "" ? [] : await others(org.id, customer.id, find),
      token: formToken(app, request, "customers"),
    };
    return adminPage(reply, "admin-customer", data, { title: customer.name, here: HERE });
  });

  app.get<Named>(`${AT}/merge`, async (request, reply) => {
    const { org, customer } = await named(request);
    const into = await namedCustomer(app, org.id, line.parse(request.query.into));
    const people =
      (await limitedTo(app.db, org.id, customer.id)).length + (await limitedTo(app.db, org.id, into.id)).length;
    const heading = `Merge “${customer.name}” into “${into.name}”?`;
    const data = {
      heading,
      consequences: [
        `All ids of ${customer.name} become ids of ${into.name}, and ${customer.name} is gone from the list.`,
        people > 0
          ? `Who is limited to either of them (${count(people, "person", "people")}) sees the records of both from the next request on.`
          : "Nobody is limited to either of them now.",
      ],
      action: `${HERE}/${customer.id}/merge`,
      token: formToken(app, request, "customers"),
      hidden: [{ name: "into", value: into.id }],
      fields: [],
      button: "Merge them",
      back: `${HERE}/${customer.id}`,
    };
    return page(reply, "confirm", data, { title: heading, narrow: true });
  });

  const Link = z.object({ vendor: line, vendor_id: line, vendor_name: line, account: line });
  post("link", "The id is added.", async (id, request, change) => {
    const { vendor, vendor_id: vendorId, vendor_name: vendorName, account } = readForm(request, Link);
    const { org, owner } = await customersOf(app, request);
    const known = (await listConnections(app.db, owner)).find((one) => one.id === account && one.vendor === vendor);
    const connection = known?.id ?? "";
    await linkCustomer(app, { ...change, org: org.id, id, vendor, vendorId, connection, vendorName });
  });
  post("unlink", "The id is taken away.", (id, request, change) =>
    unlinkCustomer(app, { ...change, id, ...placeIn(readForm(request, z.object({ place: line })).place) }),
  );
  post("rename", "The name is changed.", (id, request, change) =>
    renameCustomer(app, { ...change, id, name: readForm(request, z.object({ name: line })).name }),
  );
  post("archive", "The customer is archived: nobody who is limited sees it.", (id, _request, change) =>
    archiveCustomer(app, { ...change, id, on: true }),
  );
  post("restore", "The customer is back.", (id, _request, change) =>
    archiveCustomer(app, { ...change, id, on: false }),
  );
  post("merge", "The two are one customer now.", async (from, request, change) => {
    const { into } = readForm(request, z.object({ into: line }));
    await mergeCustomers(app, { ...change, from, into });
    return `${HERE}/${into}`;
  });
  post("split", "The ids are another customer's now. Who is limited does not see it until you give it to them.", async (id, request, change) => {
    const { name, place } = readForm(request, z.object({ name: line, place: several }));
    return `${HERE}/${(await splitCustomer(app, { ...change, id, name, links: place.map(placeIn) })).id}`;
  }); // biome-ignore format: one thought

  function post(
    what: string,
    said: string,
    change: (id: string, request: FastifyRequest, who: Who) => Promise<unknown>,
  ) {
    app.post<Named>(`${AT}/${what}`, async (request, reply) => {
      const { org, owner } = await customersOf(app, request);
      const { id } = request.params;
      const who = { org: org.id, actor: owner.user, requestId: request.id };
      return changeByForm(app, request, reply, { back: `${HERE}/${id}`, said, change: () => change(id, request, who) });
    });
  }

  async function named(request: FastifyRequest<Named>) {
    const admin = await customersOf(app, request);
    return { ...admin, customer: await namedCustomer(app, admin.org.id, request.params.id) };
  }

  async function others(org: string, id: string, find: string) {
    const found = await listCustomers(app.db, { org, archived: false, key: nameKey(find), limit: FOUND + 1 });
    return found
      .filter((one) => one.id !== id)
      .map((one) => ({ name: one.name, href: `${HERE}/${id}/merge?into=${one.id}` }));
  }

  const titleOf = (slug: string) => app.vendors.get(slug)?.title ?? slug;
}

interface Who {
  readonly org: string;
  readonly actor: string;
  readonly requestId: string;
}

const placeOf = ({ vendor, vendor_id, connection_id }: CustomerLink) =>
  JSON.stringify([vendor, vendor_id, connection_id]);

const Place = z.tuple([z.string(), z.string(), z.string()]).catch(["", "", ""]);

function placeIn(text: string): LinkPlace {
  const [vendor, vendorId, connection] = Place.parse(parsed(text));
  return { vendor, vendorId, connection };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
