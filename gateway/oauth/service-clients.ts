import { randomBytes } from "node:crypto";
import { deleteClient } from "../database/clients.ts";
import type { ServiceClientRow } from "../database/schema.ts";
import { addServiceClient, markServiceRevoked, setServiceMaker } from "../database/service-clients.ts";
import type { Role } from "../policy/roles.ts";
import { plainText } from "./plain-text.ts";
import { registeredClients } from "./registered-clients.ts";
import type { Actor, AuthorizationServer } from "./server.ts";

type Server = Pick<AuthorizationServer, "db" | "box" | "now" | "audit">;

export interface NewServiceClient {
  readonly org: string;
  readonly name: string;
  readonly role: Role;
  readonly scopes: readonly string[];
  /** The connection it uses for each vendor. */
  readonly connections: ReadonlyMap<string, string>;
  readonly expiresAt: number;
  readonly actor: string;
  readonly requestId?: string;
}

/** Makes a program known that calls in the name of its organisation (client credentials). The secret is shown this once. */
export async function createServiceClient(
  server: Server,
  wanted: NewServiceClient,
): Promise<{ id: string; secret: string }> {
  const id = `svc_${randomBytes(15).toString("base64url")}`;
  const { org, role, scopes, connections, actor, requestId } = wanted;
  const row: ServiceClientRow = {
    id,
    org_id: org,
    name: plainText(wanted.name, 80) || "Unnamed program",
    role,
    scopes: scopes.join(" "),
    created_by: actor,
    created_at: server.now(),
    expires_at: wanted.expiresAt,
    last_used_at: null,
    revoked_at: null,
  };
  await server.audit.atomically(async (trx, record) => {
    const given = [...connections].map(([vendor, connection_id]) => ({
      service_id: id,
      org_id: org,
      vendor,
      connection_id,
    }));
    await addServiceClient(trx, row, given);
    const detail = { service: id, role, given: scopes, expiresAt: wanted.expiresAt };
    await record({ org, type: "service.create", actor: person(actor), status: "success", requestId, detail });
  });
  return { id, secret: await giveSecret(server, row) };
}

/**
 * A new secret in the place of the old one, which ends at once; tokens it gave last ten minutes at most. Who has the secret can act
 * as the program, so they stand behind it from now on: otherwise they could let it approve what they ask for themselves.
 */
export async function rotateSecret(
  server: Server,
  row: ServiceClientRow,
  { actor, requestId }: { actor: string; requestId?: string },
): Promise<string> {
  const detail = { service: row.id };
  await server.audit.atomically(async (trx, record) => {
    await setServiceMaker(trx, row, actor);
    await record({
      org: row.org_id,
      type: "service.rotate",
      actor: person(actor),
      status: "success",
      requestId,
      detail,
    });
  });
  return await giveSecret(server, row);
}

/** Its next request is refused. @returns false when it was not there */
export async function revokeServiceClient(
  { audit, now }: Server,
  { org, id, actor, requestId }: { org: string; id: string; actor: string; requestId?: string },
): Promise<boolean> {
  return await audit.atomically(async (trx, record) => {
    if (!(await markServiceRevoked(trx, org, id, now()))) return false;
    await deleteClient(trx, id);
    const detail = { service: id };
    await record({ org, type: "service.revoke", actor: person(actor), status: "success", requestId, detail });
    return true;
  });
}

/** What the authorization server knows of it: enough to authenticate it. Its scopes are looked up with each call. */
async function giveSecret(server: Server, { id, name, org_id }: ServiceClientRow): Promise<string> {
  const secret = randomBytes(48).toString("base64url");
  await registeredClients(server).upsert(id, {
    client_id: id,
    client_secret: secret,
    client_name: name,
    gateway_kind: "service",
    gateway_org: org_id,
    token_endpoint_auth_method: "client_secret_basic",
    grant_types: ["client_credentials"],
    response_types: [],
    redirect_uris: [],
  });
  return secret;
}

const person = (id: string): Actor => ({ id, type: "user" });
