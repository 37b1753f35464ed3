import { invalid, json, unknown } from "./connectwise-psa-answers.ts";
import { blankTicket, blankTime, noteOf } from "./connectwise-psa-service.ts";
import type { Visit } from "./fake.ts";
import { type PsaWorld, type Row, reference, type Table } from "./world-connectwise-psa.ts";

type Body = Record<string, unknown>;

/** Which table a reference in a body points into. */
const referred: Record<string, Table> = {
  board: "boards",
  status: "statuses",
  company: "companies",
  contact: "contacts",
  type: "types",
  owner: "members",
  member: "members",
  priority: "priorities",
  workType: "workTypes",
  workRole: "workRoles",
};

/** Fractions of seconds and other zones are refused. */
const isMoment = (value: unknown) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(String(value));
const moments = ["requiredDate", "timeStart", "timeEnd", "dateStart", "dateEnd"];

/** The fields of a body with their references written out, or why not. */
function resolved(psa: PsaWorld, resource: string, body: Body): Body | Response {
  const result: Body = {};
  for (const [field, value] of Object.entries(body)) {
    if (moments.includes(field) && !isMoment(value))
      return invalid(resource, field, `${field} must be in UTC with whole seconds`);
    const table = resource === "scheduleEntry" && field === "type" ? "scheduleTypes" : referred[field];
    if (!table || value === null) result[field] = value;
    else {
      const row = psa.tables[table].find(({ id }) => id === (value as Row).id);
      if (!row) return invalid(resource, field, `The ${field} was not found.`);
      result[field] = reference(row);
    }
  }
  return result;
}

function missing(resource: string, body: Body, fields: readonly string[]): Response | undefined {
  const field = fields.find((name) => body[name] === undefined || body[name] === "");
  return field ? invalid(resource, field, `The ${field} field is required.`, "MissingRequiredField") : undefined;
}

export function createTicket(visit: Visit, psa: PsaWorld): Response {
  const body = JSON.parse(visit.body) as Body;
  const refused = missing("ticket", body, ["summary", "company"]);
  if (refused) return refused;
  if (String(body["summary"]).length > 100) return invalid("ticket", "summary", "The summary is longer than 100.");
  const fields = resolved(psa, "ticket", body);
  if (fields instanceof Response) return fields;
  const board = (fields["board"] as Row | undefined) ?? (reference(psa.tables.boards[0]) as unknown as Row);
  const status = psa.tables.statuses.find(({ id }) => id === board.id * 100);
  const priority = reference(psa.tables.priorities[2]);
  const { initialDescription, ...rest } = fields;
  const ticket = psa.add("tickets", { ...blankTicket(psa), board, status: reference(status), priority, ...rest });
  if (initialDescription) psa.add("notes", noteOf(psa, ticket, String(initialDescription), "detailDescriptionFlag"));
  return json(ticket, 201);
}

/** Replaces whole fields. A path into an object is answered 200 and changes nothing, as the vendor's guide warns. */
export function patchTicket(visit: Visit, psa: PsaWorld): Response {
  const ticket = psa.tables.tickets.find(({ id }) => String(id) === visit.path["id"]);
  if (!ticket) return unknown("ticket", visit.path["id"]!);
  const operations = JSON.parse(visit.body) as { op: string; path: string; value: unknown }[];
  if (!Array.isArray(operations)) return invalid("ticket", "", "Send an array of operations.");
  const body = Object.fromEntries(
    operations.filter(({ path }) => !path.includes("/")).map(({ path, value }) => [path, value]),
  );
  const odd = Object.keys(body).find((field) => !(field in ticket));
  if (odd) return invalid("ticket", odd, `${odd} is not a field of ticket.`);
  const fields = resolved(psa, "ticket", body);
  if (fields instanceof Response) return fields;
  const status = psa.tables.statuses.find(({ id }) => id === (fields["status"] as Row | undefined)?.id);
  if (status && (status["board"] as Row).id !== (ticket["board"] as Row).id)
    return invalid("ticket", "status", "The status is not on the ticket's board.");
  Object.assign(ticket, fields, {
    ...(status && { closedFlag: status["closedStatus"] }),
    _info: { ...(ticket["_info"] as object), lastUpdated: psa.time(0) },
  });
  return json(ticket);
}

export function addNote(visit: Visit, psa: PsaWorld): Response {
  const ticket = psa.tables.tickets.find(({ id }) => String(id) === visit.path["parentId"]);
  if (!ticket) return unknown("ticket", visit.path["parentId"]!);
  const body = JSON.parse(visit.body) as Body;
  const flags = ["detailDescriptionFlag", "internalAnalysisFlag", "resolutionFlag"].filter(
    (flag) => body[flag] === true,
  );
  if (!body["text"]) return invalid("ServiceNote", "text", "The text field is required.", "MissingRequiredField");
  if (flags.length === 0) return invalid("ServiceNote", "detailDescriptionFlag", "At least one flag must be true.");
  const note = psa.add("notes", { ...noteOf(psa, ticket, String(body["text"]), flags[0]!), ...body });
  const { noteType: _type, ticket: _ticket, ...answer } = note;
  return json({ ...answer, ticketId: ticket.id }, 201);
}

export function attachConfiguration(visit: Visit, psa: PsaWorld): Response {
  const ticket = psa.tables.tickets.find(({ id }) => String(id) === visit.path["parentId"]);
  if (!ticket) return unknown("ticket", visit.path["parentId"]!);
  const { id } = JSON.parse(visit.body) as { id: number };
  const configuration = psa.tables.configurations.find((row) => row.id === id);
  if (!configuration) return invalid("ConfigurationReference", "id", "The configuration was not found.");
  const before = psa.attached.get(ticket.id) ?? [];
  psa.attached.set(ticket.id, [...new Set([...before, id])]);
  return json({ id, deviceIdentifier: configuration["deviceIdentifier"] }, 201);
}

export function createTimeEntry(visit: Visit, psa: PsaWorld): Response {
  const body = JSON.parse(visit.body) as Body;
  const refused = missing("timeEntry", body, ["timeStart", "chargeToId", "chargeToType"]);
  if (refused) return refused;
  if (body["timeEnd"] === undefined && body["actualHours"] === undefined)
    return invalid("timeEntry", "timeEnd", "Either timeEnd or actualHours is required.", "MissingRequiredField");
  const ticket = psa.tables.tickets.find(({ id }) => id === body["chargeToId"]);
  if (!ticket) return invalid("timeEntry", "chargeToId", "The ticket was not found.");
  const fields = resolved(psa, "timeEntry", body);
  if (fields instanceof Response) return fields;
  const hours = (Date.parse(String(body["timeEnd"])) - Date.parse(String(body["timeStart"]))) / 3_600_000;
  const entry = psa.add("timeEntries", {
    ...blankTime(),
    company: ticket["company"],
    ticket: { id: ticket.id, summary: ticket["summary"] },
    actualHours: hours,
    ...fields,
  });
  return json(entry, 201);
}

export function createScheduleEntry(visit: Visit, psa: PsaWorld): Response {
  const body = JSON.parse(visit.body) as Body;
  const refused = missing("scheduleEntry", body, ["type", "objectId", "member", "dateStart", "dateEnd"]);
  if (refused) return refused;
  const fields = resolved(psa, "scheduleEntry", body);
  if (fields instanceof Response) return fields;
  const hours = (Date.parse(String(body["dateEnd"])) - Date.parse(String(body["dateStart"]))) / 3_600_000;
  return json(psa.add("scheduleEntries", { ...fields, hours, doneFlag: false }), 201);
}
