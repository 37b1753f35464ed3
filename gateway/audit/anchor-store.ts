import { createHash } from "node:crypto";
import { AwsClient } from "aws4fetch";
import { anchorLine } from "./anchor-file.ts";
import type { Anchor } from "./anchor-keys.ts";
import type { AnchorPlace } from "./anchoring.ts";

export interface StoreAddress {
  /** Endpoint, bucket and prefix, without a slash at the end. */
  readonly url: string;
  readonly region: string;
  readonly keyId: string;
  readonly secret: string;
  /** How long the store is asked to keep each anchor from being deleted; 0 does not ask. */
  readonly lockDays: number;
}

/** An S3-compatible store: one object for each anchor, `<url>/<org>/<seq>.json`, so that listing shows them in order. */
export function anchorStore(
  { url, region, keyId, secret, lockDays }: StoreAddress,
  { fetch, now }: { fetch: typeof globalThis.fetch; now: () => number },
): AnchorPlace {
  const client = new AwsClient({ accessKeyId: keyId, secretAccessKey: secret, region, service: "s3" });
  return async (anchors) => {
    for (const anchor of anchors) await put(anchor);
  };

  async function put(anchor: Anchor) {
    const body = anchorLine(anchor);
    const headers = {
      "content-type": "application/json",
      "content-md5": createHash("md5").update(body).digest("base64"), // a locked bucket demands it
      "x-amz-content-sha256": createHash("sha256").update(body).digest("hex"),
      ...(lockDays > 0 && {
        "x-amz-object-lock-mode": "COMPLIANCE",
        "x-amz-object-lock-retain-until-date": new Date(now() + lockDays * DAY_MS).toISOString(),
      }),
    };
    const name = `${encodeURIComponent(anchor.org)}/${String(anchor.seq).padStart(12, "0")}.json`;
    const signed = await client.sign(`${url}/${name}`, { method: "PUT", headers, body });
    const answer = await fetch(signed, { signal: AbortSignal.timeout(PATIENCE_MS) });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`The store of anchors answered ${answer.status}.`);
  }
}

const DAY_MS = 86_400_000;
const PATIENCE_MS = 20_000;
