import { ToolError, type Vendor } from "../../runtime/index.ts";
import type { House } from "./client.ts";

/** Servers that a person named and the operator does not admit, by field. Names alone are looked at; the guard sees addresses. */
export function refusedHosts(
  { config }: Pick<House, "config">,
  { credentials }: Pick<Vendor, "credentials">,
  values: object,
): string[] {
  const admitted = config.vendorHosts ?? ["*"];
  return credentials.fields
    .filter(({ kind }) => kind === "host")
    .filter(({ name }) => {
      const host = (values as Record<string, unknown>)[name];
      return typeof host === "string" && !admitted.some((pattern) => fits(host, pattern));
    })
    .map(({ name }) => name);
}

/** `*.acme.example` is every name below it, `*` every name; another port than the usual one must be named. */
function fits(host: string, pattern: string): boolean {
  const [name = "", port] = host.split(":");
  const [wanted = "", wantedPort] = pattern.split(":");
  if (port !== wantedPort) return false;
  return wanted === "*" || name === wanted || (wanted.startsWith("*.") && name.endsWith(wanted.slice(1)));
}

/** @throws ToolError when the operator stopped admitting this server after it was connected */
export function refuseHosts(house: Pick<House, "config">, vendor: Vendor, values: unknown): void {
  if (refusedHosts(house, vendor, values as object).length > 0)
    throw new ToolError(
      "VENDOR_FORBIDDEN",
      `This gateway does not admit the server of this ${vendor.title} connection.`,
      {
        advice: "Tell the operator of this gateway, who decides which servers are admitted.",
      },
    );
}
