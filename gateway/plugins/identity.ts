import fp from "fastify-plugin";
import { deleteExpiredSessions } from "../database/sessions.ts";
import { createPasswords, type Passwords } from "../identity/passwords.ts";
import { createPolicies, type Policies } from "../identity/policies.ts";
import { repeat } from "../repeat.ts";

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
    repeat(app, { everyMs: SWEEP_MS, what: "sweep of sessions" }, () => deleteExpiredSessions(app.db, app.clock.now()));
  },
  { name: "identity", dependencies: ["database"] },
);
