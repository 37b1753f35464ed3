import type { CredentialPart, Template } from "../model/vendor.ts";
import { literal, propertyKey, templateText } from "./literal.ts";

/** Templates of the YAML as TypeScript. */

/** `https://${platform}-api.example.com` */
export function printTemplate(template: Template): string {
  return printParts(template, partText);
}

/** An address whose credentials behind the host are escaped: they are free text there. */
export function printAddress(template: Template): string {
  let isHost = true;
  return printParts(template, (part, before) => {
    isHost &&= !/[/?#]/.test(before.replace("https://", ""));
    const text = partText(part);
    return isHost ? text : `encodeURIComponent(${text})`;
  });
}

function printParts(template: Template, print: (part: Exclude<Template[number], string>, before: string) => string) {
  if (template.every((part) => typeof part === "string")) return literal(template.join(""));
  const [only] = template;
  if (template.length === 1 && typeof only === "object") return print(only, "");
  let before = "";
  const texts = template.map((part) => {
    if (typeof part === "object") return `\${${print(part, before)}}`;
    before += part;
    return templateText(part);
  });
  return `\`${texts.join("")}\``;
}

const partText = (part: Exclude<Template[number], string>): string => {
  if ("discovered" in part) return part.discovered;
  const { credential, host, orItself } = part;
  if (!host) return credential;
  return `${hostsName(credential)}[${credential}]${orItself ? ` ?? ${credential}` : ""}`;
};

export const hostsName = (credential: string): string => `${credential}Hosts`;

/** Credentials that may be empty where this stands: without them there is no text. */
const emptiesOf = (template: Template): string[] =>
  template.length === 1
    ? []
    : template
        .filter((part): part is CredentialPart => typeof part === "object" && "optional" in part)
        .map(({ credential }) => credential);

/** `tenant === undefined ? undefined : …` around a text that cannot do without it. */
export function unlessEmpty(template: Template, text: string): string {
  const names = emptiesOf(template);
  return names.length === 0
    ? text
    : `${names.map((name) => `${name} === undefined`).join(" || ")} ? undefined : ${text}`;
}

/** The discovered values of a template as parameters of a function: `({ zone }) => …`. */
export function printOfDiscovered(template: Template, text: string): string {
  const names = template.flatMap((part) => (typeof part === "object" && "discovered" in part ? [part.discovered] : []));
  const distinct = [...new Set(names)].map(propertyKey);
  return `(${distinct.length > 0 ? `{ ${distinct.join(", ")} }` : ""}) => ${text}`;
}
