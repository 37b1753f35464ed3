import type { After } from "../database/approval-inbox.ts";
import type { Approval } from "../database/approvals.ts";

/** Where the next page of what is over goes on. */
export const placeText = ({ created_at, id }: Pick<Approval, "created_at" | "id">): string => `${created_at}.${id}`;

/** What somebody made up shows the list from its beginning. */
export function readPlace(text: string): After | undefined {
  const [at = "", id] = text.split(".");
  return id && /^\d{1,15}$/.test(at) ? { at: Number(at), id } : undefined;
}
