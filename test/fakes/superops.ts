import { buildSchema, execute, type GraphQLSchema, parse, validate } from "graphql";
import { HttpResponse } from "msw";
import { type Check, createFake, type Fake, type Route, type Visit } from "./fake.ts";
import { answered, type Resolve } from "./superops-answers.ts";
import { reads } from "./superops-reads.ts";
import { changes } from "./superops-writes.ts";
import { readDocument } from "./validate.ts";
import type { World } from "./world.ts";
import { createSuperopsWorld, type SuperopsWorld } from "./world-superops.ts";

export interface SuperopsAccount {
  keys: { region: string; subdomain: string; apiToken: string };
  world: World;
}

export interface SuperopsFake extends Fake {
  /** By API token. */
  states: ReadonlyMap<string, SuperopsWorld>;
}

const hosts = { us: "api.superops.ai", eu: "euapi.superops.ai" } as const;

let built: GraphQLSchema | undefined;

/** Reading the vendor's SDL takes longer than making the world. */
const vendorSchema = () => (built ??= buildSchema((readDocument("superops").document as { sdl?: string }).sdl!));

/** SuperOps over a small world per account: graphql-js executes each document against the vendor's SDL. */
export function createSuperopsFake(accounts: readonly SuperopsAccount[], check?: Check): SuperopsFake {
  const known = accounts.map((account) => ({ ...account, state: createSuperopsWorld(account.world) }));
  const schema = vendorSchema();
  const resolvers: Readonly<Record<string, Resolve>> = { ...reads, ...changes };

  const serve: Route = ({ request, body, url, exchange }: Visit) => {
    const token = request.headers.get("authorization")?.replace("Bearer ", "");
    const account = known.find(({ keys }) => keys.apiToken === token && hosts[keys.region as "us"] === url.host);
    if (!account) return HttpResponse.json({ message: "The API token used is invalid or deleted." }, { status: 401 });
    const subdomain = request.headers.get("customersubdomain");
    if (!subdomain) return new HttpResponse(null, { status: 400 });
    if (subdomain !== account.keys.subdomain) return HttpResponse.json({ message: "Bad Request" }, { status: 400 });
    exchange.account = account.world.msp;
    const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
    const document = parse(query);
    const errors = validate(schema, document);
    if (errors.length > 0) return answered({ errors });
    const rootValue = Object.fromEntries(
      Object.entries(resolvers).map(([name, resolve]) => [
        name,
        (args: Record<string, never>) => resolve(args["input"] ?? args["listInfo"]!, account.state, fake),
      ]),
    );
    return answered(execute({ schema, document, rootValue, variableValues: variables ?? {} }) as object);
  };

  const made = createFake({
    slug: "superops",
    origin: `https://${hosts.us}`,
    hosts: Object.values(hosts),
    routes: { "POST /msp": serve },
    nameOf: asked,
    check,
  });
  const fake: SuperopsFake = Object.assign(made, {
    states: new Map(known.map(({ keys, state }) => [keys.apiToken, state])),
  });
  return fake;
}

/** `query getTicketList`: what a document asks for, where one address serves everything. */
function asked(body: string): { method: string; template: string } | undefined {
  const [, kind, field] = /^\s*(query|mutation)[^{]*\{\s*(\w+)/.exec(String(JSON.parse(body).query)) ?? [];
  return kind && field ? { method: kind, template: field } : undefined;
}
