import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { line, readForm, several } from "./form.ts";

const PREFIX = "account.";

/** Name of the form's field for the account to use at a vendor. */
export const accountField = (vendor: string) => `${PREFIX}${vendor}`;

/** What was ticked, and the account that was picked for each vendor that has several. */
export function readConsent(request: FastifyRequest): { scopes: string[]; connections: Record<string, string> } {
  const form = readForm(request, z.looseObject({ scope: several }));
  const connections = Object.entries(form)
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name, value]) => [name.slice(PREFIX.length), line.parse(value)]);
  return { scopes: form.scope, connections: Object.fromEntries(connections) };
}
