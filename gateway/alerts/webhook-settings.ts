import { randomUUID } from "node:crypto";
import type { Audit } from "../audit/audit.ts";
import { webhookTarget } from "../audit/org-webhook.ts";
import { newWebhookSecret, postWebhook } from "../audit/standard-webhook.ts";
import { deleteWebhook, findWebhook, putWebhook } from "../database/audit-webhooks.ts";
import { boundTo } from "../database/boxes.ts";
import type { Db } from "../database/index.ts";
import type { Vault } from "../vault/vault.ts";

interface House {
  readonly db: Db;
  readonly audit: Pick<Audit, "atomically">;
  readonly vault: Pick<Vault, "box">;
  readonly clock: { now(): number };
}

interface By {
  readonly org: string;
  readonly actor: string;
  readonly requestId?: string;
}

export interface WebhookWish {
  readonly url: string;
  readonly events: boolean;
  readonly alerts: boolean;
}

/** Undefined when it is one that we send to. Where the name leads is looked at with each sending. */
export function problemWithUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || text.length > 500) return "Enter an address such as https://siem.example.com/hook.";
  if (url.protocol !== "https:") return "Only https addresses keep what is sent to them from others.";
  return url.username || url.password ? "Leave out the user and password: messages are signed instead." : undefined;
}

/**
 * Sets the webhook up, or changes what it gets. A new address gets a new secret.
 * @returns the secret, to be shown once, when there is a new one
 */
export async function saveWebhook(
  { audit, vault, clock }: House,
  { org, actor, requestId }: By,
  { url, events, alerts }: WebhookWish,
): Promise<string | undefined> {
  const fresh = newWebhookSecret();
  const box = await vault.box.seal(fresh, boundTo.webhook(org));
  return await audit.atomically(async (trx, record) => {
    const before = await findWebhook(trx, org);
    const isNew = before?.url !== url;
    const event = { org, actor: { id: actor, type: "user" as const }, requestId, status: "success" as const };
    await record({
      ...event,
      type: before ? "webhook.change" : "webhook.create",
      detail: { events, alerts, address: isNew },
    });
    await putWebhook(trx, {
      org_id: org,
      url,
      secret_box: isNew ? box : before.secret_box,
      sends_events: events ? 1 : 0,
      sends_alerts: alerts ? 1 : 0,
      created_at: clock.now(),
    });
    return isNew ? fresh : undefined;
  });
}

export async function removeWebhook({ audit }: House, { org, actor, requestId }: By): Promise<void> {
  await audit.atomically(async (trx, record) => {
    if (!(await findWebhook(trx, org))) return;
    await deleteWebhook(trx, org);
    await record({ org, actor: { id: actor, type: "user" }, requestId, status: "success", type: "webhook.delete" });
  });
}

/** Sends a message that means nothing. @throws what kept it from arriving */
export async function testWebhook(
  house: Pick<House, "db" | "vault" | "clock"> & { outbound: typeof globalThis.fetch },
  org: string,
): Promise<void> {
  const target = await webhookTarget(house.db, house.vault.box, org);
  if (!target) throw new Error("There is no webhook.");
  const timestamp = new Date(house.clock.now()).toISOString();
  const body = JSON.stringify({ type: "test", timestamp, data: { organisation: org } });
  await postWebhook(
    target,
    { id: `test_${randomUUID()}`, type: "test", body },
    { fetch: house.outbound, now: house.clock.now },
  );
}
