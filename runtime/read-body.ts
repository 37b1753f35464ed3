import { ToolError } from "./errors.ts";

/**
 * The text of an answer, read only as far as it may be long.
 * @throws ToolError VENDOR_UNEXPECTED when it is longer
 */
export async function readText(
  response: Response,
  { maxBytes, vendor }: { maxBytes: number; vendor: string },
): Promise<string> {
  const tooLong = () => {
    response.body?.cancel().catch(() => {});
    return new ToolError("VENDOR_UNEXPECTED", `${vendor} answered with more than ${maxBytes} bytes.`, {
      advice: "Ask for less: a smaller limit, or a narrower search.",
    });
  };
  if (Number(response.headers.get("content-length")) > maxBytes) throw tooLong();
  if (!response.body) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLong();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

const LONG_INTEGER = /\d{16}/;

/**
 * JSON whose integers of 16 and more digits become strings: as numbers they would lose their last digits, and they are ids.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text);
  const keepDigits = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && context?.source && /^-?\d{16,}$/.test(context.source) ? context.source : value;
  return JSON.parse(text, keepDigits); // V8 passes the source text as the third argument; TypeScript's library does not know yet
}
