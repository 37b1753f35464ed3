import type { FastifyInstance } from "fastify";
import { adminOf, adminPage } from "./frame.ts";

declare module "../views.ts" {
  interface Views {
    "admin-overview": { organisation: string };
  }
}

/** `/admin`: how the organisation stands, and where to look. */
export default async function overview(app: FastifyInstance): Promise<void> {
  app.get("/admin", async (request, reply) => {
    const { org } = await adminOf(app, request);
    return adminPage(reply, "admin-overview", { organisation: org.name }, { title: "Overview", here: "/admin" });
  });
}
