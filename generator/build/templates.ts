import type { Template } from "../model/vendor.ts";
import type { VendorYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import type { Context } from "./context.ts";

/** What may stand in a template. */
export interface Rules {
  /** The text is seen by others, as an address is: no secrets. */
  readonly open?: boolean;
  /** What holds an empty credential is left out as a whole. */
  readonly mayBeEmpty?: boolean;
  /** Optional credentials that are known to be given here. */
  readonly given?: readonly string[];
  /** `{discovered.name}` is allowed. */
  readonly discovered?: boolean;
}

/**
 * `https://{platform}-api.example.com` with its credentials named; `{region.host}` is what `hosts` says for a value, and
 * `{discovered.zone}` what the vendor said.
 */
export function buildTemplate(text: string, at: Path, context: Context, rules: Rules = {}): Template {
  return text
    .split(/(\{[^}]*\})/)
    .filter((part) => part !== "")
    .map((part) => {
      const inside = /^\{([^}]*)\}$/.exec(part)?.[1];
      if (inside === undefined) return part;
      const discovered = /^discovered\.(.*)$/.exec(inside)?.[1];
      return discovered === undefined
        ? credentialPart(inside, at, context, rules)
        : discoveredPart(discovered, at, context, rules);
    });
}

function credentialPart(inside: string, at: Path, context: Context, rules: Rules): Template[number] {
  const { credentials, hosts = {} } = context.source.yaml;
  const fields = fieldsOf(credentials);
  const [, name = "", host] = /^([^.]*)(\.host)?$/.exec(inside) ?? [undefined, inside];
  const field = fields[name];
  if (!field) context.unknown(at, name, "a credential", Object.keys(fields));
  if (host && !Object.hasOwn(hosts, name))
    context.problem(at, `{${name}.host} needs hosts: { ${name}: { value: host } }`);
  if (field?.secret && rules.open)
    context.problem(at, `{${name}} is a secret, and this is seen by others`, "secrets go into headers and bodies");
  if (isOptional(field) && !rules.mayBeEmpty && !rules.given?.includes(name))
    context.problem(at, `{${name}} may be left empty`, "make it required, or give it a default");
  return {
    credential: name,
    host: host !== undefined,
    ...(host && field?.kind === "host" && { orItself: true }),
    ...(isOptional(field) && !rules.given?.includes(name) && { optional: true }),
  };
}

const isOptional = (field: VendorYaml["credentials"][string] | undefined) =>
  field?.optional === true && field.default === undefined;

function discoveredPart(name: string, at: Path, context: Context, rules: Rules): Template[number] {
  const known = Object.keys(context.source.yaml.discover?.take ?? {});
  if (!rules.discovered) context.problem(at, `{discovered.${name}} is for baseUrl and limits.database only`);
  else if (!known.includes(name)) context.unknown(at, name, "something that discover takes", known);
  return { discovered: name };
}

export const fieldsOf = ({ help: _, rights: __, ...fields }: VendorYaml["credentials"]) =>
  fields as Omit<VendorYaml["credentials"], "help" | "rights">;

/** Scheme and host of a template, as far as its first slash. Only https, and no credential that is free text in the host. */
export function originOf(template: Template, at: Path, context: Context): Template {
  const origin: (typeof template)[number][] = [];
  const { credentials } = context.source.yaml;
  const [scheme] = template;
  if (typeof scheme !== "string" || !scheme.startsWith("https://"))
    context.problem(at, "expected an address that begins with https://");
  for (const [index, part] of template.entries()) {
    if (typeof part === "object") {
      const field = "credential" in part ? fieldsOf(credentials)[part.credential] : undefined;
      if (field && !field.enum && !field.pattern && !field.match && field.kind !== "host") {
        context.problem(
          at,
          `{${"credential" in part && part.credential}} in a host needs an enum, a pattern, a match or kind: host`,
          "or anyone could send the keys anywhere",
        );
      }
      origin.push(part);
      continue;
    }
    const text = index === 0 ? part.slice("https://".length) : part;
    const slash = text.search(/[/?#]/);
    origin.push((index === 0 ? "https://" : "") + (slash < 0 ? text : text.slice(0, slash)));
    if (slash >= 0) break;
  }
  return origin;
}

/** Credentials that decide to which host requests go. */
export const inHosts = (origins: readonly Template[]): ReadonlySet<string> =>
  new Set(
    origins.flat().flatMap((part) => (typeof part === "object" && "credential" in part ? [part.credential] : [])),
  );
