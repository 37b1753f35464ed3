import type { Vendor } from "../../runtime/index.ts";
import { type Connection, isShared } from "../connections/connections.ts";
import type { Pending } from "../oauth/interactions.ts";
import { accountField } from "./consent-form.ts";
import type { Views } from "./views.ts";
import { initials, tileOf } from "./words.ts";

/** The consent page's texts: who asks, where the answer goes, on whose behalf, and what for. */
export function consentView(
  { uid, client, redirect, scopes, orgName, writesEnabled, resource }: Pending,
  vendors: readonly Vendor[],
  connections: readonly Connection[],
  { email }: { email: string },
): Views["consent"] {
  const several = vendors.length > 1;
  return {
    action: `/interaction/${uid}/consent`,
    cancel: `/interaction/${uid}/abort`,
    switchAccount: `/interaction/${uid}/switch`,
    client: { name: client.name, initials: initials(client.name), host: client.host },
    what: several ? "your vendors" : (vendors[0]?.title ?? resource.title),
    initials: several ? String(vendors.length) : initials(vendors[0]?.title ?? resource.title),
    redirect: redirect.privateScheme ? `an app on this device (${redirect.host})` : redirect.host,
    loopback: redirect.loopback,
    organisation: orgName ?? "",
    email,
    // Of several vendors each is a short group; what holds for all is said once.
    note: several
      ? `Untick what the app need not use. ${writesNote(writesEnabled ?? false)} More vendors can be connected in settings at any time.`
      : undefined,
    vendors: vendors.map((vendor) => ({
      ...tileOf(vendor),
      heading: several ? vendor.title : "It will be able to",
      several,
      ...accountsOf(vendor, connections),
      scopes: scopes
        .filter((scope) => scope.vendor === vendor.slug)
        .map(({ scope, words, access, optional, ticked }) => ({
          scope,
          words: several ? SHORT[access] : words,
          optional,
          ticked,
          note: noteOf(access, writesEnabled ?? false, several),
        })),
    })),
    steps: stepsAt("consent"),
  };
}

/** The one account is told, of several one is picked. */
function accountsOf(vendor: Vendor, connections: readonly Connection[]) {
  const own = connections.filter((connection) => connection.vendor === vendor.slug && connection.status === "active");
  const chosen = own.find((one) => !isShared(one)) ?? own[0];
  if (own.length < 2)
    return { account: chosen && nameOf(chosen), named: chosen !== undefined && chosen.label !== vendor.title };
  return { field: accountField(vendor.slug), accounts: own.map((one) => accountOf(vendor, one, one === chosen)) };
}

const nameOf = (connection: Connection) => `${connection.label}${isShared(connection) ? " (shared)" : ""}`;

type Access = Pending["scopes"][number]["access"];

const SHORT: Record<Access, string> = { read: "See what you can see", write: "Change things", reveal: "Show secrets" };

function noteOf(access: Access, writesEnabled: boolean, several: boolean): string | undefined {
  if (access === "reveal") return "Tick this only if you want passwords to reach the assistant.";
  if (several) return undefined;
  return access === "read" ? "Always included." : writesNote(writesEnabled);
}

const writesNote = (writesEnabled: boolean) =>
  writesEnabled
    ? "Each change is recorded with your name. Untick it to let the app read only."
    : "Changes have no effect yet: your organisation is read-only until an owner or administrator switches them on in settings.";

function accountOf({ credentials }: Vendor, connection: Connection, selected: boolean) {
  const { id, label, fields } = connection;
  // Of a shared account only what it is called: its fields are for who looks after it.
  if (isShared(connection)) return { id, label, detail: "Shared by the organisation", selected };
  const open: Record<string, string> = JSON.parse(fields);
  const shown = credentials.fields.flatMap(({ name, title }) => (open[name] ? [`${title}: ${open[name]}`] : []));
  return { id, label, detail: shown.join(" · ") || undefined, selected };
}

export const stepsAt = (prompt: Pending["prompt"]) => [
  { label: "Sign in", current: prompt === "login" || prompt === "context" },
  { label: "Connect", current: prompt === "connect" },
  { label: "Allow", current: prompt === "consent" },
];
