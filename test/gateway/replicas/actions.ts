import type { FastifyInstance } from "fastify";
import { findConnection, revokeConnection, saveConnection } from "../../../gateway/connections/connections.ts";
import { inSystemScope } from "../../../gateway/database/scope.ts";
import { removeMember } from "../../../gateway/identity/members.ts";
import { changePolicy } from "../../../gateway/identity/policies.ts";
import { revokeGrant } from "../../../gateway/oauth/grants.ts";

interface Owner {
  readonly org: string;
  readonly user: string;
}

/** What people do on the pages of one replica. */
export const actions = {
  revokeToken: (app: FastifyInstance, { grant, ...owner }: Owner & { grant: string }) =>
    inSystemScope(async () => void (await revokeGrant(app, { ...owner, id: grant }))),

  switchOff: (app: FastifyInstance, { org, user, tool }: Owner & { tool: string }) =>
    inSystemScope(
      async () =>
        void (await changePolicy(app, {
          org,
          actor: user,
          type: "policy.tool",
          change: (policy) => ({ ...policy, toolsOff: [...policy.toolsOff, tool] }),
        })),
    ),

  replaceKeys: (
    app: FastifyInstance,
    { connection, apiKey, ...owner }: Owner & { connection: string; apiKey: string },
  ) =>
    inSystemScope(async () => {
      const parsed = app.vendors.get("acme")!.credentials.parse({ apiKey });
      if (!parsed.ok) throw new Error("the test's keys do not parse");
      const replaces = await findConnection(app.db, { ...owner, id: connection });
      await saveConnection(app, { ...owner, vendor: "acme", credentials: parsed.value as object, replaces });
    }),

  revokeKeys: (app: FastifyInstance, { connection, ...owner }: Owner & { connection: string }) =>
    inSystemScope(async () => {
      const found = await findConnection(app.db, { ...owner, id: connection });
      await revokeConnection(app, found!, { actor: owner.user });
    }),

  removeMember: (app: FastifyInstance, { org, user, actor }: Owner & { actor: string }) =>
    inSystemScope(async () => void (await removeMember(app, { org, actor, user }))),
};
