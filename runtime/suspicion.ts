import { DETECTORS } from "./detect/detectors.ts";
import { hidesCharacters } from "./text.ts";
import type { Tool } from "./tool.ts";

/** What an argument looks like: data on its way out, or words meant for a model. */
export interface Suspicion {
  readonly kind: "exfiltration" | "injection";
  /** The name of the argument; its text is never told. */
  readonly argument: string;
  readonly mark: Mark;
}

export type Mark = (typeof EXFILTRATION)[number][0] | (typeof INJECTION)[number][0] | "foreign_address";

interface Known {
  /** Domains that the organisation calls its own; without any, no address counts as foreign. */
  readonly ownDomains?: readonly string[];
}

/**
 * Arguments of a call, parsed already, that look like an exfiltration or an injection: each argument and mark once. What is done
 * about it is the organisation's to decide. Secret inputs are not looked at, they are meant to hold secrets.
 */
export function suspicionsIn(
  { access, secrets = [] }: Pick<Tool, "access" | "secrets">,
  args: Readonly<Record<string, unknown>>,
  { ownDomains = [] }: Known = {},
): Suspicion[] {
  const found = new Map<string, Suspicion>();
  const note = (suspicion: Suspicion) => found.set(`${suspicion.argument} ${suspicion.mark}`, suspicion);
  for (const [argument, value] of Object.entries(args)) {
    if (secrets.includes(argument) || argument === "cursor") continue;
    for (const text of textsIn(value)) {
      for (const [mark, isMarked] of EXFILTRATION) if (isMarked(text)) note({ kind: "exfiltration", argument, mark });
      for (const [mark, isMarked] of INJECTION) if (isMarked(text)) note({ kind: "injection", argument, mark });
      const mayBeForeign = access !== "read" && ownDomains.length > 0 && !ADDRESS_ARGUMENT.test(argument);
      if (mayBeForeign && hasForeignAddress(text, ownDomains))
        note({ kind: "exfiltration", argument, mark: "foreign_address" });
    }
  }
  return [...found.values()];
}

const MAX_DEPTH = 12;

/** Every text in a value, names in open objects included. */
function* textsIn(value: unknown, depth = 0): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null && depth < MAX_DEPTH)
    for (const [key, part] of Object.entries(value)) {
      if (!Array.isArray(value)) yield key;
      yield* textsIn(part, depth + 1);
    }
}

type Test = (text: string) => boolean;
const says =
  (...shapes: readonly RegExp[]): Test =>
  (text) =>
    shapes.some((shape) => shape.test(text));

/** Places that exist to catch what is sent to them, or to hand it on without a name. */
const CATCHER =
  /(?:^|[^\w.-])(?:[\w-]{1,63}\.){0,4}(?:webhook\.site|requestbin\.(?:com|net|io)|pipedream\.net|hookbin\.com|beeceptor\.com|requestcatcher\.com|ngrok(?:-free)?\.(?:io|app|dev)|interact\.sh|oastify\.com|oast\.(?:me|fun|live|pro|site|online)|burpcollaborator\.net|canarytokens\.(?:com|org)|dnslog\.cn|ptsv2\.com|ptsv3\.com|postb\.in|webhookrelay\.com|trycloudflare\.com|serveo\.net|localhost\.run|loca\.lt|pastebin\.com|termbin\.com|transfer\.sh|file\.io|0x0\.st|ix\.io|temp\.sh|hastebin\.com)(?![\w-])/i;

const LONG_HEX = /(?<![A-Za-z0-9])[0-9a-f]{160,}(?![A-Za-z0-9])/i;
const LONG_BASE64 = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{160,}={0,2}(?![A-Za-z0-9+/_=-])/g;
const isEncoded = (run: string) => /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run);

/** Numbers of people and their money: rarely what a ticket needs. */
const PEOPLES = ["cards", "iban", "nationalIds"] as const;

const EXFILTRATION = [
  ["secret", (text) => DETECTORS.keys.find(text).length > 0 || DETECTORS.passwords.find(text).length > 0],
  ["personal_id", (text) => PEOPLES.some((name) => DETECTORS[name].find(text).length > 0)],
  ["encoded", (text) => LONG_HEX.test(text) || (text.match(LONG_BASE64) ?? []).some(isEncoded)],
  ["data_url", says(/\bdata:[a-z]{1,20}\/[\w.+-]{1,60}[;,]/i)],
  [
    "image_link",
    says(
      /!\[[^\]\n]{0,200}\]\(\s{0,3}https?:\/\/[^\s)?]{1,300}\?[^\s)]/i,
      /<img\s[^>]{0,300}?src\s{0,3}=\s{0,3}["']?https?:\/\/[^\s"'>?]{1,300}\?/i,
    ),
  ],
  ["long_query", says(/\bhttps?:\/\/[^\s?#"'<>]{1,300}\?[^\s"'<>]{120}/i)],
  ["catcher", says(CATCHER)],
] as const satisfies readonly (readonly [string, Test])[];

/** Words to a model that tell it to drop what it was told, to act on its own, or to keep something from the person. */
const INSTRUCTIONS = [
  /\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier|preceding|all|your|these|the system|any)\b[^.\n]{0,30}\b(?:instructions?|prompts?|rules|guidelines|directions|messages|context|guardrails|safety|restrictions|policies)\b/i,
  /\b(?:forget|ignore|disregard) (?:everything|all)(?: that)? (?:above|before|you were told|you (?:have been|know)|i said)\b/i,
  /\byou are (?:now|no longer) (?:a|an|in|the|bound|acting|operating|restricted)\b/i,
  /\b(?:new|updated|additional|hidden|secret|special) (?:system )?(?:instructions?|prompt)(?: for (?:the )?(?:ai|assistant|model|agent|llm))?\s{0,2}[:\n]/i,
  /\b(?:reveal|print|show|repeat|output|leak|disclose|tell me)\b[^.\n]{0,30}\b(?:system prompt|your (?:instructions|prompt|rules|configuration)|initial prompt|hidden prompt)\b/i,
  /\b(?:do not|don't|never|without)\b[^.\n]{0,20}\b(?:tell|telling|inform|informing|mention|mentioning|ask|asking|alert|alerting|notify|notifying|show|showing)\b[^.\n]{0,20}\bthe (?:user|human|person|operator|technician)\b(?! ?(?:profile|list|name|account|menu|interface|tile|picture|folder))/i,
  /\b(?:dear |attention |note to |message to |for |hey |hi |hello )?(?:ai|llm|language model|chatbot|ai assistant|ai agent|ai model)s?(?:s reading this| reading this| assistant| agent| model)?\s?[,:]\s{0,2}(?:please |you |now |immediately |ignore|when you |call|send|use|fetch|run|delete|forward)/i,
  /\b(?:assistant|ai|model|ai agent|llm)s? (?:must|should|shall|has to|need to|needs to|is (?:required|instructed) to)(?: now| also| immediately| first| always)? (?:ignore|call|use|run|execute|send|forward|fetch|read|delete|reveal|reply|respond|export|approve|disable|comply|include)\b/i,
  /\b(?:call|invoke|use|run|execute)\b[^.\n]{0,30}\b(?:tool|function)\b[^.\n]{0,60}\b(?:and|then|to)\b[^.\n]{0,30}\b(?:send|post|forward|upload|email|e-mail|delete|export|append|put)\b/i,
  /\b(?:enter|enable|activate|switch to)\b[^.\n]{0,20}\b(?:developer|dan|jailbreak|god|unrestricted|admin override|debug) mode\b[^.\n]{0,40}\b(?:assistant|ai|model|you|prompt|restrictions?|filters?)\b/i,
  /\bfrom now on,? (?:you |answer|respond|act|reply|behave)/i,
  /\b(?:ignoriere|vergiss|missachte)\b[^.\n]{0,40}\b(?:anweisungen|instruktionen|vorgaben|regeln|prompts?)\b/i,
  /\b(?:ignore[rz]?|oublie[rz]?)\b[^.\n]{0,40}\b(?:instructions|consignes|règles)\b[^.\n]{0,20}\b(?:pr[ée]c[ée]dentes|ci-dessus)/i,
  /\b(?:ignora|olvida|omite)\b[^.\n]{0,40}\b(?:instrucciones|reglas|indicaciones)\b/i,
  /\b(?:negeer|vergeet)\b[^.\n]{0,40}\b(?:instructies|regels|opdrachten)\b/i,
];

/** As chat formats mark who speaks. */
const ROLE_MARKER =
  /<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id|end_header_id)\|>|\[\/?INST\]|<<\/?SYS>>|<\/?(?:system|system_prompt|system-reminder|assistant|instructions?)>|^#{2,4} ?(?:system|assistant|instructions?)(?: (?:prompt|message))?:?\s*$|^(?:assistant|human): \S|^\[(?:system|assistant)\](?:\(#[a-z]+\))?\s?[:\n]/im;

/** As models call tools. */
const TOOL_CALL =
  /<\/?(?:tool_calls?|function_calls?|invoke|tool_use|function=|tool_result|antml)\b|"tool_calls"\s{0,3}:\s{0,3}\[|"method"\s{0,3}:\s{0,3}"tools\/call"|"(?:name|tool|function)"\s{0,3}:\s{0,3}"[a-z][a-z0-9]{1,15}_[a-z0-9_]{2,40}"\s{0,3},\s{0,3}"(?:arguments|args|input|parameters)"\s{0,3}:\s{0,3}[{"]/i;

const INJECTION = [
  ["instructions", says(...INSTRUCTIONS)],
  ["role_marker", says(ROLE_MARKER)],
  ["tool_call", says(TOOL_CALL)],
  ["hidden_characters", hidesCharacters],
] as const satisfies readonly (readonly [string, Test])[];

/** Arguments that are an address by their nature. */
const ADDRESS_ARGUMENT = /(?:e-?mail|mail|url|uri|link|website|domain|host|address|^to$|^cc$|^bcc$|^from$)s?$/i;
const HOST =
  /(?:\bhttps?:\/\/(?:[^\s/@]{0,100}@)?|@)((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24})(?![\w.-]*@)/gi;

function hasForeignAddress(text: string, ownDomains: readonly string[]): boolean {
  const own = ownDomains.map((domain) => domain.toLowerCase());
  for (const [, host = ""] of text.matchAll(HOST)) {
    const name = host.toLowerCase();
    if (!own.some((domain) => name === domain || name.endsWith(`.${domain}`))) return true;
  }
  return false;
}
