import { HttpResponse } from "msw";
import type { Visit } from "./fake.ts";
import { notFound, type Serve } from "./syncro.ts";
import { comment, iso, type SyncroWorld, settings, users } from "./world-syncro.ts";

const bodyOf = ({ body }: Visit) => JSON.parse(body) as Record<string, unknown>;

const refused = (...message: string[]) => HttpResponse.json({ success: false, message }, { status: 422 });

const ticketOf = ({ path }: Visit, { tickets }: SyncroWorld) => tickets.find(({ id }) => String(id) === path["id"]);

/** What a ticket takes over from a body: the fields that were given, and who they are. */
function given(body: Record<string, unknown>) {
  const { comments_attributes, ...fields } = body;
  const user = users.find(({ id }) => id === body["user_id"]);
  return { ...fields, ...(user && { user: { id: user.id, full_name: user.name } }) };
}

export const changes: Record<string, Serve> = {
  "POST /tickets": (visit, syncro) => {
    const body = bodyOf(visit);
    const customer = syncro.customers.find(({ id }) => id === body["customer_id"]);
    if (!customer) return HttpResponse.json({ error: "Customer required field" }, { status: 422 });
    if (!body["subject"]) return refused("Subject can't be blank");
    const first = (body["comments_attributes"] ?? []) as Record<string, unknown>[];
    const id = syncro.nextId++;
    const ticket = {
      ...syncro.tickets[0]!,
      status: "New",
      user_id: users[0]!.id,
      asset_ids: [],
      ticket_timers: [],
      ...given(body),
      id,
      number: id - 80_000,
      customer_business_then_name: customer.business_then_name,
      comments: first.map((each, index) =>
        comment(index + 1, String(each["subject"]), String(each["body"]), each["hidden"] === true, syncro.world.now),
      ),
    };
    if (first.some((each) => each["do_not_email"] !== true)) syncro.mails.push(`ticket ${id}`);
    syncro.tickets.push(ticket);
    return HttpResponse.json({ ticket });
  },

  /** The fields that are not given stay. */
  "PUT /tickets/{id}": (visit, syncro) => {
    const ticket = ticketOf(visit, syncro);
    const body = bodyOf(visit);
    if (!ticket) return notFound();
    if (body["status"] !== undefined && !settings.ticket_status_list.includes(String(body["status"])))
      return refused("Status is not included in the list");
    Object.assign(ticket, given(body));
    return HttpResponse.json({ ticket });
  },

  "POST /tickets/{id}/comment": (visit, syncro) => {
    const ticket = ticketOf(visit, syncro);
    const { subject, body, hidden, do_not_email } = bodyOf(visit);
    if (!ticket) return notFound();
    if (!subject || !body) return refused("Body can't be blank", "Subject can't be blank");
    const made = comment(syncro.nextId++, String(subject), String(body), hidden === true, syncro.world.now);
    ticket.comments.push(made);
    if (hidden !== true && do_not_email !== true) syncro.mails.push(`comment ${made.id}`);
    return HttpResponse.json({ comment: made });
  },

  "POST /tickets/{id}/timer_entry": (visit, syncro) => {
    const ticket = ticketOf(visit, syncro);
    const { start_at, duration_minutes, notes } = bodyOf(visit);
    if (!ticket) return notFound();
    if (!start_at) return HttpResponse.json({ error: "no implicit conversion of nil into String" }, { status: 422 });
    const start = Date.parse(String(start_at));
    const timer = {
      id: syncro.nextId++,
      start_time: iso(start),
      end_time: iso(start + Number(duration_minutes) * 60_000),
      notes: String(notes ?? ""),
      billable_time: Number(duration_minutes) * 60,
      recorded: false,
    };
    ticket.ticket_timers.push(timer);
    return HttpResponse.json({ ...timer, ticket_id: ticket.id });
  },

  "POST /tickets/{id}/charge_timer_entry": (visit, syncro) => {
    const timers = ticketOf(visit, syncro)?.ticket_timers ?? [];
    const timer = timers.find(({ id }) => id === bodyOf(visit)["timer_entry_id"]);
    if (!timer) return notFound();
    timer.recorded = true;
    return HttpResponse.json(timer);
  },

  "POST /rmm_alerts/{id}/mute": ({ path, query }, { alerts, mutes }) => {
    const alert = alerts.find(({ id }) => String(id) === path["id"]);
    if (!alert) return notFound();
    mutes.set(alert.id, query.get("mute_for")!);
    return HttpResponse.json({ success: "true" });
  },
};
