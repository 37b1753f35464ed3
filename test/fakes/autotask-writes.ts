import { moment, type Row } from "./autotask-business.ts";
import { isChoice } from "./autotask-picklists.ts";
import { Refused } from "./autotask-query.ts";
import type { AutotaskWorld } from "./world-autotask.ts";

type Fields = Record<string, unknown>;
export type Change = (state: AutotaskWorld, fields: Fields, path: Record<string, string>, actor: number) => number;

/** `METHOD /path` of every change that tools make. Each answers the number of what was made or changed. */
export const changes: Record<string, Change> = {
  "POST /V1.0/Companies": (state, fields) => {
    demand(fields, "companyName", "companyType", "phone", "ownerResourceID");
    refer(state, "Resources", fields["ownerResourceID"], "ownerResourceID");
    return add(state, "Companies", fields);
  },

  "POST /V1.0/Tickets": (state, fields) => {
    demand(fields, "companyID", "title", "status", "priority");
    refer(state, "Companies", fields["companyID"], "companyID");
    if (isEmpty(fields["queueID"]) && isEmpty(fields["assignedResourceID"]))
      throw new Refused("A ticket must have a queue or an assigned resource.");
    assigned(state, fields);
    return add(state, "Tickets", {
      ticketNumber: `T${moment(state.world.now).slice(0, 10).replaceAll("-", "")}.${String(state.nextId % 10_000).padStart(4, "0")}`,
      createDate: moment(state.world.now),
      completedDate: null,
      dueDateTime: moment(state.world.now + 86_400_000),
      assignedResourceID: null,
      ...fields,
    });
  },

  "PATCH /V1.0/Tickets": (state, fields) => {
    demand(fields, "id");
    const ticket = state.tables["Tickets"]!.find(({ id }) => id === fields["id"]);
    if (!ticket) throw new Refused("The ticket does not exist or cannot be changed.");
    assigned(state, { ...ticket, ...fields });
    choices("Tickets", fields);
    Object.assign(ticket, fields);
    ticket["completedDate"] = ticket["status"] === 5 ? moment(state.world.now) : null;
    return ticket.id;
  },

  "POST /V1.0/Tickets/{parentId}/Notes": (state, fields, { parentId }, actor) => {
    demand(fields, "title", "description", "noteType", "publish");
    refer(state, "Tickets", Number(parentId), "ticketID");
    return add(state, "TicketNotes", {
      ...fields,
      ticketID: Number(parentId),
      creatorResourceID: actor,
      createDateTime: moment(state.world.now),
    });
  },

  "POST /V1.0/TimeEntries": (state, fields) => {
    demand(fields, "resourceID", "dateWorked", "summaryNotes");
    if (isEmpty(fields["ticketID"]) === isEmpty(fields["taskID"]))
      throw new Refused("A TimeEntry must have either a ticketID or a taskID.");
    if (!isEmpty(fields["ticketID"])) refer(state, "Tickets", fields["ticketID"], "ticketID");
    if (isEmpty(fields["roleID"])) throw new Refused("TimeEntries for Tickets must have a roleID.");
    const { resourceID, roleID } = fields;
    const held = state.tables["ResourceRoles"]!.some(
      (each) => each["resourceID"] === resourceID && each["roleID"] === roleID,
    );
    if (!held) throw new Refused("There is no row at position 0.");
    return add(state, "TimeEntries", fields);
  },
};

function add(state: AutotaskWorld, entity: string, fields: Fields): number {
  choices(entity, fields);
  const row: Row = { ...fields, id: state.nextId++ };
  state.tables[entity]!.push(row);
  return row.id;
}

const isEmpty = (value: unknown) => value === undefined || value === null || value === "";

function demand(fields: Fields, ...names: string[]) {
  const missing = names.filter((name) => isEmpty(fields[name]));
  if (missing.length > 0) throw new Refused(missing.map((name) => `Missing Required Field: ${name}.`).join("\n"));
}

function refer(state: AutotaskWorld, entity: string, id: unknown, field: string) {
  if (!state.tables[entity]!.some((row) => row.id === id))
    throw new Refused(`Value does not exist for the field: ${field}`);
}

function choices(entity: string, fields: Fields) {
  for (const [name, value] of Object.entries(fields))
    if (!isEmpty(value) && !isChoice(entity, name, value))
      throw new Refused(`Invalid picklist value '${value}' for the field: ${name}`);
}

function assigned(state: AutotaskWorld, { assignedResourceID, assignedResourceRoleID }: Fields) {
  if (isEmpty(assignedResourceID) !== isEmpty(assignedResourceRoleID))
    throw new Refused(
      "When assigning a Resource, you must assign both a assignedResourceID and assignedResourceRoleID.",
    );
  if (!isEmpty(assignedResourceID)) refer(state, "Resources", assignedResourceID, "assignedResourceID");
}
