import type { FastifyReply } from "fastify";

const HEADER = "content-security-policy";

/**
 * For a page whose form leads to a vendor's own sign-in: browsers apply `form-action` to all redirects after the post, and where
 * those end is the vendor's business.
 */
export function leaveByForm(reply: FastifyReply): void {
  const policy = String(reply.getHeader(HEADER) ?? "");
  reply.header(
    HEADER,
    policy
      .split(";")
      .filter((directive) => !directive.trim().startsWith("form-action"))
      .join(";"),
  );
}
