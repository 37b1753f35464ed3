import { ToolError, type Vendor } from "../../../runtime/index.ts";
import type { Connection } from "../../database/connections.ts";
import type { House } from "../client.ts";
import { connectLink } from "../link.ts";

/** The vendor ended the sign-in: only the person can mend that, and this is where. */
export function signInAgain(house: House, { id, org_id, owner_id, vendor }: Connection, { title }: Vendor): ToolError {
  const link = connectLink(house, { orgId: org_id, userId: owner_id, vendor });
  return new ToolError("VENDOR_AUTH", `${title} ended the sign-in of this connection.`, {
    advice: `Ask the person to sign in at ${title} again: ${link}&replace=${id}`,
  });
}
