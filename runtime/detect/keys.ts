import { type Detector, type Finding, matches } from "./detector.ts";

/**
 * Keys and tokens whose makers gave them a shape, which people paste where they do not belong: notes, script output, descriptions.
 * Each shape reads a text in one pass, whatever the text: its repetitions are bounded or cannot begin inside one another.
 */
const SHAPES = [
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  /\bPuTTY-User-Key-File-\d[\s\S]*?(?:Private-MAC: [0-9a-f]{40,64}|$)/g,
  /\bAGE-SECRET-KEY-1[A-Z0-9]{58}\b/g,
  /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g,
  /\bgh[pousr]_[A-Za-z0-9]{36,255}\b/g,
  /\bgithub_pat_[A-Za-z0-9_]{22,255}\b/g,
  /\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_-]{20,}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\bxapp-\d-[A-Za-z0-9-]{20,}/g,
  /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}\b/g,
  /\bwhsec_[A-Za-z0-9+/]{24,}=*/g,
  /\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}/g,
  /\bAIza[A-Za-z0-9_-]{35}\b/g,
  /\bGOCSPX-[A-Za-z0-9_-]{20,}/g,
  /\bya29\.[A-Za-z0-9_-]{20,}/g,
  /\b(?:npm|hf)_[A-Za-z0-9]{34,40}\b/g,
  /\bpypi-AgE[A-Za-z0-9_-]{50,}/g,
  /\bdo[opr]_v1_[a-f0-9]{64}\b/g,
  /\bdckr_pat_[A-Za-z0-9_-]{20,}/g,
  /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b/g,
  /\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}/g,
  /\bxkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}\b/g,
  /\bhv[sb]\.[A-Za-z0-9_-]{24,}/g,
  /\bgl(?:sa|c)_[A-Za-z0-9]{32,}(?:_[a-f0-9]{8})?\b/g,
  /\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}\b/g,
  /\btskey-[a-z]{2,10}-[A-Za-z0-9-]{16,}/g,
  /\b[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}/g,
  /(?<=\bAccountKey=)[A-Za-z0-9+/]{60,100}={0,2}/g,
  /(?<=[?&]sig=)[A-Za-z0-9%+/]{30,100}={0,2}/g,
  /(?<=\bhooks\.slack\.com\/services\/)[A-Z0-9]{8,14}\/[A-Z0-9]{8,14}\/[A-Za-z0-9]{20,30}/g,
  /(?<=\.webhook\.office\.com\/webhookb2\/)[A-Za-z0-9@/-]{60,300}/g,
  /(?<=\bdiscord(?:app)?\.com\/api\/webhooks\/\d{15,22}\/)[A-Za-z0-9_-]{50,90}/g,
  /(?<=\botpauth:\/\/[^\s?]{1,200}\?(?:[a-z]{1,20}=[^\s&]{0,100}&){0,4}secret=)[A-Z2-7]{16,128}/gi,
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g,
  /(?<=\b(?:[Bb]earer|[Bb]asic) )[A-Za-z0-9._~+/-]{20,}=*/g,
];
/** What every shape above has of its own, so that most texts are read once and not thirty times. */
const MAYBE =
  /-----BEGIN|PuTTY-|AGE-SECRET|AKIA|ASIA|ABIA|ACCA|gh[pousr]_|github_pat_|gl[a-z]{1,4}[-_]|xox|xapp-|k_live_|k_test_|whsec_|sk-|AIza|GOCSPX|ya29|npm_|hf_|pypi-|_v1_|dckr_|shp|SG\.|xkeysib|hv[sb]\.|PMAK|tskey|Q~|AccountKey|sig=|hooks\.slack|webhook|otpauth|eyJ|earer |asic /i;

/** BitLocker: eight groups of six digits, each a multiple of 11. */
const BITLOCKER = /(?<![\d-])\d{6}(?:-\d{6}){7}(?![\d-])/g;
const ofEleven = (key: string) =>
  key.split("-").every((group) => Number(group) % 11 === 0 && Number(group) / 11 < 65_536) && /[1-9]/.test(key);

/** A product key as Windows and Office have: five groups of five, of letters and digits that cannot be mistaken. */
const PRODUCT_KEY = /(?<![A-Z0-9-])[BCDFGHJKMNPQRTVWXY2346789]{5}(?:-[BCDFGHJKMNPQRTVWXY2346789]{5}){4}(?![A-Z0-9-])/g;

/** Times and ids, which most long words of an answer are. */
const NO_KEY =
  /^(?:\d{4}-\d\d-\d\dT[\d:.]{5,20}(?:Z|[+-]\d\d:?\d\d)?|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

export const keys: Detector = {
  dataClass: "secret",
  mayHold: (text) => text.length >= 16 && (/[^\s]{16}/.test(text) || text.includes("-----BEGIN")) && !NO_KEY.test(text),
  find(text) {
    const findings: Finding[] = [];
    if (MAYBE.test(text)) for (const shape of SHAPES) findings.push(...matches(text, shape, "[secret]"));
    if (text.includes("-")) {
      findings.push(...matches(text, BITLOCKER, "[secret]", ofEleven));
      findings.push(...matches(text, PRODUCT_KEY, "[secret]", (key) => /\d/.test(key) && /[A-Z]/.test(key)));
    }
    return findings;
  },
};
