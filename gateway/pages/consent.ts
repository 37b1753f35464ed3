import type { Vendor } from "../../runtime/index.ts";
import type { Connection } from "../connections/connections.ts";
import type { Pending } from "../oauth/interactions.ts";
import type { Views } from "./views.ts";
import { initials, tileOf } from "./words.ts";

/** The consent page's texts: who asks, where the answer goes, on whose behalf, and what for. */
export function consentView(
  { uid, client, redirect, scopes, orgName, writesEnabled }: Pending,
  vendor: Vendor,
  connections: readonly Connection[],
  { email }: { email: string },
): Views["consent"] {
  const chosen = connections.find(({ status }) => status === "active") ?? connections[0];
  return {
    action: `/interaction/${uid}/consent`,
    cancel: `/interaction/${uid}/abort`,
    switchAccount: `/interaction/${uid}/switch`,
    client: { name: client.name, initials: initials(client.name), host: client.host },
    vendor: tileOf(vendor),
    redirect: redirect.privateScheme ? `an app on this device (${redirect.host})` : redirect.host,
    loopback: redirect.loopback,
    organisation: orgName ?? "",
    email,
    account: connections.length === 1 ? chosen?.label : undefined,
    accounts: connections.length > 1 ? connections.map((one) => accountOf(vendor, one, one === chosen)) : undefined,
    scopes: scopes.map(({ scope, words, access, optional, ticked }) => ({
      scope,
      words,
      optional,
      ticked,
      note: noteOf(access, writesEnabled ?? false),
    })),
    steps: stepsAt("consent"),
  };
}

function noteOf(access: Pending["scopes"][number]["access"], writesEnabled: boolean): string | undefined {
  if (access === "read") return "Always included.";
  if (access === "reveal") return "Tick this only if you want passwords to reach the assistant.";
  return writesEnabled
    ? "Each change is recorded with your name. Untick it to let the app read only."
    : "Has no effect yet: your organisation is read-only until you switch changes on in settings.";
}

function accountOf({ credentials }: Vendor, { id, label, fields, status }: Connection, selected: boolean) {
  const open: Record<string, string> = JSON.parse(fields);
  const shown = credentials.fields.flatMap(({ name, title }) => (open[name] ? [`${title}: ${open[name]}`] : []));
  const detail = [...shown, ...(status === "error" ? ["the vendor refuses these keys"] : [])].join(" · ");
  return { id, label, detail: detail || undefined, selected };
}

export const stepsAt = (prompt: Pending["prompt"]) => [
  { label: "Sign in", current: prompt === "login" },
  { label: "Connect", current: prompt === "connect" },
  { label: "Allow", current: prompt === "consent" },
];
