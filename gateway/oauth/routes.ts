/** Where the authorization server answers. */
export const ROUTES = {
  authorization: "/oauth/authorize",
  token: "/oauth/token",
  revocation: "/oauth/revoke",
  introspection: "/oauth/introspect",
  registration: "/oauth/register",
  jwks: "/oauth/jwks",
  end_session: "/oauth/sign-out",
};
