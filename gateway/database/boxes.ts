import type { Db } from "./index.ts";
import type { Database } from "./schema.ts";

/** What each box under the master key is bound to: the same is needed to open it. */
export const boundTo = {
  client: (id: string) => ["client", id],
  totp: (user: string) => ["totp", user],
  ssoState: (stateHash: string) => ["sso-state", stateHash],
  vendorSignIn: (stateHash: string, user: string) => ["vendor-sign-in", stateHash, user],
  approval: (org: string, id: string) => ["approval", org, id],
  approvalNote: (org: string, id: string) => ["approval-note", org, id],
  standingApproval: (org: string, id: string) => ["standing-approval", org, id],
  webhook: (org: string) => ["audit-webhook", org],
};

/** A row as it is read to wrap its box anew. */
type Row = Readonly<Record<string, string | null>>;

/** A column whose texts are boxes under the master key, or hold one. */
export interface BoxColumn {
  readonly table: keyof Database;
  readonly column: string;
  readonly key: string;
  /** What is needed besides to know what the box is bound to. */
  readonly more: readonly string[];
  bound(row: Row): readonly string[];
  /** Undefined where the row belongs to no organisation. */
  org(row: Row): string | undefined;
  /** The box within the text; undefined when there is none. */
  boxIn(text: string): string | undefined;
  /** The text with another box in it. */
  withBox(text: string, box: string): string;
}

const plain = {
  boxIn: (text: string) => (text === "" ? undefined : text),
  withBox: (_text: string, box: string) => box,
};
const inJson = {
  boxIn: (text: string) => (JSON.parse(text) as { sealed?: string }).sealed,
  withBox: (text: string, sealed: string) => JSON.stringify({ ...JSON.parse(text), sealed }),
};
const ofOrg = { more: ["org_id"], org: (row: Row) => row["org_id"]! };
const ofNobody = { more: [], org: () => undefined };

/** Every place where a box is stored: rotating the master key goes through all of them. */
export const BOX_COLUMNS: readonly BoxColumn[] = [
  {
    table: "oauth_clients",
    column: "payload",
    key: "id",
    ...ofNobody,
    ...inJson,
    bound: ({ id }) => boundTo.client(id!),
  },
  {
    table: "totp_secrets",
    column: "box",
    key: "user_id",
    ...ofNobody,
    ...plain,
    bound: ({ user_id }) => boundTo.totp(user_id!),
  },
  {
    table: "sso_states",
    column: "box",
    key: "state_hash",
    ...ofNobody,
    ...plain,
    bound: ({ state_hash }) => boundTo.ssoState(state_hash!),
  },
  {
    table: "vendor_sign_ins",
    column: "box",
    key: "state_hash",
    ...plain,
    more: ["org_id", "user_id"],
    org: ({ org_id }) => org_id!,
    bound: ({ state_hash, user_id }) => boundTo.vendorSignIn(state_hash!, user_id!),
  },
  {
    table: "approvals",
    column: "box",
    key: "id",
    ...ofOrg,
    ...plain,
    bound: ({ org_id, id }) => boundTo.approval(org_id!, id!),
  },
  {
    table: "approvals",
    column: "note_box",
    key: "id",
    ...ofOrg,
    ...plain,
    bound: ({ org_id, id }) => boundTo.approvalNote(org_id!, id!),
  },
  {
    table: "standing_approvals",
    column: "fixed_box",
    key: "id",
    ...ofOrg,
    ...plain,
    bound: ({ org_id, id }) => boundTo.standingApproval(org_id!, id!),
  },
  {
    table: "audit_webhooks",
    column: "secret_box",
    key: "org_id",
    ...plain,
    more: [],
    org: ({ org_id }) => org_id!,
    bound: ({ org_id }) => boundTo.webhook(org_id!),
  },
];

export interface StoredBox {
  /** The value of the key column. */
  readonly id: string;
  readonly text: string;
  readonly row: Row;
}

/** In the order of the key column. */
export async function boxPage(
  db: Db,
  { table, column, key, more }: BoxColumn,
  { after = "", limit }: { after?: string; limit: number },
): Promise<StoredBox[]> {
  const { ref } = db.dynamic;
  const rows = (await db
    .selectFrom(table as "totp_secrets")
    .select([ref<string>(column), ref<string>(key), ...more.map((name) => ref<string>(name))])
    .where(ref<string>(column), "is not", null as never)
    .where(ref<string>(column), "<>", "")
    .where(ref<string>(key), ">", after)
    .orderBy(ref<string>(key))
    .limit(limit)
    .execute()) as unknown as Row[];
  return rows.map((row) => ({ id: row[key]!, text: row[column]!, row }));
}

/** False when somebody changed it meanwhile. */
export async function replaceBox(trx: Db, { table, column, key }: BoxColumn, box: StoredBox, text: string) {
  const { ref } = trx.dynamic;
  const { numUpdatedRows } = await trx
    .updateTable(table as "totp_secrets")
    .set({ [column]: text } as { box: string })
    .where(ref<string>(key), "=", box.id)
    .where(ref<string>(column), "=", box.text)
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}
