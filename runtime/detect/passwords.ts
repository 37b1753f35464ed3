import { type Detector, type Finding, matches } from "./detector.ts";

/** Names that a secret is given after, and how sure they make us. `strong` ones take what any person would choose. */
const STRONG =
  "pass ?word|passwd|pass ?phrase|pass ?code|pwd|kennwort|passwort|wachtwoord|mot de passe|contraseña|contrasena|senha|geslo|heslo";
const WEAK =
  "(?:client|app|application|shared|consumer)[_ -]?secret|(?:api|access|secret|private|auth|encryption|license|account|wpa|wi-?fi|master|recovery)[_ -]?key|(?:access|auth|api|bearer|refresh|session)[_ -]?token|pre-?shared key|psk|snmp community(?: string)?|community string|totp(?: seed| secret)?|otp secret";
/** What the password is of: ` for the NAS`, ` (temp)`. */
const OF = "(?:\\s\\([a-z ]{1,20}\\))?(?:\\s(?:for|of|on|zu|für|pour|voor)\\s[^\\n.:;=]{1,40}?)?";
/** `: `, ` = `, `":"`, ` => `, ` is `, ` was changed to `. */
const JOINT =
  "[\"'`\\]*]{0,3}(?:\\s{0,2}(?::=|=>|[:=])\\s{0,3}|\\s(?:(?:is|was|has been)(?: now| changed to| reset to| set to)?|to|now|(?:set|changed|reset) to|ist|lautet|est)(?:\\s?:)?\\s)";
const VALUE = "[\"'`(*]{0,2}(?<value>[^\\s\"'`<>,;|]{4,128})";

/** Every name above has one of these. */
const NAMED = /pass|pw|kennwort|wachtwoord|contrase|senha|geslo|heslo|secret|key|token|psk|community|totp|creds/i;
/** A name and a value are two words. */
const SEPARATED = /[\s:=]/;
const MAYBE =
  /pass|pw|kennwort|wachtwoord|contrase|senha|geslo|heslo|secret|key|token|psk|community|totp|pin|code|login|logon|cred|user|account|admin|set |changed |:\/\/|curl|net use/i;

const ASSIGNED = new RegExp(`(?<name>${STRONG}|${WEAK}|\\b(?:pass|pw|token|secret|creds))${OF}${JOINT}${VALUE}`, "gi");
/** With nothing between, it has to look like one all the more. */
const BEHIND = /\b(?:password|passwort|wachtwoord|pwd|pw)\s["'`]?(?<value>[^\s"'`<>,;|]{8,64})/gi;
const RESET =
  /\b(?:reset|changed|set)(?: it| this| that| his| hers?| theirs?)? to\s["'`]?(?<value>[^\s"'`<>,;|]{8,64})/gi;
const USED =
  /\buse\s["'`]?(?<value>[^\s"'`<>,;|]{8,64})(?=["'`]? as (?:the |a |your )?(?:temporary |temp |new )?password)/gi;
const PIN =
  /\b(?:(?:pin|passcode|pass code)(?: code)?(?:\s?[:=#]\s{0,2}|\s(?:is|to)\s)|(?:door|alarm|unlock|gate|voicemail) (?:code|pin)(?:\s?[:=#]\s{0,2}|\s(?:is|to)\s|\s))(?<value>\d{4,8})\b/gi;
const PAIR =
  /\b(?:(?:login|logon|creds?|credentials?)\s{0,2}[:=]\s{0,2}[^\s/|\\]{1,64}\s?[/|]\s?|(?:user(?:name)?|account|admin)\s{0,2}[:=]\s{0,2}[^\s/|]{1,64}\s[/|]\s)(?<value>[^\s"'<>,;/]{6,64})(?![/\w])/gi;
/** `scheme://user:password@host` */
const IN_ADDRESS = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/?#]{0,64}:(?<value>[^\s@/]{1,128})(?=@[a-z0-9[])/gi;
const ON_COMMAND_LINE = [
  /\bConvertTo-SecureString\s{1,3}(?:-String\s{1,3})?(?<value>"[^"\n]{1,128}"|'[^'\n]{1,128}')/gi,
  /(?<=\s)(?:--?|\/)(?:password|passwd|pass|pwd)[ =:]["']?(?<value>[^\s"'$<%][^\s"']{3,127})/gi,
  /\bcurl\s[^\n]{0,200}?-u\s{1,3}["']?[^\s:"']{1,64}:(?<value>[^\s"']{1,128})/g,
  /\bnet use\s[^\n]{0,120}?\/user:\S{1,80}\s(?<value>[^\s/][^\s]{3,127})/gi,
  /\bsshpass\s{1,3}-p\s{0,2}["']?(?<value>[^\s"']{4,128})/g,
];

/** What finds a secret, and what a text needs for it. */
const FINDERS: readonly {
  readonly needs: RegExp;
  readonly shape: RegExp;
  isMeant(value: string, match: RegExpExecArray): boolean;
}[] = [
  {
    needs: NAMED,
    shape: ASSIGNED,
    isMeant: (value, { groups, 0: whole }) => isChosen(groups?.["name"] ?? "", value, whole),
  },
  { needs: /pw|pass|wacht/i, shape: BEHIND, isMeant: (value) => looksChosen(bare(value)) && !isCode(bare(value)) },
  { needs: /set.{0,9} to |changed.{0,9} to /i, shape: RESET, isMeant: (value) => isMixed(bare(value)) },
  { needs: /use .{8,80} as .{0,20}passw/i, shape: USED, isMeant: (value) => looksChosen(bare(value)) },
  { needs: /pin|code/i, shape: PIN, isMeant: (value) => !/^(?:19|20)\d\d$/.test(value) },
  { needs: /[/|]/, shape: PAIR, isMeant: (value) => looksChosen(bare(value)) },
  { needs: /:\/\/[^\s]{0,200}@/, shape: IN_ADDRESS, isMeant: isNoBlank },
  ...ON_COMMAND_LINE.map((shape) => ({
    needs: /securestring|pass|pwd|curl|net use/i,
    shape,
    isMeant: (value: string) => isNoBlank(value.replace(/["']/g, "")),
  })),
];

export const passwords: Detector = {
  dataClass: "secret",
  mayHold: (text) => SEPARATED.test(text) && MAYBE.test(text),
  names:
    /pass|pwd|pw\b|kennwort|wachtwoord|contrase|senha|geslo|heslo|secret|key|token|psk|community|totp|otp|pin\b|creds|code/,
  find: (text): Finding[] =>
    FINDERS.flatMap(({ needs, shape, isMeant }) => (needs.test(text) ? matches(text, shape, "[secret]", isMeant) : [])),
};

const isStrong = new RegExp(`^(?:${STRONG}|pass|pw|creds)$`, "i");

function isChosen(name: string, value: string, whole: string): boolean {
  const text = bare(value);
  if (!isNoBlank(text) || isPlain(text)) return false;
  if (/community/i.test(name)) return text.length >= 5 && !SAID.test(text);
  if (!isStrong.test(name)) return isRandom(text) || (text.length >= 8 && looksChosen(text));
  const isConfigured = whole[whole.length - value.length - 1] !== " " || /["'`]/.test(whole.slice(name.length)); // password=x, "password": "x"
  return looksChosen(text) || (isConfigured && text.length >= 6 && !/[()\\/]/.test(text) && !SAID.test(text));
}

/** Without what a sentence puts behind it. */
const bare = (value: string) => value.replace(/[.):\]}*]+$/, "");

/** Places where a secret would stand: `${PASSWORD}`, `%PW%`, `<password>`, `****`, `[secret]`, `$env:PW`. */
function isNoBlank(value: string): boolean {
  return value.length > 0 && !/^(?:[$%<[{(@]|\*{2,}|x{3,}$|\.{3}|\\?\$)|^(.)\1*$|[([{]/i.test(value);
}

/** Numbers, dates, times, versions, addresses, paths and e-mail addresses. */
const isPlain = (value: string) =>
  /^[\d.,:/-]+$|^(?:https?|ftp|file|ldaps?):|^[a-z]:\\|^[/~.\\]|^\d{4}-\d\d-\d\dT|@[\w-]+\.[a-z]{2,}$|^\d+(?:s|m|h|d|ms|mb|gb|kb|min|days?|hours?|chars?)$/i.test(
    value,
  ) || /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value);

/** What is said of a password, and is none. */
const SAID =
  /^(?:true|false|yes|no|none|null|nil|undefined|empty|blank|never|enabled|disabled|required|optional|expired|expires|unknown|changed|reset|set|not|must|should|hidden|redacted|removed|masked|encrypted|hashed|stored|string|text|password|passwort|secret|default|valid|invalid|incorrect|wrong|correct|missing|same|prompt|ask|see|n\/a|tbd|todo|pending|basic|bearer|weak|strong|securestring|public|private|varchar\w*|char\w*)$/i;

/** Letters with a digit or sign among them, as people choose passwords; `Wi-Fi` and `single-sign-on` are words. */
function looksChosen(text: string): boolean {
  if (text.length < 6 || SAID.test(text) || isPlain(text)) return false;
  const hasSign = /[!@#$%^&*+=?~§€£]/.test(text.slice(0, -1)) || /[!$#%&]$/.test(text);
  return /[a-z]/i.test(text) ? /\d/.test(text) || (hasSign && text.length >= 8) : hasSign && /\d/.test(text);
}

/** `KB5034441`, `T-2026`: what tickets, patches and models are called. */
const isCode = (text: string) => /^[a-z]{1,5}[-_.]?\d+(?:[-_.]\d+)*$/i.test(text);

/** Capitals, small letters, digits and signs: no other word after `reset to` looks like that. */
const isMixed = (text: string) =>
  /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text) && /[!@#$%^&*+=?~§€£]/.test(text);

/** Sixteen or more characters of a key, not of words: letters and digits mixed, and few of them twice in a row. */
const isRandom = (text: string) =>
  text.length >= 16 && /\d/.test(text) && /[a-z]/i.test(text) && new Set(text).size >= Math.min(10, text.length / 2);
