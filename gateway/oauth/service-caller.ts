import type { Caller } from "../calls/caller.ts";
import { findArtifact } from "../database/artifacts.ts";
import { tokenHash } from "../database/ids.ts";
import { toolsOffOf } from "../database/policies.ts";
import { findService, serviceConnections, touchService } from "../database/service-clients.ts";
import { agentTypeOf } from "./agent-type.ts";
import { rightsOf } from "./org-scopes.ts";
import { NOTED_EVERY_MS } from "./person-caller.ts";
import { ALL_VENDORS, vendorOfScope } from "./resources.ts";
import type { TokenHolder } from "./verifier.ts";

/** A program of an organisation, by a token it got for its own secret (client credentials). */
export async function serviceCaller({ oauth }: TokenHolder, token: string): Promise<Caller | undefined> {
  const now = oauth.now();
  const artifact = await findArtifact(oauth.db, "ClientCredentials", tokenHash(token));
  if (!artifact || (artifact.expires_at ?? 0) <= now) return undefined;
  const { clientId, aud, scope, exp } = JSON.parse(artifact.payload) as Payload;
  const service = await findService(oauth.db, clientId, now);
  const resource = oauth.resources.byUrl(aud ?? "");
  if (!service || !resource) return undefined;
  if (now - (service.last_used_at ?? 0) >= NOTED_EVERY_MS) await touchService(oauth.db, service.id, now);
  const given = await serviceConnections(oauth.db, service);
  const here = given.filter(({ vendor }) => resource.vendor === ALL_VENDORS || vendor === resource.vendor);
  const reach = new Map(here.map(({ vendor, connection }) => [vendor, connection ?? undefined]));
  const granted = service.scopes.split(" ");
  const asked = scope === undefined ? granted : scope.split(" ").filter((name) => granted.includes(name));
  return {
    userId: service.id,
    actorType: "service",
    orgId: service.org_id,
    orgName: service.org_name,
    home: service.org_region,
    role: service.role,
    rights: rightsOf(granted, service.role),
    clientId: service.id,
    clientName: service.name,
    agentType: agentTypeOf(service.id),
    grantId: service.id,
    scopes: new Set(asked.filter((name) => reach.has(vendorOfScope(name)))),
    audience: resource.audience,
    reach,
    limited: false,
    expiresAt: exp * 1000,
    at: now,
    policy: await oauth.policies.of(service.org_id, service.policy_version),
    toolsOff: toolsOffOf(service),
  };
}

interface Payload {
  readonly clientId: string;
  readonly aud?: string;
  readonly scope?: string;
  readonly exp: number;
}
