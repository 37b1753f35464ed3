import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import fp from "fastify-plugin";
import helmet from "helmet";

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
  const headers = headersBy({
    contentSecurityPolicy: { useDefaults: false, directives: DIRECTIVES[policy] },
    frameguard: { action: "deny" },
    // helmet's own default makes browsers send `Origin: null` with our own forms.
    referrerPolicy: { policy: "same-origin" },
    hsts: scope.config.publicUrl.startsWith("https:") && { maxAge: 31_536_000, includeSubDomains: false },
  });
  scope.addHook("onRequest", (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
});

/** What helmet says is the same for every request, so it is asked once: asking each time cost a list of tools 5 percent. */
function headersBy(options: Parameters<typeof helmet>[0]) {
  const answer = new ServerResponse(new IncomingMessage(new Socket()));
  helmet(options)(answer.req, answer, (error) => {
    if (error) throw error;
  });
  return answer.getHeaders();
}

/** For answers outside all scopes: an address that no route has. */
export const HEADERS_ELSEWHERE = {
  "content-security-policy":
    "default-src 'none';style-src 'self';img-src 'self';base-uri 'none';frame-ancestors 'none'",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;
