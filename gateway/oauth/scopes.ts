import { type Context, errors } from "oidc-provider";
import { isRead, type Resource, type Resources, vendorOfScope } from "./resources.ts";
import { ROUTES } from "./routes.ts";
import { SIGN_IN_SCOPES } from "./sign-in-scopes.ts";

/**
 * The scopes an authorization request is taken to mean: read when it names none, read beside anything that needs it,
 * and nothing that this resource does not have.
 */
function scopesMeant(resource: Resource, asked: string | undefined): string[] {
  const names = new Set(asked?.split(" ").filter(Boolean));
  const signIn = SIGN_IN_SCOPES.filter((scope) => names.has(scope));
  const own = resource.scopes.filter((scope) => names.has(scope));
  const namesNoneAtAll = names.size === signIn.length;
  if (own.length === 0 && !namesNoneAtAll) return signIn;
  const vendors = new Set(own.map(vendorOfScope));
  const reads = resource.scopes.filter(
    (scope) => isRead(scope) && (namesNoneAtAll || vendors.has(vendorOfScope(scope))),
  );
  return [...signIn, ...new Set([...reads, ...own])];
}

/**
 * Rewrites the scope of an authorization request before oidc-provider reads it. Without this a request that names no
 * scope ends in `access_denied` after the person said yes.
 */
export function completeScopes(resources: Resources) {
  return async (context: Context, next: () => Promise<void>) => {
    const { scope, resource: url } = context.query;
    const resource = typeof url === "string" ? resources.byUrl(url) : undefined;
    if (context.path === ROUTES.authorization && resource && (scope === undefined || typeof scope === "string")) {
      context.query = { ...context.query, scope: scopesMeant(resource, scope).join(" ") };
    }
    await next();
  };
}

/** @throws InvalidScope when nothing was asked that this resource has: a page with nothing to agree to helps nobody */
export function refuseForeignScopes(resource: Resource, asked: unknown) {
  const names = typeof asked === "string" ? asked.split(" ").filter(Boolean) : [];
  if (!names.some((scope) => resource.scopes.includes(scope)))
    throw new errors.InvalidScope("none of the scopes asked for belongs to this resource", names.join(" "));
}
