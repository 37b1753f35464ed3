import helmet from "@fastify/helmet";
import fp from "fastify-plugin";

/**
 * `interaction`: pages of an authorize request. They have no form-action, because browsers apply it to the whole chain of
 * redirects after the post, which ends at the client. `pages`: all other pages. `data`: JSON, nothing to render.
 */
export type PolicyName = "interaction" | "pages" | "data";

const SELF = ["'self'"];
const NONE = ["'none'"];
const PAGE = { defaultSrc: NONE, styleSrc: SELF, imgSrc: SELF, baseUri: NONE, frameAncestors: NONE };

const DIRECTIVES: Record<PolicyName, Record<string, string[]>> = {
  interaction: PAGE,
  pages: { ...PAGE, formAction: SELF },
  data: { defaultSrc: NONE, frameAncestors: NONE },
};

/** For one scope of routes: registered once in it, and not above it, or both policies would be sent. */
export default fp<{ policy: PolicyName }>(async (scope, { policy }) => {
  await scope.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: DIRECTIVES[policy] },
    frameguard: { action: "deny" },
    // helmet's own default makes browsers send `Origin: null` with our own forms.
    referrerPolicy: { policy: "same-origin" },
    hsts: scope.config.publicUrl.startsWith("https:") && { maxAge: 31_536_000, includeSubDomains: false },
  });
});

/** For answers outside all scopes: an address that no route has. */
export const HEADERS_ELSEWHERE = {
  "content-security-policy":
    "default-src 'none';style-src 'self';img-src 'self';base-uri 'none';frame-ancestors 'none'",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;
