import { findWebhook } from "../database/audit-webhooks.ts";
import { boundTo } from "../database/boxes.ts";
import type { Db } from "../database/index.ts";
import { secretBytes, type WebhookTarget } from "./standard-webhook.ts";

/** Where an organisation's messages go, with the secret opened; undefined where it has no webhook. */
export async function webhookTarget(
  db: Db,
  box: { open(box: string, bound: readonly string[]): Promise<string> },
  org: string,
): Promise<WebhookTarget | undefined> {
  const row = await findWebhook(db, org);
  return row && { url: row.url, secret: secretBytes(await box.open(row.secret_box, boundTo.webhook(org))) };
}
