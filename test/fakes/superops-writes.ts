import { clientError, type Resolve } from "./superops-answers.ts";
import { one } from "./superops-reads.ts";
import { iso, priorities, type Row, type SuperopsWorld, statuses } from "./world-superops.ts";

interface TicketInput {
  ticketId?: string;
  subject?: string;
  description?: string;
  client?: { accountId: string };
  requester?: { userId: string };
  technician?: { userId: string };
  techGroup?: { groupId: string };
  status?: string;
  priority?: string;
  category?: string;
  requestType?: string;
  source?: string;
  addAssets?: { assetId: string }[];
}

const known = (name: string, value: string | undefined, values: readonly string[]) => {
  if (value !== undefined && !values.includes(value))
    throw clientError("referred_value_does_not_exist", { attributes: [name] }, `No such ${name}.`);
};

const reference = (row: Row, key: string) => ({ [key]: BigInt(String(row[key])), name: row["name"] });

/** What a ticket gets of its input; references that lead nowhere are refused. */
function changed(input: TicketInput, superops: SuperopsWorld): Row {
  const { clients, users, technicians, choices, assets } = superops;
  known("status", input.status, statuses);
  known("priority", input.priority, priorities);
  for (const { assetId } of input.addAssets ?? []) one(assets, "assetId", assetId);
  const plain = ["subject", "status", "priority", "category", "requestType", "source"] as const;
  return {
    ...Object.fromEntries(plain.flatMap((key) => (input[key] === undefined ? [] : [[key, input[key]]]))),
    ...(input.client && { client: reference(one(clients, "accountId", input.client.accountId), "accountId") }),
    ...(input.requester && { requester: reference(one(users, "userId", input.requester.userId), "userId") }),
    ...(input.technician && { technician: reference(one(technicians, "userId", input.technician.userId), "userId") }),
    ...(input.techGroup && {
      techGroup: reference(one(choices.getTechnicianGroupList, "groupId", input.techGroup.groupId), "groupId"),
    }),
  };
}

interface Conversation {
  ticket: { ticketId: string };
  content: string;
  sendMail?: boolean;
  privacyType?: string;
}

interface Work {
  serviceItem?: { itemId: string };
  qty: string;
  billable?: boolean;
  billDateTime: string;
  notes?: string;
  workItem: { workId: string; module: string };
}

export const changes: Readonly<Record<string, Resolve>> = {
  createTicket(input: TicketInput, superops) {
    // Required, whatever the reference says.
    if (!input.requestType) throw clientError("mandatory_validation_failed", { attributes: ["requestType"] });
    const ticketId = superops.newId(6);
    const ticket = {
      ticketId,
      displayId: `201126-${superops.nextId}`,
      status: "Open",
      createdTime: iso(superops.world.now),
      assets: input.addAssets ?? [],
      ...changed(input, superops),
    } as unknown as SuperopsWorld["tickets"][number];
    superops.tickets.push(ticket);
    const content = input.description ?? "";
    superops.conversations.set(ticketId, [
      { conversationId: `${ticketId}1`, content, time: iso(superops.world.now), type: "DESCRIPTION" },
    ]);
    return ticket;
  },
  updateTicket: (input: TicketInput, superops) =>
    Object.assign(one(superops.tickets, "ticketId", input.ticketId!), changed(input, superops)),
  createTicketConversation({ ticket, content, sendMail }: Conversation, superops) {
    one(superops.tickets, "ticketId", ticket.ticketId);
    const row = { conversationId: superops.newId(14), content, time: iso(superops.world.now), type: "TECH_REPLY" };
    superops.conversations.get(ticket.ticketId)!.push(row);
    if (sendMail) superops.mails.push(content);
    return row;
  },
  createTicketNote({ ticket, content, privacyType = "PRIVATE" }: Conversation, superops) {
    one(superops.tickets, "ticketId", ticket.ticketId);
    const row = { noteId: superops.newId(15), content, privacyType, addedOn: iso(superops.world.now) };
    superops.notes.set(ticket.ticketId, [...(superops.notes.get(ticket.ticketId) ?? []), row]);
    return row;
  },
  createWorklogEntries: (entries: Work[], superops) =>
    entries.map((entry) => {
      one(superops.tickets, "ticketId", entry.workItem.workId);
      if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(entry.billDateTime))
        throw clientError("value_pattern_validation_failed", { attributes: ["billDateTime"] });
      const service = one(superops.services, "itemId", entry.serviceItem!.itemId);
      const row: Row = {
        itemId: superops.newId(8),
        status: "PENDING",
        serviceItem: reference(service, "itemId"),
        billable: entry.billable ?? true,
        afterHours: false,
        qty: entry.qty,
        billDateTime: entry.billDateTime,
        notes: entry.notes,
        technician: { name: "Maya Rivera" },
        workItem: { workId: BigInt(entry.workItem.workId), module: entry.workItem.module },
      };
      superops.work.push(row);
      return row;
    }),
  resolveAlerts(alerts: { id: string }[], superops) {
    for (const { id } of alerts) Object.assign(one(superops.alerts, "id", id), { status: "Resolved" });
    return true;
  },
  runScriptOnAsset(input: { assetId: string; scriptId: string; scriptArguments?: unknown }, superops) {
    one(superops.assets, "assetId", input.assetId);
    one(superops.scripts, "scriptId", input.scriptId);
    superops.runs.push(input);
    return { actionConfigId: superops.newId(16) };
  },
};
