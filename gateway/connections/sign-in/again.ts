import { ToolError, type Vendor } from "../../../runtime/index.ts";
import { type Connection, isShared } from "../../database/connections.ts";
import type { House } from "../client.ts";
import { connectLink } from "../link.ts";

/** The vendor ended the sign-in: only a person can mend that, and this is where. */
export function signInAgain(house: House, connection: Connection, { title }: Vendor): ToolError {
  return new ToolError("VENDOR_AUTH", `${title} ended the sign-in of this connection.`, {
    advice: isShared(connection) ? adviceForShared(house, title) : adviceForOwn(house, connection, title),
  });
}

const adviceForShared = ({ config }: House, title: string) =>
  `Ask somebody who looks after the organisation's connections to sign in at ${title} again: ${config.publicUrl}/admin/connections`;

function adviceForOwn(house: House, { id, org_id, owner_id, vendor }: Connection, title: string) {
  const link = connectLink(house, { orgId: org_id, userId: owner_id, vendor });
  return `Ask the person to sign in at ${title} again: ${link}&replace=${id}`;
}
