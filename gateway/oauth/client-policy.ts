import { type Context, errors, type Metadata } from "oidc-provider";
import { plainText } from "./plain-text.ts";
import { isAllowedRedirect } from "./redirects.ts";
import type { ClientKind } from "./registered-clients.ts";

/** What of a client's own description is kept. Its logo, pages, keys and scope list are not: see the reasons below. */
const KEPT = new Set([
  "client_id",
  "client_id_issued_at",
  "client_name",
  "client_secret",
  "client_secret_expires_at",
  "gateway_kind",
  "id_token_signed_response_alg",
  "redirect_uris",
  "subject_type",
  "token_endpoint_auth_method",
]);

/** RFC 7591: what a registration means that names no method. */
export const DEFAULT_METHOD = "client_secret_basic";

const PUBLIC_OR_SECRET = new Set(["none", "client_secret_basic", "client_secret_post"]);

/**
 * Makes one kind of client of whatever described itself: native, code and refresh only. It runs each time a client is
 * loaded, whether it comes from a document, from registration or from our table.
 *
 * - `native`, because the default `web` refuses loopback on any port and skips consent on the second run.
 * - no `scope`: it would become an allow-list, and clients register only the first scope they met, so that asking for
 *   more later ended in `invalid_scope`.
 * - no `*_uri`, no keys: the gateway fetches, stores and shows nothing a stranger names.
 *
 * @throws InvalidClientMetadata, which a client reads as 400
 */
export function clientPolicy(context: Context | undefined, metadata: Metadata, schemes: readonly string[]) {
  metadata.gateway_kind = kindOf(context, metadata);
  if (metadata.gateway_kind === "service") return;
  for (const name of Object.keys(metadata)) if (!KEPT.has(name)) delete metadata[name];
  Object.assign(metadata, {
    application_type: "native",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    subject_type: "public",
    id_token_signed_response_alg: "ES256",
    client_name: plainText(metadata.client_name, 80) || "Unnamed application",
  });
  // A document cannot hold a secret; the default the library filled in for a missing method would need one.
  if (
    metadata.gateway_kind === "cimd" &&
    !metadata.client_secret &&
    metadata.token_endpoint_auth_method === DEFAULT_METHOD
  )
    metadata.token_endpoint_auth_method = "none";
  const { redirect_uris: uris, token_endpoint_auth_method: method } = metadata;
  if (method === "none") for (const name of ["client_secret", "client_secret_expires_at"]) delete metadata[name];
  if (
    !Array.isArray(uris) ||
    uris.length < 1 ||
    uris.length > 16 ||
    !uris.every((uri) => isAllowedRedirect(uri, schemes))
  )
    throw new errors.InvalidClientMetadata(
      "redirect_uris must name 1 to 16 addresses: https, http on loopback, or an allowed private scheme",
    );
  if (typeof method !== "string" || !PUBLIC_OR_SECRET.has(method))
    throw new errors.InvalidClientMetadata(
      "token_endpoint_auth_method must be none, client_secret_basic or client_secret_post",
    );
}

const OURS = ["preregistered", "service"] as const;

/**
 * A registration cannot call itself a service, and neither can a document: the library takes `HTTPS://` for a
 * document's address too, so letter case must not matter here.
 */
function kindOf(context: Context | undefined, metadata: Metadata): ClientKind {
  if (/^https:\/\//i.test(String(metadata.client_id ?? ""))) return "cimd";
  if (context?.oidc.route === "registration") return "dcr";
  return OURS.find((kind) => kind === metadata.gateway_kind) ?? "dcr";
}
