import type { Visit } from "./fake.ts";
import { refusal, saved, toTicket } from "./halopsa-answers.ts";
import type { Serve } from "./halopsa-routes.ts";
import { action, moment, NO_DATE, type Ticket } from "./world-halopsa.ts";

/** A POST takes an array, creates what has no id and changes what has one. */
const element = ({ body }: Visit): Record<string, unknown> | undefined => {
  const value: unknown = JSON.parse(body);
  return Array.isArray(value) && value.length === 1 ? (value[0] as Record<string, unknown>) : undefined;
};

export const changes: Record<string, Serve> = {
  "POST /Tickets": (visit, halo) => {
    const given = element(visit);
    if (!given) return refusal("The body must be an array");
    const { id, ...fields } = given;
    if (id !== undefined) {
      const ticket = halo.tickets.find((each) => each.id === id);
      if (!ticket) return refusal(`Ticket ${String(id)} does not exist`);
      if (fields["team"] !== undefined && !halo.teams.some(({ name }) => name === fields["team"]))
        return refusal("That team does not exist");
      return saved(toTicket(Object.assign(ticket, fields)));
    }
    const company = halo.world.companies.find((each) => each.id === fields["client_id"]);
    const type = halo.types.find((each) => each.id === fields["tickettype_id"]);
    if (!company || !type || !fields["summary"]) return refusal("Please complete all mandatory fields");
    const site = halo.world.sites.find((each) => each.company.id === company.id)!;
    const user =
      halo.users.find((each) => each.id === fields["user_id"]) ??
      halo.users.find(({ site_id }) => site_id === site.id)!;
    const ticket: Ticket = {
      id: halo.nextId++,
      details: "",
      site_id: site.id,
      site_name: site.name,
      status_id: 1,
      priority_id: 3,
      sla_id: 1,
      agent_id: 1,
      team: "1st Line Support",
      category_1: "",
      category_2: "",
      dateoccurred: moment(halo.world.now),
      respondbydate: NO_DATE,
      fixbydate: NO_DATE,
      dateclosed: NO_DATE,
      slastate: "I",
      hasbeenclosed: false,
      contract_id: 0,
      contract_ref: "",
      timetaken: 0,
      assetIds: [],
      ...(fields as unknown as Pick<Ticket, "summary" | "tickettype_id">),
      client_id: company.id,
      client_name: company.name,
      user_id: user.id,
      user_name: user.name,
    };
    halo.tickets.push(ticket);
    return saved(toTicket(ticket));
  },
  "POST /Actions": (visit, halo, _fake, agent) => {
    const given = element(visit);
    const ticket = halo.tickets.find(({ id }) => id === given?.["ticket_id"]);
    const outcome = halo.outcomes.find(({ id }) => id === given?.["outcome_id"]);
    if (!given || !ticket) return refusal("The ticket does not exist");
    if (!outcome) return refusal("Please choose an outcome");
    const { new_status, ...fields } = given;
    const added = action(halo, ticket.id, { ...fields, outcome: outcome.outcome, who_agentid: agent });
    halo.actions.push(added);
    ticket.timetaken += added.timetaken;
    if (new_status !== undefined) ticket.status_id = Number(new_status);
    if (ticket.status_id === 9) Object.assign(ticket, { hasbeenclosed: true, dateclosed: moment(halo.world.now) });
    return saved(added, true);
  },
  "POST /Appointment": (visit, halo) => {
    const given = element(visit);
    if (!given?.["agent_id"] || !given["start_date"] || !given["end_date"])
      return refusal("Please complete all mandatory fields");
    const ticket = halo.tickets.find(({ id }) => id === given["ticket_id"]);
    const appointment = {
      id: halo.nextId++,
      subject: String(given["subject"] ?? ""),
      agent_id: Number(given["agent_id"]),
      start_date: String(given["start_date"]).replace(/Z$/, ""),
      end_date: String(given["end_date"]).replace(/Z$/, ""),
      client_id: ticket?.client_id ?? 0,
      client_name: ticket?.client_name ?? "",
      ticket_id: ticket?.id ?? 0,
    };
    halo.appointments.push(appointment);
    return saved(appointment);
  },
};
