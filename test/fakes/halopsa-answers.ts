import { HttpResponse } from "msw";
import type { Fake, Visit } from "./fake.ts";
import type { Machine } from "./world.ts";
import { type HaloWorld, NO_DATE, type Ticket } from "./world-halopsa.ts";

/**
 * A list in its envelope. Without `page_no` Halo ignores `page_size` and answers all, or `count` of them; `record_count` is
 * then the number of records in the answer.
 */
export function list(visit: Visit, fake: Fake, key: string, all: readonly object[]): Response {
  const { query } = visit;
  const isPaged = query.get("pageinate") === "true" && query.has("page_no");
  const size = Math.min(isPaged ? Number(query.get("page_size") ?? 50) : 1000, 100, fake.trouble.pageSize ?? 1000);
  const first = isPaged ? (Number(query.get("page_no")) - 1) * size : 0;
  const shown = isPaged ? all.slice(first, first + size) : all.slice(0, Number(query.get("count") ?? all.length));
  return HttpResponse.json({
    ...(isPaged && { page_no: Number(query.get("page_no")), page_size: size }),
    record_count: shown.length,
    [key]: shown,
  });
}

/** A reference list: a bare array in one version of Halo, an envelope in another. */
export const choices = (halo: HaloWorld, key: string, all: readonly object[]): Response =>
  isBare(halo) ? HttpResponse.json([...all]) : HttpResponse.json({ record_count: all.length, [key]: all });

const isBare = ({ world }: HaloWorld) => world.msp === "Bluepeak IT";

/** What was saved, by what it is: alone or in an array. */
export const saved = (value: object, inArray = false): Response =>
  HttpResponse.json((inArray ? [value] : value) as Record<string, unknown>, { status: 201 });

export const notFound = () => new HttpResponse(null, { status: 404 });

/** Refusals are a text at times, at times an object. */
export const refusal = (message: string) => HttpResponse.json({ error: message }, { status: 400 });

/** A ticket as Halo shows it: labels are ids, but for the team. */
export const toTicket = ({ assetIds, ...ticket }: Ticket) => ({
  ...ticket,
  // Halo sends hundreds of fields that nobody asked for; these stand for them.
  use: "ticket",
  colour: "#ffffff",
  attachment_count: 0,
  child_count: 0,
  customfields: [],
  inactive: false,
  reportedby: null,
  _canupdate: true,
  _warning: null,
});

export const toAsset = (machine: Machine, halo: HaloWorld) => ({
  id: machine.id,
  inventory_number: machine.hostname,
  key_field: machine.model,
  key_field2: machine.serial,
  assettype_id: assetType(machine),
  assettype_name: halo.assetTypes.find(({ id }) => id === assetType(machine))!.name,
  client_id: machine.site.company.id,
  client_name: machine.site.company.name,
  site_id: machine.site.id,
  site_name: machine.site.name,
  status_id: 1,
  status_name: "Active",
  username: machine.user,
  warranty_end: machine.warrantyUntil ? `${machine.warrantyUntil}T00:00:00` : NO_DATE,
  inactive: false,
});

export const assetType = ({ kind }: Machine) =>
  ({ server: 31, esxi: 31, workstation: 32, laptop: 33, printer: 34, network: 35 })[kind];

export const toClient = ({ id, name }: HaloWorld["world"]["companies"][number], halo: HaloWorld) => ({
  id,
  name,
  inactive: false,
  toplevel_id: 1,
  toplevel_name: halo.world.msp,
  main_site_id: siteOf(id, halo).id,
  main_site_name: siteOf(id, halo).name,
  accountmanagertech_name: "Dana Reyes",
  notes: "",
  teamviewerpassword: "never-show-this",
});

export const toSite = ({ id, name, company }: HaloWorld["world"]["sites"][number]) => ({
  id,
  name,
  client_id: company.id,
  client_name: company.name,
  phonenumber: "+1-206-555-0100",
});

const siteOf = (client: number, { world }: HaloWorld) => world.sites.find(({ company }) => company.id === client)!;

/** Case does not matter, and any of the fields may hold it. */
export const hasText = (text: string | null, ...fields: readonly string[]) =>
  text === null || fields.some((field) => field.toLowerCase().includes(text.toLowerCase()));

/** A filter that is not given lets all pass; comma lists let any of theirs. */
export const isOneOf = (given: string | null, value: unknown) =>
  given === null || given === "" || given.split(",").includes(String(value));
