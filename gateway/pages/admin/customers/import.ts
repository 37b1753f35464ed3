import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { listConnections } from "../../../connections/connections.ts";
import { beginImport, MOST_CUSTOMERS } from "../../../connections/customers/read.ts";
import {
  type CustomerImport,
  customersForMatching,
  findImport,
  linksAt,
  liveAccounts,
} from "../../../database/customer-imports.ts";
import { applyImport } from "../../../identity/customers/apply-import.ts";
import { type Found, preview } from "../../../identity/customers/matching.ts";
import { line, readForm } from "../../form.ts";
import { checkFormToken, formToken } from "../../form-token.ts";
import { PageProblem } from "../../page-problem.ts";
import { count, errorWords } from "../../words.ts";
import { adminPage } from "../frame.ts";
import { changeByForm, customersOf, HERE } from "./whose.ts";

interface Group {
  readonly total: string;
  readonly some: readonly { name: string; note?: string }[];
  readonly more?: string;
}

declare module "../../views.ts" {
  interface Views {
    "admin-customer-import": {
      accounts: readonly { id: string; vendor: string; label: string; calls: string }[];
      token: string;
    };
    "admin-customer-import-reading": { vendor: string; text: string; failed: boolean; href: string };
    "admin-customer-import-preview": {
      action: string;
      vendor: string;
      account: string;
      found: string;
      fresh?: Group;
      matched?: Group;
      known?: string;
      renamed?: Group;
      vanished?: Group;
      clashing?: Group;
      ambiguous: readonly {
        field: string;
        name: string;
        id: string;
        customers: readonly { id: string; name: string }[];
      }[];
      waiting?: string;
      several: boolean;
      nothing: boolean;
      token: string;
    };
  }
}

const IMPORT = `${HERE}/import`;
const SHOWN = 100;
const STALE_MS = 120_000;
/** A list is read 50 pages deep, and the smallest pages have 50 rows: a longer one may have been cut. */
const SURELY_WHOLE = 2500;

type Named = { Params: { id: string } };

/** `/admin/customers/import`: a vendor's list is read, looked at, and only then taken over. */
export default async function imports(app: FastifyInstance): Promise<void> {
  app.get(IMPORT, async (request, reply) => {
    const { owner } = await customersOf(app, request);
    const accounts = (await listConnections(app.db, owner)).flatMap(({ id, vendor: slug, label }) => {
      const vendor = app.vendors.get(slug);
      return vendor?.customer ? [{ id, vendor: vendor.title, label, calls: vendor.customer.title }] : [];
    });
    const data = { accounts, token: formToken(app, request, "customers") };
    return adminPage(reply, "admin-customer-import", data, { title: "Import customers", here: HERE });
  });

  app.post(IMPORT, async (request, reply) => {
    checkFormToken(app, request, "customers");
    const { org, owner } = await customersOf(app, request);
    const { connection } = readForm(request, z.object({ connection: line }));
    const account = (await listConnections(app.db, owner)).find(({ id }) => id === connection);
    if (!account) throw new PageProblem(404, "No such connection", "It was revoked, or it is somebody else's.");
    const { id } = await beginImport(app, account, { org: org.id, user: owner.user, requestId: request.id });
    return reply.redirect(`${IMPORT}/${id}`, 303);
  });

  app.get<Named>(`${IMPORT}/:id`, async (request, reply) => {
    const { org, row, vendor } = await named(request);
    if (row.state !== "read") {
      const stale = row.updated_at < app.clock.now() - STALE_MS;
      const failed = row.state === "failed" || stale;
      if (!failed) reply.header("refresh", "2"); // asks again by itself
      const text = failed
        ? `${row.problem ? errorWords(row.problem, 0) : "It stopped"}. Nothing was changed; you can begin again.`
        : row.rows_read === 0
          ? "Asking for the first customers."
          : `${count(row.rows_read, "customer")} read so far.`;
      const data = { vendor, text, failed, href: `${IMPORT}/${row.id}` };
      return adminPage(reply, "admin-customer-import-reading", data, { title: "Import customers", here: HERE });
    }
    const { seen, found, isOneOfSeveral, isWhole } = await look(org.id, row);
    const data = {
      action: `${IMPORT}/${row.id}`,
      vendor,
      account: await labelOf(request, row),
      found: `${count(found.length, "customer")}${isWhole ? "" : ", perhaps not all of them"}`,
      fresh: group(seen.fresh, ({ name }) => ({ name })),
      matched: group(seen.matched, ({ name, customer }) => ({ name, note: customer.name === name ? undefined : customer.name })), // biome-ignore format: one thought
      ...(seen.known.length > 0 && { known: count(seen.known.length, "customer") }),
      renamed: group(seen.renamed, ({ link, name }) => ({ name, note: link.vendor_name })),
      vanished: group(seen.vanished, ({ vendor_name }) => ({ name: vendor_name })),
      clashing: group(seen.clashing, ({ name, link }) => ({ name, note: link.vendor_name })),
      ambiguous: seen.ambiguous.slice(0, SHOWN).map(({ id, name, customers }) => ({ field: `decide-${id}`, name, id, customers: customers.slice(0, 20) })), // biome-ignore format: one thought
      ...(seen.ambiguous.length > SHOWN && { waiting: count(seen.ambiguous.length - SHOWN, "more") }),
      several: isOneOfSeveral,
      nothing: seen.fresh.length + seen.matched.length + seen.ambiguous.length + seen.renamed.length + seen.vanished.length === 0, // biome-ignore format: one thought
      token: formToken(app, request, "customers"),
    };
    return adminPage(reply, "admin-customer-import-preview", data, { title: "Import customers", here: HERE });
  });

  app.post<Named>(`${IMPORT}/:id`, async (request, reply) => {
    const { org, owner, row } = await named(request);
    const form = Decisions.parse(request.body ?? {});
    const { found, isOneOfSeveral, isWhole } = await look(org.id, row);
    const ambiguous = Object.entries(form).flatMap(([name, value]) =>
      name.startsWith("decide-") && typeof value === "string" ? [[name.slice("decide-".length), value] as const] : [],
    );
    let said = "";
    checkFormToken(app, request, "customers");
    return changeByForm(app, request, reply, {
      back: HERE,
      said: () => said,
      change: async () => {
        const applied = await applyImport(app, {
          org: org.id,
          actor: owner.user,
          requestId: request.id,
          from: row,
          found,
          isOneOfSeveral,
          isWhole,
          onlyHere: form["holds"] !== "everywhere",
          addFresh: form["fresh"] === "yes",
          linkMatched: form["matched"] === "yes",
          ambiguous: new Map(ambiguous),
        });
        said = `${count(applied.added, "customer")} added, ${count(applied.linked, "id")} linked, ${count(applied.renamed, "name")} updated, ${applied.vanished} not found any more.`;
      },
    });
  });

  async function named(request: FastifyRequest<Named>) {
    const admin = await customersOf(app, request);
    const row = await findImport(app.db, { ...admin.owner, id: request.params.id, now: app.clock.now() });
    if (!row)
      throw new PageProblem(
        404,
        "This import is over",
        "It was taken over, or it is older than an hour. Begin a new one.",
      );
    return { ...admin, row, vendor: app.vendors.get(row.vendor)?.title ?? row.vendor };
  }

  async function look(org: string, row: CustomerImport) {
    const found: Found[] = Rows.parse(JSON.parse(row.found)).map(([id, name]) => ({ id, name }));
    const [links, customers, accounts] = await Promise.all([
      linksAt(app.db, org, row.vendor),
      customersForMatching(app.db, org),
      liveAccounts(app.db, org, row.vendor),
    ]);
    const isOneOfSeveral = accounts > 1;
    const isWhole = found.length < Math.min(SURELY_WHOLE, MOST_CUSTOMERS);
    const seen = preview(found, { connection: row.connection_id, isOneOfSeveral, links, customers, isWhole });
    return { seen, found, isOneOfSeveral, isWhole };
  }

  async function labelOf(request: FastifyRequest, { connection_id }: CustomerImport): Promise<string> {
    const { owner } = await customersOf(app, request);
    return (await listConnections(app.db, owner)).find(({ id }) => id === connection_id)?.label ?? "";
  }
}

const Rows = z.array(z.tuple([z.string(), z.string()]));
const Decisions = z.record(z.string(), z.unknown());

function group<One>(
  all: readonly One[],
  shown: (one: One) => { name: string; note?: string | undefined },
): Group | undefined {
  if (all.length === 0) return undefined;
  const some = all.slice(0, SHOWN).map((one) => shown(one) as { name: string; note?: string });
  return {
    total: all.length.toLocaleString("en"),
    some,
    ...(all.length > SHOWN && { more: `and ${count(all.length - SHOWN, "more", "more")}` }),
  };
}
