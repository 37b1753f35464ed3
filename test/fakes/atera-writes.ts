import { HttpResponse } from "msw";
import { notFound, type Serve } from "./atera.ts";
import type { Visit } from "./fake.ts";
import { type AteraWorld, iso, technician } from "./world-atera.ts";

const refused = (message: string) => HttpResponse.json({ Message: message }, { status: 400 });

const bodyOf = ({ body }: Visit) => JSON.parse(body) as Record<string, unknown>;

export const changes: Record<string, Serve> = {
  /** There is no body: the call itself resolves. */
  "PUT /api/v3/alerts/{alertId}": ({ path, body }, { alerts, world }) => {
    const alert = alerts.find(({ AlertID }) => String(AlertID) === path["alertId"]);
    if (!alert) return notFound();
    if (body) return refused("Unexpected body");
    Object.assign(alert, { state: "Resolved", Archived: true, ArchivedDate: iso(world.now) });
    return new HttpResponse(null, { status: 204 });
  },

  "POST /api/v3/tickets": (visit, atera) => {
    const given = bodyOf(visit);
    const contact =
      atera.contacts.find(
        ({ EndUserID, Email }) => EndUserID === given["EndUserID"] || Email === given["EndUserEmail"],
      ) ?? newContact(given, atera);
    if (!contact) return refused("The end user is not known: give first name, last name and email.");
    const TicketID = atera.nextId++;
    atera.tickets.push({
      ...atera.tickets[0]!,
      TicketPriority: "Low",
      ...given,
      TicketID,
      TicketNumber: String(TicketID),
      TicketStatus: String(given["TicketStatus"] ?? "Open"),
      CustomerID: contact.CustomerID,
      CustomerName: contact.CustomerName,
      EndUserID: contact.EndUserID,
      EndUserEmail: contact.Email,
      FirstComment: String(given["Description"]),
    });
    atera.comments.set(TicketID, []);
    return HttpResponse.json({ ActionID: String(TicketID) }, { status: 201 });
  },

  "PUT /api/v3/tickets/{ticketId}": (visit, { tickets }) => {
    const ticket = tickets.find(({ TicketID }) => String(TicketID) === visit.path["ticketId"]);
    if (!ticket) return notFound();
    Object.assign(ticket, bodyOf(visit));
    return HttpResponse.json({ ActionID: String(ticket.TicketID) });
  },

  "POST /api/v3/tickets/{ticketId}/comments": (visit, atera) => {
    const comments = atera.comments.get(Number(visit.path["ticketId"]));
    if (!comments) return notFound();
    const {
      CommentText,
      TechnicianCommentDetails: by,
      EnduserCommentDetails: endUser,
    } = bodyOf(visit) as {
      CommentText?: string;
      TechnicianCommentDetails?: { TechnicianId?: number; IsInternal?: boolean };
      EnduserCommentDetails?: { EnduserId?: number };
    };
    if (!CommentText) return refused("CommentText is required");
    if (Boolean(by) === Boolean(endUser)) return refused("Give either a technician or an end user");
    if (by && by.TechnicianId !== technician.id) return refused("The technician is not known");
    comments.push({
      Date: iso(atera.world.now),
      Comment: CommentText,
      IsInternal: by?.IsInternal === true,
      ...(by ? { TechnicianContactID: technician.id } : { EndUserID: endUser!.EnduserId! }),
    });
    return HttpResponse.json({ ActionID: String(atera.nextId++) }, { status: 201 });
  },
};

/** An unknown email with both names makes a contact. */
function newContact(given: Record<string, unknown>, atera: AteraWorld) {
  const { EndUserFirstName, EndUserLastName, EndUserEmail } = given;
  if (!EndUserFirstName || !EndUserLastName || !EndUserEmail) return undefined;
  const made = {
    ...atera.contacts[0]!,
    EndUserID: atera.nextId++,
    Firstname: String(EndUserFirstName),
    Lastname: String(EndUserLastName),
    Email: String(EndUserEmail),
  };
  atera.contacts.push(made);
  return made;
}
