import { type Adapter, errors, type Metadata, Provider } from "oidc-provider";
import * as rows from "../database/artifacts.ts";
import { tokenHash } from "../database/ids.ts";
import type { ArtifactRow } from "../database/schema.ts";
import { endGrant, noteReuse } from "./grants.ts";
import { registeredClients } from "./registered-clients.ts";
import type { AuthorizationServer } from "./server.ts";

/** Models whose id is what somebody presents: a token, a code or a cookie. */
const BEARERS = new Set([
  "AccessToken",
  "AuthorizationCode",
  "ClientCredentials",
  "Interaction",
  "RefreshToken",
  "Session",
]);

/**
 * How long a refresh token that was already used still works. Clients run several processes on one stored token;
 * without this the slower one would end the grant. A thief has the same time, so every such use is audited.
 */
const GRACE_SECONDS = 60;

type Server = Pick<AuthorizationServer, "db" | "box" | "now" | "audit"> & Partial<Pick<AuthorizationServer, "config">>;

/** What oidc-provider stores, without one value that would let a reader of the database in. */
export const adapterFor = (server: Server) => (model: string) =>
  model === "Client" ? registeredClients(server) : artifacts(model, server);

function artifacts(model: string, server: Server): Adapter {
  const { db, now } = server;
  const isBearer = BEARERS.has(model);
  const key = (id: string) => (isBearer ? tokenHash(id) : id);
  return {
    async upsert(id, payload, expiresIn) {
      await rows.putArtifact(db, {
        model,
        id_hash: key(id),
        grant_id: model === "Interaction" ? null : text(payload.grantId),
        uid: model === "Session" ? text(payload.uid) : null,
        user_id: text(payload.accountId),
        payload: JSON.stringify(onClock(isBearer ? withoutBearers(id, payload) : payload, aheadSeconds(now))),
        expires_at: expiresIn ? now() + expiresIn * 1000 : null,
      });
    },
    async find(id) {
      const row = await rows.findArtifact(db, model, key(id));
      return row && { ...read(row, now), ...(isBearer && withBearers(id, row)) };
    },
    async findByUid(uid) {
      const row = await rows.findArtifactByUid(db, model, uid);
      return row && read(row, now);
    },
    findByUserCode: async () => undefined,
    async consume(id) {
      const first = await rows.consumeArtifact(db, model, key(id), now());
      if (first) return;
      const grantId = text((await this.find(id))?.grantId);
      if (model === "RefreshToken" && grantId) await noteReuse(server, grantId);
      // Two exchanges of one code side by side: both found it unused, one of them lost the race.
      if (model === "AuthorizationCode") {
        if (grantId) await endGrant(server, grantId, { rule: "code-reused" });
        throw new errors.InvalidGrant("authorization code already consumed");
      }
    },
    async destroy(id) {
      if (model === "Grant") await endGrant(server, id, { rule: RULES[Provider.ctx?.oidc.route ?? ""] ?? "ended" });
      else await rows.deleteArtifact(db, model, key(id));
    },
    revokeByGrantId: (grantId) => rows.deleteArtifactsOfGrant(db, grantId),
  };
}

/** Why oidc-provider ends a grant, by the route on which it does. */
const RULES: Record<string, string> = {
  token: "token-reused",
  revocation: "revoked-by-client",
  end_session_confirm: "signed-out",
};

const text = (value: unknown) => (typeof value === "string" ? value : null);

function read({ model, payload, consumed_at }: ArtifactRow, now: () => number): Metadata {
  const inGrace = model === "RefreshToken" && now() - (consumed_at ?? 0) < GRACE_SECONDS * 1000;
  const consumed = consumed_at === null || inGrace ? undefined : Math.floor(consumed_at / 1000);
  return { ...onClock(JSON.parse(payload), -aheadSeconds(now)), ...(consumed !== undefined && { consumed }) };
}

/** Seconds since 1970. oidc-provider asks the machine for them; what is stored is on the clock that replicas share. */
const TIMES = ["iat", "exp", "loginTs", "authTime"] as const;

const aheadSeconds = (now: () => number) => Math.round((now() - Date.now()) / 1000);

function onClock(payload: Metadata, seconds: number): Metadata {
  if (seconds === 0) return payload;
  const moved = TIMES.flatMap((name) => (typeof payload[name] === "number" ? [[name, payload[name] + seconds]] : []));
  return { ...payload, ...Object.fromEntries(moved) };
}

/** An interaction also holds the browser session's cookie, and its own id inside the address to come back to. */
function withoutBearers(id: string, { jti: _jti, ...payload }: Metadata): Metadata {
  const { session, returnTo } = payload as { session?: { cookie?: string }; returnTo?: string };
  if (session) payload.session = { ...session, cookie: undefined };
  if (returnTo) payload.returnTo = returnTo.replace(id, PLACEHOLDER);
  return payload;
}

function withBearers(id: string, { payload }: ArtifactRow): Metadata {
  const { returnTo } = JSON.parse(payload) as { returnTo?: string };
  return { jti: id, ...(returnTo && { returnTo: returnTo.replace(PLACEHOLDER, id) }) };
}

const PLACEHOLDER = "{id}";
