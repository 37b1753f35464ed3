import { ADVICE, ToolError } from "./errors.ts";

/**
 * The text of an answer, read only as far as it may be long.
 * @throws ToolError VENDOR_UNEXPECTED when it is longer
 */
export async function readText(
  { headers, body }: Response,
  { maxBytes, vendor }: { maxBytes: number; vendor: string },
): Promise<string> {
  if (!body) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = Number(headers.get("content-length")) > maxBytes ? Number.POSITIVE_INFINITY : 0;
  while (bytes <= maxBytes) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
    bytes += value.byteLength;
  }
  reader.cancel().catch(() => {}); // not waited for: the connection closes when it can
  throw new ToolError("VENDOR_UNEXPECTED", `${vendor} answered with more than ${maxBytes} bytes.`, {
    advice: ADVICE.TOO_LARGE,
  });
}

const LONG_INTEGER = /\d{16}/;

/** No vendor nests deeper; what does would overflow the stack of whatever goes through it. */
const MAX_DEPTH = 100;

/**
 * JSON whose integers of 16 and more digits become strings: as numbers they would lose their last digits, and they are ids.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  const value = parseExactly(text);
  if (isDeeper(value, MAX_DEPTH)) throw new SyntaxError(`Nested deeper than ${MAX_DEPTH} levels.`);
  return value;
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1)));

function parseExactly(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text);
  const keepDigits = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && context?.source && /^-?\d{16,}$/.test(context.source) ? context.source : value;
  return JSON.parse(text, keepDigits); // V8 passes the source text as the third argument; TypeScript's library does not know yet
}
