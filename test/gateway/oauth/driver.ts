import type { FastifyInstance } from "fastify";
import {
  abortInteraction,
  finishConnect,
  finishConsent,
  finishContext,
  finishLogin,
  pendingInteraction,
  switchAccount,
} from "../../../gateway/oauth/interactions.ts";

/** Interaction pages without pages: what is pending as JSON, and each answer as a JSON post. For tests alone. */
export async function drivePages(scope: FastifyInstance) {
  scope.get("/interaction/:uid", (request, reply) => pendingInteraction(scope, request, reply));
  scope.post("/interaction/:uid/:step", async (request, reply) => {
    const { step } = request.params as { step: keyof typeof STEPS };
    reply.redirect(await STEPS[step](scope, request, reply, request.body as never), 303);
    return reply;
  });
  scope.setErrorHandler((error: Error & { status?: number }, _request, reply) =>
    reply.code(error.status ?? 500).send({ name: error.name, message: error.message, stack: error.stack }),
  );
}

const STEPS = {
  login: finishLogin,
  context: finishContext,
  connect: finishConnect,
  consent: finishConsent,
  switch: switchAccount,
  abort: abortInteraction,
};
