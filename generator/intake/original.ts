import { existsSync, readFileSync } from "node:fs";
import type { Problem } from "../model/problem.ts";

const MAX_DOWNLOAD = 64 * 1024 * 1024;

interface Original {
  readonly bytes: Uint8Array;
  /** Where it was downloaded from. */
  readonly url?: string;
}

/** Reads a vendor's document from a file or an https address, the one place where intake touches the network. */
export async function readOriginal(
  from: string,
  fetch: typeof globalThis.fetch = globalThis.fetch,
  maxBytes = MAX_DOWNLOAD,
): Promise<Original | Problem> {
  const problem = (message: string, hint?: string): Problem => ({ where: from, message, ...(hint && { hint }) });
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(from)) {
    return existsSync(from) ? { bytes: readFileSync(from) } : problem("no such file");
  }
  if (!from.startsWith("https://")) return problem("expected a file or an https address");
  try {
    const response = await fetch(from, { redirect: "manual", signal: AbortSignal.timeout(60_000) });
    if (response.status >= 300 && response.status < 400) {
      return problem(`answered ${response.status}`, "redirects are not followed: name the final address");
    }
    if (!response.ok) return problem(`answered ${response.status}`);
    const bytes = await read(response, maxBytes);
    return bytes ? { bytes, url: from } : problem(`is larger than ${maxBytes} bytes`);
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string } };
    return problem(`cannot be fetched: ${cause?.code ?? message}`);
  }
}

async function read(response: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
