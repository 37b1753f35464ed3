import { type CustomerImport, customersForMatching, endImport, linksAt } from "../../database/customer-imports.ts";
import { addCustomers, addLinks, type Customer, type CustomerLink, changeLink } from "../../database/customers.ts";
import type { IdentityContext } from "../context.ts";
import { IdentityError } from "../errors.ts";
import { type Change, changing, customerRow } from "./changes.ts";
import { type Found, preview } from "./matching.ts";
import { plainName } from "./names.ts";

export interface ImportDecision extends Change {
  readonly from: CustomerImport;
  readonly found: readonly Found[];
  readonly isOneOfSeveral: boolean;
  readonly isWhole: boolean;
  /** The new ids hold in this connection's account alone, or in every account. */
  readonly onlyHere: boolean;
  readonly addFresh: boolean;
  readonly linkMatched: boolean;
  /** By the vendor's id: our customer's, or `new`. What is not named waits for the next import. */
  readonly ambiguous: ReadonlyMap<string, string>;
}

export interface Applied {
  readonly added: number;
  readonly linked: number;
  readonly renamed: number;
  readonly vanished: number;
}

/** Does what was decided about a list, on what is here now: what was linked meanwhile stays as it is. */
export async function applyImport(
  context: Pick<IdentityContext, "audit" | "clock">,
  { from, found, isOneOfSeveral, isWhole, onlyHere, addFresh, linkMatched, ambiguous, ...change }: ImportDecision,
): Promise<Applied> {
  const { org } = change;
  const { vendor, connection_id: connection } = from;
  const now = context.clock.now();
  let applied: Applied = { added: 0, linked: 0, renamed: 0, vanished: 0 };
  await changing(context, change, async (trx, record) => {
    if (!(await endImport(trx, from)))
      throw new IdentityError("CUSTOMER_UNKNOWN", "This import is over. Begin a new one.");
    const links = await linksAt(trx, org, vendor);
    const customers = await customersForMatching(trx, org);
    const seen = preview(found, { connection, isOneOfSeveral, links, customers, isWhole });
    const added: Customer[] = [];
    const linked: CustomerLink[] = [];
    // An id that is known in another account cannot be one of every account.
    const elsewhere = new Set(links.map(({ vendor_id }) => vendor_id));
    const link = ({ id, name }: Found, customer: string) =>
      linked.push({
        org_id: org,
        vendor,
        vendor_id: id,
        connection_id: onlyHere || elsewhere.has(id) ? connection : "",
        customer_id: customer,
        vendor_name: plainName(name),
        gone_at: null,
        created_at: now,
      });
    const add = (one: Found) => {
      const row = customerRow(org, one.name || one.id, now);
      added.push(row);
      link(one, row.id);
    };
    const known = new Set(customers.map(({ id }) => id));
    if (addFresh) seen.fresh.forEach(add);
    if (linkMatched) for (const one of seen.matched) link(one, one.customer.id);
    for (const one of seen.ambiguous) {
      const decided = ambiguous.get(one.id);
      if (decided === "new") add(one);
      else if (decided !== undefined && known.has(decided)) link(one, decided);
    }
    await addCustomers(trx, added);
    await addLinks(trx, linked);
    for (const { link: old, name } of seen.renamed)
      await changeLink(trx, old, { vendor_name: plainName(name), gone_at: null });
    for (const old of seen.vanished) if (old.gone_at === null) await changeLink(trx, old, { gone_at: now });
    const listed = new Set(found.map(({ id }) => id));
    const isHere = ({ connection_id }: CustomerLink) => connection_id === "" || connection_id === connection;
    for (const old of links)
      if (old.gone_at !== null && isHere(old) && listed.has(old.vendor_id))
        await changeLink(trx, old, { gone_at: null });
    applied = {
      added: added.length,
      linked: linked.length,
      renamed: seen.renamed.length,
      vanished: seen.vanished.length,
    };
    await record({ type: "customer.import", vendor, connection, detail: { found: found.length, ...applied } });
  });
  return applied;
}
