import type { Template } from "../model/vendor.ts";
import type { VendorYaml } from "../read/schema.ts";
import type { Path } from "../read/vendors.ts";
import type { Context } from "./context.ts";

/** `https://{platform}-api.example.com` with its credentials named; `{region.host}` is what `hosts` says for a value. */
export function buildTemplate(text: string, at: Path, context: Context): Template {
  const { credentials, hosts = {} } = context.source.yaml;
  const fields = Object.keys(fieldsOf(credentials));
  return text
    .split(/(\{[^}]*\})/)
    .filter((part) => part !== "")
    .map((part) => {
      const [, name, host] = /^\{([^.}]*)(\.host)?\}$/.exec(part) ?? [];
      if (name === undefined) return part;
      if (!fields.includes(name)) context.unknown(at, name, "a credential", fields);
      if (host && !Object.hasOwn(hosts, name))
        context.problem(at, `{${name}.host} needs hosts: { ${name}: { value: host } }`);
      return { credential: name, host: host !== undefined };
    });
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
    const text = typeof part === "string" ? (index === 0 ? part.slice("https://".length) : part) : undefined;
    if (text === undefined && typeof part === "object") {
      const field = fieldsOf(credentials)[part.credential];
      if (field && !field.enum && !field.pattern) {
        context.problem(
          at,
          `{${part.credential}} in a host needs an enum or a pattern`,
          "or anyone could send the keys anywhere",
        );
      }
      origin.push(part);
      continue;
    }
    const slash = text!.indexOf("/");
    origin.push((index === 0 ? "https://" : "") + (slash < 0 ? text! : text!.slice(0, slash)));
    if (slash >= 0) break;
  }
  return origin;
}
