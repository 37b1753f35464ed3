import { setTimeout as sleep } from "node:timers/promises";
import { connectClient, type McpClient, type ToolAnswer } from "../../../test/e2e/clients.ts";
import type { Ledger } from "../ledger.ts";

/** What every part of a load gets. */
export interface Part {
  readonly url: string;
  readonly ledger: Ledger;
  /** Fires when no new step may begin. */
  readonly stop: AbortSignal;
  /** Between two steps of one loop. */
  readonly pauseMs: number;
}

/** One step after the other until the load stops. What a step throws is what a fault did to it, and is put down. */
export async function steadily({ url, ledger, stop, pauseMs }: Part, step: () => Promise<void>): Promise<void> {
  while (!stop.aborted) {
    try {
      await step();
      await sleep(pauseMs);
    } catch (error) {
      ledger.errors.push(messageOf(error));
      await sleep(50);
      while (!stop.aborted && !(await isUp(url))) await sleep(100);
    }
  }
}

/** Whether anybody answers: while nobody does, more failures say nothing. */
const isUp = (url: string) =>
  fetch(`${url}/health`, { signal: AbortSignal.timeout(3000) }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.ok;
    },
    () => false,
  );

/** The message with those of its causes. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}

const PATIENCE_MS = 30_000;

/** A real MCP client at the address of all vendors, connected at its first call. */
export function assistant({ url, ledger }: Part, token: string) {
  let client: McpClient | undefined;
  return {
    /** @throws Error when no answer came */
    async call(name: string, args: Record<string, unknown>): Promise<ToolAnswer> {
      client ??= await connectClient("2026-07-28", `${url}/mcp`, token);
      const answer = await client.callTool({ name, arguments: args }, { signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.isError) ledger.errors.push(textOf(answer));
      return answer;
    },
    close: async () => void (await client?.close().catch(() => {})),
  };
}

export const textOf = ({ content }: ToolAnswer): string => content.map(({ text = "" }) => text).join(" ");

/** The code that an error begins with. */
export const codeOf = (answer: ToolAnswer): string => /^[A-Z_]+/.exec(textOf(answer))?.[0] ?? "";
