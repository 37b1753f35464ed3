/** Scopes that belong to signing in rather than to a vendor. `offline_access` is named here and nowhere else. */
export const SIGN_IN_SCOPES: readonly string[] = ["openid", "offline_access"];
