import type { Approval } from "../database/approvals.ts";
import { boundTo } from "../database/boxes.ts";
import type { Preview } from "./preview.ts";

/** Seals under the master key, as the vault does for small secrets of the gateway. */
export interface Box {
  seal(text: string, bound: readonly string[]): Promise<string>;
  open(box: string, bound: readonly string[]): Promise<string>;
}

/** What a record keeps sealed: it names customers, people and texts. */
export interface Content {
  readonly input: Readonly<Record<string, unknown>>;
  readonly preview: Preview;
}

type Place = Pick<Approval, "id" | "org_id">;

const bound = ({ id, org_id }: Place) => boundTo.approval(org_id, id);
const boundNote = ({ id, org_id }: Place) => boundTo.approvalNote(org_id, id);

export const sealContent = (box: Box, place: Place, content: Content): Promise<string> =>
  box.seal(JSON.stringify(content), bound(place));

/** @returns undefined for a record whose person was erased */
export async function openContent(
  box: Box,
  row: Pick<Approval, "id" | "org_id" | "box">,
): Promise<Content | undefined> {
  return row.box === "" ? undefined : (JSON.parse(await box.open(row.box, bound(row))) as Content);
}

export const sealNote = async (box: Box, place: Place, note: string): Promise<string | null> =>
  note === "" ? null : await box.seal(note, boundNote(place));

export const openNote = async (
  box: Box,
  row: Pick<Approval, "id" | "org_id" | "note_box">,
): Promise<string | undefined> => (row.note_box === null ? undefined : await box.open(row.note_box, boundNote(row)));
