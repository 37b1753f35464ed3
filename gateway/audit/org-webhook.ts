import { findWebhook } from "../database/audit-webhooks.ts";
import type { Db } from "../database/index.ts";
import { secretBytes, type WebhookTarget } from "./standard-webhook.ts";

/** What the sealed secret of an organisation's webhook is bound to. */
export const boundTo = (org: string) => ["audit-webhook", org];

/** Where an organisation's messages go, with the secret opened; undefined where it has no webhook. */
export async function webhookTarget(
  db: Db,
  box: { open(box: string, bound: readonly string[]): Promise<string> },
  org: string,
): Promise<WebhookTarget | undefined> {
  const row = await findWebhook(db, org);
  return row && { url: row.url, secret: secretBytes(await box.open(row.secret_box, boundTo(org))) };
}
