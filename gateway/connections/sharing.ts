import { ToolError } from "../../runtime/index.ts";
import { type Connection, type ConnectionUser, nameConnection, setConnectionUsers } from "../database/connections.ts";
import type { Db } from "../database/index.ts";
import { lockOrg, roleOf } from "../database/members.ts";
import { mayLookAfter, type Role } from "../policy/roles.ts";
import type { House } from "./client.ts";
import { plainLabel } from "./connections.ts";

interface Acting {
  readonly actor: string;
  readonly requestId?: string;
}

/** Who may use a shared connection from the next call on: everybody in these roles, and these members. */
export async function shareConnection(
  { audit }: Pick<House, "audit">,
  connection: Connection,
  { roles, people, actor, requestId }: Acting & { roles: readonly Role[]; people: readonly string[] },
): Promise<void> {
  const { org_id: org, id, vendor } = connection;
  await audit.atomically(async (trx, record) => {
    await requireRight(trx, org, actor);
    const members: string[] = [];
    for (const user of new Set(people)) if (await roleOf(trx, { org, user })) members.push(user);
    const users: ConnectionUser[] = [
      ...[...new Set(roles)].map((who) => ({ kind: "role", who }) as const),
      ...members.map((who) => ({ kind: "person", who }) as const),
    ];
    await setConnectionUsers(trx, connection, users);
    const detail = { roles, members };
    const by = { id: actor, type: "user" } as const;
    await record({
      org,
      type: "connection.share",
      actor: by,
      status: "success",
      connection: id,
      vendor,
      requestId,
      detail,
    });
  });
}

/** @returns false when it was revoked meanwhile, or the name is empty */
export async function renameConnection(
  { audit }: Pick<House, "audit">,
  connection: Connection,
  { label: given, actor, requestId }: Acting & { label: string },
): Promise<boolean> {
  const label = plainLabel(given);
  if (!label) return false;
  const { org_id: org, owner_id, id, vendor } = connection;
  return await audit.atomically(async (trx, record) => {
    if (owner_id !== actor) await requireRight(trx, org, actor);
    if (!(await nameConnection(trx, connection, label))) return false;
    const by = { id: actor, type: "user" } as const;
    await record({ org, type: "connection.rename", actor: by, status: "success", connection: id, vendor, requestId });
    return true;
  });
}

async function requireRight(trx: Db, org: string, user: string) {
  const role = (await lockOrg(trx, org)) ? await roleOf(trx, { org, user }) : undefined;
  if (!role || !mayLookAfter(role, "connections"))
    throw new ToolError("VENDOR_CONFLICT", "This is not yours to look after any more.");
}
