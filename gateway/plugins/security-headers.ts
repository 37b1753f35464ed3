import helmet from "@fastify/helmet";
import fp from "fastify-plugin";

/**
 * `interaction`: pages of an authorize request. They have no form-action, because browsers apply it to the whole chain of
 * redirects after the post, which ends at the client. `pages`: all other pages. `data`: JSON, nothing to render.
 */
export type PolicyName = "interaction" | "pages" | "data";

const PAGE = {
  defaultSrc: ["'none'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
};

const DIRECTIVES: Record<PolicyName, Record<string, string[]>> = {
  interaction: PAGE,
  pages: { ...PAGE, formAction: ["'self'"] },
  data: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
};

/** For one scope of routes: registered once in it, and not above it, or both policies would be sent. */
export default fp<{ policy: PolicyName }>(async (scope, { policy }) => {
  await scope.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: DIRECTIVES[policy] },
    frameguard: { action: "deny" },
    // helmet's own default makes browsers send `Origin: null` with our own forms.
    referrerPolicy: { policy: "same-origin" },
    hsts: scope.config.publicUrl.startsWith("https:") ? { maxAge: 31_536_000, includeSubDomains: false } : false,
  });
});
