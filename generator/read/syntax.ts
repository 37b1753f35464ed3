import type { YAMLParseError } from "yaml";

type Complaint = { readonly message: string; readonly hint?: string };

const LAYOUT = "begin the line at the same column as its neighbours, and put a text with a colon in it between quotes";

/** The usual mistakes, in words of someone who edits YAML. */
const known: Partial<Record<YAMLParseError["code"], Complaint>> = {
  TAB_AS_INDENT: { message: "a tab in the indentation", hint: "use spaces" },
  BLOCK_AS_IMPLICIT_KEY: { message: "does not line up, or a text with a colon in it", hint: LAYOUT },
  MULTILINE_IMPLICIT_KEY: { message: "does not line up, or a text with a colon in it", hint: LAYOUT },
  DUPLICATE_KEY: { message: "this key is there twice", hint: "keep one" },
};

export const syntaxComplaint = ({ code, message }: YAMLParseError): Complaint =>
  known[code] ?? { message: message.replace(/^Invalid/, "invalid") };

/** One mistake of layout makes a row of errors after it, so only the first counts; a tab is the cause wherever it is. */
export function causesOf(errors: readonly YAMLParseError[]): readonly YAMLParseError[] {
  const broken = errors.filter(({ code }) => code !== "DUPLICATE_KEY");
  if (broken.length === 0) return errors;
  const tabs = broken.filter(({ code }) => code === "TAB_AS_INDENT");
  return tabs.length > 0 ? tabs : [...broken].sort((a, b) => a.pos[0] - b.pos[0]).slice(0, 1);
}
