import type { Adapter } from "oidc-provider";
import { boundTo } from "../database/boxes.ts";
import { deleteClient, findClient, putClient } from "../database/clients.ts";
import type { AuthorizationServer } from "./server.ts";

/** `preregistered` is the one that the operator configured. */
export type ClientKind = "cimd" | "dcr" | "preregistered" | "service";

type Server = Pick<AuthorizationServer, "db" | "box" | "now"> & Partial<Pick<AuthorizationServer, "config">>;

/** What oidc-provider knows of clients, and where a program is made known to it. */
export function registeredClients({ db, box, now, config }: Server): Adapter {
  return {
    async upsert(id, { client_secret: secret, ...payload }) {
      const sealed = typeof secret === "string" ? await box.seal(secret, boundTo.client(id)) : undefined;
      await putClient(db, {
        id,
        kind: payload.gateway_kind as ClientKind,
        payload: JSON.stringify({ ...payload, sealed }),
        created_at: now(),
        last_used_at: null,
      });
    },
    async find(id) {
      const configured = config?.oauth.client;
      if (configured && id === configured.client_id) return configured;
      const row = await findClient(db, id);
      if (!row) return undefined;
      const { sealed, ...payload } = JSON.parse(row.payload);
      return { ...payload, ...(sealed && { client_secret: await box.open(sealed, boundTo.client(id)) }) };
    },
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    consume: async () => {},
    destroy: (id) => deleteClient(db, id),
    revokeByGrantId: async () => {},
  };
}
