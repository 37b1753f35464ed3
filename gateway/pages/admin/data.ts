import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { exportLines } from "../../audit/org-export.ts";
import { keptDays } from "../../database/audit-retention.ts";
import { findSubject, subjectsOf } from "../../database/policy-subjects.ts";
import { IdentityError } from "../../identity/errors.ts";
import { removeMember } from "../../identity/members.ts";
import { type Field, field } from "../fields.ts";
import { line, readForm } from "../form.ts";
import { checkFormToken, formToken } from "../form-token.ts";
import { requireFresh } from "../fresh.ts";
import { leaveNotice } from "../notice.ts";
import { PageProblem } from "../page-problem.ts";
import { adminOf, adminPage } from "./frame.ts";

const HERE = "/admin/data";
const EXPORT = `${HERE}/export`;
const ERASE = `${HERE}/erase`;
const ERASE_SURELY = `${HERE}/erase/surely`;
const MOST_PEOPLE = 300;

declare module "../views.ts" {
  interface Views {
    "admin-data": {
      organisation: string;
      kept: readonly { what: string; long: string }[];
      person: Field;
      actions: { export: string; erase: string };
      tokens: { export: string; erase: string };
    };
  }
}

/** `/admin/data`: what is kept for how long, a copy of it, and the end of what is kept of a person. */
export default async function data(app: FastifyInstance): Promise<void> {
  app.get(HERE, async (request, reply) => show(request, reply));

  app.post(EXPORT, async (request, reply) => {
    const { org, actor } = await adminOf(app, request, "data");
    checkFormToken(app, request, EXPORT);
    const goOn = { heading: `Download everything of ${org.name}?`, consequences: [IN_EXPORT], button: "Download everything", harmless: true, back: HERE }; // biome-ignore format: one thought
    if (!requireFresh(app, request, reply, { goOn })) return reply;
    await app.audit.record({ org: org.id, type: "data.export", actor, status: "success", requestId: request.id });
    return reply
      .type("application/x-ndjson")
      .header("content-disposition", 'attachment; filename="organisation.jsonl"')
      .send(exportLines(app.db, { org: org.id }));
  });

  app.post(ERASE, async (request, reply) => {
    const { org } = await adminOf(app, request, "data");
    checkFormToken(app, request, ERASE);
    const person = await findSubject(app.db, org.id, readForm(request, z.object({ person: line })).person.trim());
    if (!person) return show(request, reply, "Nobody here has this address. Type an e-mail address or an id.");
    const about = erasing(person.name, org.name);
    const fields = { person: person.id };
    if (!requireFresh(app, request, reply, { goOn: { ...about, instead: { action: ERASE_SURELY, fields } } }))
      return reply;
    const confirm = {
      ...about,
      action: ERASE_SURELY,
      token: formToken(app, request, ERASE_SURELY),
      hidden: [{ name: "person", value: person.id }],
      fields: [],
    };
    return adminPage(reply, "confirm", confirm, { title: about.heading, here: HERE });
  });

  app.post(ERASE_SURELY, async (request, reply) => {
    const { org, user } = await adminOf(app, request, "data");
    checkFormToken(app, request, ERASE_SURELY);
    const { person } = readForm(request, z.object({ person: line }));
    const name = (await findSubject(app.db, org.id, person))?.name ?? "this person";
    if (!requireFresh(app, request, reply, { goOn: erasing(name, org.name) })) return reply;
    const acting = { org: org.id, actor: user.id, requestId: request.id };
    const closed = await removeMember(app, { ...acting, user: person }).catch(refused);
    for (const id of closed) app.lanes.drop(id);
    leaveNotice(app, reply, {
      kind: "good",
      text: "The person is erased from the organisation. Their key is destroyed.",
    });
    return reply.redirect(HERE, 303);
  });

  async function show(request: FastifyRequest, reply: FastifyReply, error?: string) {
    const { org } = await adminOf(app, request, "data");
    const [days, people] = await Promise.all([keptDays(app.db, org.id), subjectsOf(app.db, org.id, MOST_PEOPLE)]);
    const data = {
      organisation: org.name,
      kept: keptWords(days),
      person: field({
        name: "person",
        label: "Person",
        suggestions: people.map(({ email, name, role }) => ({ value: email, label: `${name}, ${role}` })),
        error,
      }),
      actions: { export: EXPORT, erase: ERASE },
      tokens: { export: formToken(app, request, EXPORT), erase: formToken(app, request, ERASE) },
    };
    return adminPage(reply, "admin-data", data, { title: "Data", here: HERE, status: error ? 422 : 200 });
  }
}

const IN_EXPORT = "One file with everything that is kept here, without secrets. The audit log says that you took it.";

const erasing = (person: string, organisation: string) => ({
  heading: `Erase ${person} from ${organisation}?`,
  consequences: [
    "Their key here is destroyed: the credentials that they entered open for nobody any more. A backup from before holds both until it is deleted.",
    "Their apps, tokens and browsers lose this organisation at their next request, and what waits for an answer is emptied.",
    "Connections that they made for the organisation stay with it.",
    "The audit log keeps what was done, under an id without a name, and still verifies.",
    "Their account at this gateway is theirs: they delete it under Settings, Account.",
  ],
  button: "Erase this person",
  back: HERE,
});

function refused(error: unknown): never {
  if (error instanceof IdentityError) throw new PageProblem(409, "This person stays", error.message);
  throw error;
}

const keptWords = (days: number) => [
  { what: "Audit events", long: days === 0 ? "for ever" : `${days} days, up to the last anchor before` },
  { what: "Daily usage figures", long: "for ever, by id and without a name" },
  { what: "Arguments and answers of calls", long: "never: the audit log has keyed hashes of them" },
  { what: "Arguments of calls that wait for a yes", long: "sealed, until the call is over or the person is erased" },
  { what: "Vendor credentials", long: "sealed, until they are revoked or replaced, or their owner is erased" },
  { what: "Versions of the policy", long: "for ever" },
];
