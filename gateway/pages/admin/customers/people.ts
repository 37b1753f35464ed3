import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { membersWithLimits } from "../../../database/customer-limits.ts";
import { listCustomers } from "../../../database/customers.ts";
import { givenCustomers, limitMember } from "../../../identity/customers/limits.ts";
import { nameKey } from "../../../identity/customers/names.ts";
import { mayChange } from "../../../policy/roles.ts";
import { line, readForm, several } from "../../form.ts";
import { formToken } from "../../form-token.ts";
import { PageProblem } from "../../page-problem.ts";
import { count } from "../../words.ts";
import { adminOf, adminPage } from "../frame.ts";
import { changeByForm, HERE } from "./whose.ts";

declare module "../../views.ts" {
  interface Views {
    "admin-customer-people": {
      rows: readonly { href: string; name: string; email: string; role: string; limited: boolean; sees: string }[];
    };
    "admin-customer-person": {
      at: string;
      name: string;
      role: string;
      /** Whoever looks may change it. */
      may: boolean;
      limited: boolean;
      none: boolean;
      given: readonly { id: string; name: string; archived: boolean }[];
      find: string;
      found: readonly { id: string; name: string }[];
      token: string;
    };
  }
}

const PEOPLE = `${HERE}/people`;
const FOUND = 20;

/** What the page of a member says of it. */
export async function customersSection(app: FastifyInstance, org: string, user: string) {
  const [member] = await membersWithLimits(app.db, org, user);
  return {
    href: `${PEOPLE}/${user}`,
    sees: member ? seesWords(member) : "No customer",
    limited: member?.limited === 1,
  };
}

const seesWords = ({ limited, customers }: { limited: number; customers: number }) =>
  limited === 0 ? "All customers" : customers === 0 ? "No customer" : count(customers, "customer");

type Named = { Params: { user: string }; Querystring: { find?: unknown } };

/** `/admin/customers/people`: which members see all customers, and which some. Who looks after members decides. */
export default async function people(app: FastifyInstance): Promise<void> {
  app.get(PEOPLE, async (request, reply) => {
    const { org } = await adminOf(app, request, "members");
    const rows = (await membersWithLimits(app.db, org.id)).map(({ id, name, email, role, limited, customers }) => ({
      href: `${PEOPLE}/${id}`,
      name,
      email,
      role,
      limited: limited === 1,
      sees: seesWords({ limited, customers }),
    }));
    return adminPage(reply, "admin-customer-people", { rows }, { title: "Who sees which customers", here: HERE });
  });

  app.get<Named>(`${PEOPLE}/:user`, async (request, reply) => {
    const { org, member, may } = await named(request);
    const find = line.parse(request.query.find);
    const given = await givenCustomers(app.db, { org: org.id, user: member.id });
    const key = find === "" ? undefined : nameKey(find);
    const found = may ? await listCustomers(app.db, { org: org.id, archived: false, key, limit: FOUND }) : [];
    const data = {
      at: `${PEOPLE}/${member.id}`,
      name: member.name,
      role: member.role,
      may,
      limited: member.limited === 1,
      none: member.limited === 1 && given.length === 0,
      given: given.map(({ id, name, archived }) => ({ id, name, archived: archived === 1 })),
      find,
      found: found.filter(({ id }) => !given.some((one) => one.id === id)).map(({ id, name }) => ({ id, name })),
      token: formToken(app, request, "customers"),
    };
    return adminPage(reply, "admin-customer-person", data, { title: member.name, here: HERE });
  });

  const Form = z.object({ limited: line, give: several, take: several });
  app.post<Named>(`${PEOPLE}/:user`, async (request, reply) => {
    const { org, owner, member, may } = await named(request);
    if (!may)
      throw new PageProblem(
        403,
        "Not yours to change",
        `${member.name} is ${member.role}: only an owner can limit them.`,
      );
    const { limited, give, take } = readForm(request, Form);
    const on = limited === "" ? member.limited === 1 : limited === "true";
    return changeByForm(app, request, reply, {
      back: `${PEOPLE}/${member.id}`,
      said: on ? `${member.name} is limited to the customers listed here.` : `${member.name} sees all customers.`,
      change: () =>
        limitMember(app, {
          org: org.id,
          actor: owner.user,
          requestId: request.id,
          user: member.id,
          limited: on,
          give,
          take,
        }),
    });
  });

  async function named(request: FastifyRequest<Named>) {
    const admin = await adminOf(app, request, "members");
    const [member] = await membersWithLimits(app.db, admin.org.id, request.params.user);
    if (!member) throw new PageProblem(404, "No such member", "They are not a member of this organisation any more.");
    return { ...admin, member, may: mayChange(admin.org.role, member.role) };
  }
}
