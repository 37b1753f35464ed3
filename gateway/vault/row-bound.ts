import type { UserKey } from "../database/user-keys.ts";
import { bind } from "./box.ts";

/** Which credential: one row, of one connection of one owner, in one version. */
export interface Place {
  org: string;
  owner: string;
  vendor: string;
  connection: string;
  version: number;
}

/** What the two layers of a stored credential are bound to. */
export const rowBound = (kind: "dek/v1" | "secret/v1", { org, owner, vendor, connection, version }: Place): Buffer =>
  bind(kind, org, owner, vendor, connection, version);

/** What a wrapped user key is bound to. */
export const userKeyBound = ({ org_id, owner_id, version }: Pick<UserKey, "org_id" | "owner_id" | "version">): Buffer =>
  bind("user-key/v1", org_id, owner_id, version);
