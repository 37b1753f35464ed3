import { HttpResponse } from "msw";
import type { Fake, Visit } from "./fake.ts";
import {
  assetType,
  choices,
  hasText,
  isOneOf,
  list,
  notFound,
  toAsset,
  toClient,
  toSite,
  toTicket,
} from "./halopsa-answers.ts";
import { changes } from "./halopsa-writes.ts";
import type { Action, HaloWorld, Ticket } from "./world-halopsa.ts";

export type Serve = (visit: Visit, halo: HaloWorld, fake: Fake, agent: number) => Response;

const one = (value: object | undefined) => (value ? HttpResponse.json(value as Record<string, unknown>) : notFound());

const choice =
  (key: string, all: (halo: HaloWorld) => readonly object[]): Serve =>
  (_visit, halo) =>
    choices(halo, key, all(halo));

export const routes: Record<string, Serve> = {
  ...changes,
  "GET /Tickets": (visit, halo, fake) => list(visit, fake, "tickets", tickets(visit, halo).map(toTicket)),
  "GET /Tickets/{id}": ({ path }, halo) => {
    const ticket = halo.tickets.find(({ id }) => String(id) === path["id"]);
    return one(ticket && toTicket(ticket));
  },
  "GET /Actions": ({ query }, halo) => {
    const found = halo.actions.filter(({ ticket_id }) => String(ticket_id) === query.get("ticket_id")).reverse();
    const shown = found.slice(0, Number(query.get("count") ?? found.length));
    return HttpResponse.json({ record_count: shown.length, actions: shown.map(toAction) });
  },
  "GET /Attachment": ({ query }, halo) => {
    const found = halo.attachments.filter(({ ticket_id }) => String(ticket_id) === query.get("ticket_id"));
    return HttpResponse.json({ record_count: found.length, attachments: found, folders: [] });
  },
  "GET /Client": (visit, halo, fake) =>
    list(
      visit,
      fake,
      "clients",
      halo.world.companies
        .filter(({ name }) => hasText(visit.query.get("search"), name))
        .map((each) => toClient(each, halo)),
    ),
  "GET /Client/{id}": ({ path }, halo) => {
    const company = halo.world.companies.find(({ id }) => String(id) === path["id"]);
    return one(company && toClient(company, halo));
  },
  "GET /Site": (visit, halo, fake) =>
    list(
      visit,
      fake,
      "sites",
      halo.world.sites.filter(({ company }) => isOneOf(visit.query.get("client_id"), company.id)).map(toSite),
    ),
  "GET /Site/{id}": ({ path }, halo) => {
    const site = halo.world.sites.find(({ id }) => String(id) === path["id"]);
    return one(site && toSite(site));
  },
  "GET /Users": (visit, halo, fake) =>
    list(
      visit,
      fake,
      "users",
      halo.users.filter(
        ({ name, emailaddress, phonenumber, client_id, site_id }) =>
          hasText(visit.query.get("search"), name, emailaddress, phonenumber) &&
          isOneOf(visit.query.get("client_id"), client_id) &&
          isOneOf(visit.query.get("site_id"), site_id),
      ),
    ),
  "GET /Users/{id}": ({ path }, halo) => one(halo.users.find(({ id }) => String(id) === path["id"])),
  "GET /Asset": (visit, halo, fake) => {
    const { query } = visit;
    const onTicket = halo.tickets.find(({ id }) => String(id) === query.get("ticket_id"))?.assetIds ?? [];
    return list(
      visit,
      fake,
      "assets",
      halo.world.machines
        .filter(
          (machine) =>
            hasText(query.get("search"), machine.hostname, machine.model, machine.description) &&
            isOneOf(query.get("client_id"), machine.site.company.id) &&
            isOneOf(query.get("assettype_id"), assetType(machine)) &&
            (!query.has("ticket_id") || onTicket.includes(machine.id)),
        )
        .map((machine) => toAsset(machine, halo)),
    );
  },
  "GET /Asset/{id}": ({ path }, halo) => {
    const machine = halo.world.machines.find(({ id }) => String(id) === path["id"]);
    return one(
      machine && {
        ...toAsset(machine, halo),
        teamviewerpassword: "never-show-this",
        fields: [
          { id: 1, name: "Operating system", value: machine.os, display: machine.os },
          { id: 2, name: "Notes", value: machine.description, display: machine.description },
        ],
      },
    );
  },
  "GET /ClientContract": (visit, halo, fake) =>
    list(
      visit,
      fake,
      "contracts",
      halo.contracts
        .filter(({ client_id }) => isOneOf(visit.query.get("client_id"), client_id))
        .map(({ periods, ...contract }) => contract),
    ),
  "GET /ClientContract/{id}": ({ path, query }, halo) => {
    const found = halo.contracts.find(({ id }) => String(id) === path["id"]);
    return one(found && { ...found, periods: query.get("includeperiods") === "true" ? found.periods : [] });
  },
  "GET /Invoice": (visit, halo, fake) =>
    list(
      visit,
      fake,
      "invoices",
      halo.invoices.filter(({ client_id }) => isOneOf(visit.query.get("client_id"), client_id)).toReversed(),
    ),
  "GET /KBArticle": (visit, halo, fake) =>
    list(
      visit,
      fake,
      "articles",
      halo.articles
        .filter(({ name, description, resolution }) =>
          hasText(visit.query.get("search"), name, description, resolution),
        )
        .map(({ resolution, ...article }) => article),
    ),
  "GET /KBArticle/{id}": ({ path }, halo) => one(halo.articles.find(({ id }) => String(id) === path["id"])),
  "GET /Appointment": (visit, halo, fake) => {
    const { query } = visit;
    const time = (name: string, otherwise: number) => Date.parse(query.get(name) ?? "") || otherwise;
    return list(
      visit,
      fake,
      "appointments",
      halo.appointments.filter(
        ({ agent_id, start_date, end_date }) =>
          isOneOf(query.get("agents"), agent_id) &&
          Date.parse(`${end_date}Z`) >= time("start_date", 0) &&
          Date.parse(`${start_date}Z`) <= time("end_date", Number.POSITIVE_INFINITY),
      ),
    );
  },
  "GET /Status": choice("statuses", ({ statuses }) => statuses),
  "GET /Priority": choice("priorities", ({ priorities }) =>
    priorities.map((each) => ({ id: `00000000-0000-4000-a000-00000000000${each.slaid}`, ...each })),
  ),
  "GET /TicketType": choice("tickettypes", ({ types }) => types),
  "GET /Team": choice("teams", ({ teams }) => teams),
  "GET /Agent": choice("agents", ({ agents }) =>
    agents.map(({ id, name, email, isapiagent }) => ({ id, name, email, isapiagent })),
  ),
  "GET /Category": choice("categories", ({ categories }) => categories),
  "GET /Outcome": choice("outcomes", ({ outcomes }) => outcomes),
  "GET /AssetType": choice("assettypes", ({ assetTypes }) => assetTypes),
};

/** Actions carry their moments with a Z, unlike tickets. */
const toAction = (action: Action) => ({ ...action, datetime: `${action.datetime}.000Z` });

function tickets({ query }: Visit, halo: HaloWorld): Ticket[] {
  const team = halo.teams.find(({ id }) => String(id) === query.get("team"))?.name;
  // The dates count only with the field that they are about.
  const isDated = query.get("datesearch") === "dateoccured";
  const from = isDated && query.has("startdate") ? Date.parse(query.get("startdate")!) : 0;
  const until = isDated && query.has("enddate") ? Date.parse(query.get("enddate")!) : Number.POSITIVE_INFINITY;
  const found = halo.tickets.filter((ticket) => {
    const opened = Date.parse(`${ticket.dateoccurred}Z`);
    return (
      hasText(query.get("search"), ticket.summary, ticket.details, String(ticket.id)) &&
      isOneOf(query.get("client_id"), ticket.client_id) &&
      isOneOf(query.get("status_id"), ticket.status_id) &&
      isOneOf(query.get("priority"), ticket.priority_id) &&
      isOneOf(query.get("requesttype_id"), ticket.tickettype_id) &&
      isOneOf(query.get("agent_id"), ticket.agent_id) &&
      isOneOf(query.get("contract_id"), ticket.contract_id) &&
      (!query.has("team") || ticket.team === team) &&
      !(query.get("open_only") === "true" && ticket.hasbeenclosed) &&
      !(query.get("closed_only") === "true" && !ticket.hasbeenclosed) &&
      opened >= from &&
      opened <= until
    );
  });
  const field = (query.get("order") ?? "id") as keyof Ticket;
  const sign = query.get("orderdesc") === "true" ? -1 : 1;
  return found.sort((a, b) => sign * String(a[field]).localeCompare(String(b[field]), "en", { numeric: true }));
}
