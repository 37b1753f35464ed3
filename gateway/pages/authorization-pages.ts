import type { FastifyInstance } from "fastify";
import type { AuthorizationPages } from "../oauth/pages.ts";

/** What the authorization server itself shows, in our look. */
export function authorizationPages({ look }: Pick<FastifyInstance, "look">): AuthorizationPages {
  return {
    error: ({ title, text, code }) =>
      look.html("message", { heading: title, text, detail: `Reference: ${code}` }, { title, narrow: true }),
    signOut: ({ formHtml, host }) => look.html("signOut", { formHtml, host }, { title: "Sign out", narrow: true }),
    signedOut: () =>
      look.html(
        "message",
        {
          heading: "You are signed out",
          text: "You can close this page.",
          actions: [{ href: "/login", label: "Sign in" }],
        },
        { title: "Signed out", narrow: true },
      ),
  };
}
