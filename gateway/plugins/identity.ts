import fp from "fastify-plugin";
import { deleteExpiredSessions } from "../database/sessions.ts";
import { createPasswords, type Passwords } from "../identity/passwords.ts";
import { createPolicies, type Policies } from "../identity/policies.ts";

declare module "fastify" {
  interface FastifyInstance {
    readonly passwords: Passwords;
    /** What organisations have decided. */
    readonly policies: Policies;
  }
}

const SWEEP_MS = 10 * 60_000;

export default fp(
  async (app) => {
    app.decorate("passwords", createPasswords());
    app.decorate("policies", createPolicies(app.db));
    const sweep = setInterval(() => {
      deleteExpiredSessions(app.db, app.clock.now()).catch((err) => app.log.error({ err }, "sweep of sessions"));
    }, SWEEP_MS).unref();
    app.addHook("onClose", async () => clearInterval(sweep));
  },
  { name: "identity", dependencies: ["database"] },
);
