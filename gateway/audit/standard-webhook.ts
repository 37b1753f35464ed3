import { createHmac, randomBytes } from "node:crypto";

/** One message to a webhook. Its id stays the same when it is sent again, so that the receiver can drop a repetition. */
export interface WebhookMessage {
  readonly id: string;
  readonly type: string;
  readonly body: string;
}

export interface WebhookTarget {
  readonly url: string;
  /** The bytes behind `whsec_`. */
  readonly secret: Uint8Array;
}

const PATIENCE_MS = 15_000;

/**
 * Posts a message signed as the Standard Webhooks specification says.
 * @throws Error that names the status, never the address
 */
export async function postWebhook(
  { url, secret }: WebhookTarget,
  { id, type, body }: WebhookMessage,
  { fetch, now }: { fetch: typeof globalThis.fetch; now: () => number },
): Promise<void> {
  const timestamp = String(Math.floor(now() / 1000));
  const answer = await fetch(url, {
    method: "POST",
    body,
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE_MS),
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": signatureOf(secret, { id, timestamp, body }),
      "webhook-event": type,
    },
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`The webhook answered ${answer.status}.`);
}

export const signatureOf = (
  secret: Uint8Array,
  { id, timestamp, body }: { id: string; timestamp: string; body: string },
): string => `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64")}`;

/** A new secret in the form in which receivers take it. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString("base64")}`;

export const secretBytes = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ""), "base64");
