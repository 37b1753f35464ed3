import type { Recorder } from "../../audit/audit.ts";
import {
  addCustomers,
  addLinks,
  type Customer,
  type CustomerLink,
  changeCustomer,
  changeLink,
  findCustomer,
  linksOf,
  linksTo,
  moveCustomer,
  removeLink,
} from "../../database/customers.ts";
import { newId } from "../../database/ids.ts";
import type { Db } from "../../database/index.ts";
import { lockOrg } from "../../database/members.ts";
import type { IdentityContext } from "../context.ts";
import { IdentityError } from "../errors.ts";
import { nameKey, plainName } from "./names.ts";

type Context = Pick<IdentityContext, "audit" | "clock">;

/** Who changes an organisation's customers. Whether they may is decided by the caller. */
export interface Change {
  readonly org: string;
  readonly actor: string;
  readonly requestId?: string;
}

/** One id of a vendor, in one account or in every account there is here. */
export interface LinkPlace {
  readonly vendor: string;
  readonly vendorId: string;
  /** Empty for every account. */
  readonly connection: string;
}

/** A customer that nobody who is limited sees until it is given to them. @throws IdentityError with a message for the person */
export async function addCustomer(context: Context, { name, ...change }: Change & { name: string }): Promise<Customer> {
  const row = customerRow(change.org, name, context.clock.now());
  await changing(context, change, async (trx, record) => {
    await addCustomers(trx, [row]);
    await record({ type: "customer.create", customer: row.id });
  });
  return row;
}

export async function renameCustomer(context: Context, { id, name, ...change }: Change & { id: string; name: string }) {
  const { name: plain, name_key } = named(name);
  await changing(context, change, async (trx, record) => {
    const customer = await needed(trx, change.org, id);
    await changeCustomer(trx, customer, { name: plain, name_key });
    await record({ type: "customer.rename", customer: id });
  });
}

/** An archived customer is kept, with its ids, and admits nobody. */
export async function archiveCustomer(context: Context, { id, on, ...change }: Change & { id: string; on: boolean }) {
  await changing(context, change, async (trx, record) => {
    const customer = await needed(trx, change.org, id);
    await changeCustomer(trx, customer, { archived: on ? 1 : 0 });
    await record({ type: on ? "customer.archive" : "customer.restore", customer: id });
  });
}

/** Says that a vendor's id is this customer's. @throws IdentityError where it is another's */
export async function linkCustomer(
  context: Context,
  { id, vendorName, ...rest }: Change & LinkPlace & { id: string; vendorName: string },
) {
  const { vendor, vendorId, connection, ...change } = rest;
  const given = vendorId.trim();
  if (given === "" || given.length > 200 || /\p{C}/u.test(given))
    throw new IdentityError("CUSTOMER_LINK", "Please give the vendor's id of the customer.");
  await changing(context, change, async (trx, record) => {
    await needed(trx, change.org, id);
    const taken = await clashOf(trx, change.org, { vendor, vendorId: given, connection });
    if (taken?.customer_id === id) return;
    if (taken)
      throw new IdentityError(
        "CUSTOMER_LINK",
        "This id belongs to another customer already. Take it from there first.",
      );
    await addLinks(trx, [
      {
        org_id: change.org,
        vendor,
        vendor_id: given,
        connection_id: connection,
        customer_id: id,
        vendor_name: plainName(vendorName),
        gone_at: null,
        created_at: context.clock.now(),
      },
    ]);
    await record({ type: "customer.link", customer: id, vendor, ...(connection && { connection }) });
  });
}

export async function unlinkCustomer(context: Context, { id, ...rest }: Change & LinkPlace & { id: string }) {
  const { vendor, vendorId, connection, ...change } = rest;
  await changing(context, change, async (trx, record) => {
    const link = (await linksTo(trx, change.org, vendor, vendorId)).find(
      (one) => one.customer_id === id && one.connection_id === connection,
    );
    if (!link) throw new IdentityError("CUSTOMER_LINK", "This id is not the customer's any more.");
    await removeLink(trx, link);
    await record({ type: "customer.unlink", customer: id, vendor, ...(connection && { connection }) });
  });
}

/** Makes one customer of two that are the same company: whoever is limited to either sees both's records from now on. */
export async function mergeCustomers(
  context: Context,
  { from, into, ...change }: Change & { from: string; into: string },
) {
  if (from === into) throw new IdentityError("CUSTOMER_UNKNOWN", "Choose two different customers.");
  await changing(context, change, async (trx, record) => {
    await needed(trx, change.org, from);
    await needed(trx, change.org, into);
    await moveCustomer(trx, change.org, { from, to: into });
    await record({ type: "customer.merge", customer: into, detail: { merged: from } });
  });
}

/** Gives some of a customer's ids to a new one, which is nobody's until it is given. */
export async function splitCustomer(
  context: Context,
  { id, name, links, ...change }: Change & { id: string; name: string; links: readonly LinkPlace[] },
): Promise<Customer> {
  const row = customerRow(change.org, name, context.clock.now());
  await changing(context, change, async (trx, record) => {
    await needed(trx, change.org, id);
    const chosen = (await linksOf(trx, change.org, [id])).filter((link) => links.some((one) => isAt(link, one)));
    if (chosen.length === 0)
      throw new IdentityError("CUSTOMER_LINK", "Choose the ids that belong to the other customer.");
    await addCustomers(trx, [row]);
    for (const link of chosen) await changeLink(trx, link, { customer_id: row.id });
    await record({ type: "customer.split", customer: id, detail: { made: row.id, links: chosen.length } });
  });
  return row;
}

const isAt = (link: CustomerLink, { vendor, vendorId, connection }: LinkPlace) =>
  link.vendor === vendor && link.vendor_id === vendorId && link.connection_id === connection;

/** The link that an id has already where a new one would hold: in the same account, or where either holds everywhere. */
async function clashOf(trx: Db, org: string, { vendor, vendorId, connection }: LinkPlace) {
  const links = await linksTo(trx, org, vendor, vendorId);
  return links.find(({ connection_id }) => connection === "" || connection_id === "" || connection_id === connection);
}

type Said = Omit<Parameters<Recorder>[0], "org" | "actor" | "status" | "requestId">;

/** One change with its event. Of two at once the second sees what the first did. */
export const changing = (
  { audit }: Pick<IdentityContext, "audit">,
  { org, actor, requestId }: Change,
  work: (trx: Db, record: (said: Said) => Promise<void>) => Promise<void>,
): Promise<void> =>
  audit.atomically(async (trx, record) => {
    if (!(await lockOrg(trx, org))) throw new IdentityError("NOT_A_MEMBER", "This organisation is not there any more.");
    const who = { org, actor: { id: actor, type: "user" }, status: "success", requestId } as const;
    await work(trx, (said) => record({ ...who, ...said }));
  });

async function needed(trx: Db, org: string, id: string): Promise<Customer> {
  const customer = await findCustomer(trx, org, id);
  if (!customer) throw new IdentityError("CUSTOMER_UNKNOWN", "There is no such customer.");
  return customer;
}

export function customerRow(org: string, text: string, now: number): Customer {
  return { id: newId("cus"), org_id: org, ...named(text), archived: 0, created_at: now };
}

function named(text: string): { name: string; name_key: string } {
  const name = plainName(text);
  if (name === "") throw new IdentityError("NAME_INVALID", "Please give the customer a name.");
  return { name, name_key: nameKey(name) || name.toLowerCase() };
}
