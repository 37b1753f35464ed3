import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { open, seal } from "../../../../gateway/vault/box.ts";

/** How a fake misbehaves. */
export type Trouble = "none" | "down" | "slow" | "throttled" | "refusing";

/** A stand-in for the HTTP interface of a key service: it answers as the service documents, and counts what is asked wrongly. */
export interface KeyFake {
  trouble: Trouble;
  /** Answers so many requests with the trouble, then with none. */
  times: number;
  /** Requests that no real service would take: a bad signature, a missing token. */
  readonly complaints: string[];
  readonly asked: string[];
  /** A new version of the key; the old ones go on opening. */
  turn(): void;
  close(): Promise<void>;
}

/** Symmetric keys by version, the last one current. */
export function versions() {
  const keys = [randomBytes(32)];
  return {
    turn: () => void keys.push(randomBytes(32)),
    current: () => keys.length,
    seal: (plain: Uint8Array, bound: Uint8Array) => seal(keys.at(-1)!, plain, bound),
    /** Undefined when it does not open. */
    open(version: number, box: Uint8Array, bound: Uint8Array): Buffer | undefined {
      try {
        return open(keys[version - 1]!, box, bound);
      } catch {
        return undefined;
      }
    },
  };
}

export type Answer = { status?: number; headers?: Record<string, string>; body?: unknown };

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** @param isAside requests that no trouble befalls: signing in */
export async function keyFake(
  answer: (request: Request, fake: KeyFake) => Answer,
  {
    turn,
    trouble: troubles,
    isAside = () => false,
    tls,
  }: {
    turn: () => void;
    trouble: Record<"throttled" | "refusing", Answer>;
    isAside?: (path: string) => boolean;
    tls?: { key: string; cert: string };
  },
): Promise<KeyFake & { host: string }> {
  const listener: RequestListener = async (incoming: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = "", url: path = "", headers } = incoming;
    const request = { method, path, headers, text: Buffer.concat(chunks).toString() };
    fake.asked.push(`${method} ${path}`);
    const trouble = isAside(path) || fake.times === 0 ? "none" : fake.trouble;
    if (trouble !== "none") fake.times--;
    if (trouble === "down") return incoming.socket.destroy();
    if (trouble === "slow") return;
    const { status = 200, headers: more, body } = trouble === "none" ? answer(request, fake) : troubles[trouble];
    response.writeHead(status, { "content-type": "application/json", ...more });
    response.end(typeof body === "string" ? body : JSON.stringify(body ?? {}));
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const fake: KeyFake & { host: string } = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    trouble: "none",
    times: Number.POSITIVE_INFINITY,
    complaints: [],
    asked: [],
    turn,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
  return fake;
}
