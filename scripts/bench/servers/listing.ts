import type { AddressInfo } from "node:net";
import Fastify from "fastify";
import { bearerVerifier } from "../../../gateway/oauth/verifier.ts";
import { report } from "../child.ts";
import { load } from "../load.ts";
import { request } from "../targets.ts";
import { addPerson, openHouse } from "./house.ts";

/**
 * The floor of `tools/list`: a Fastify route that reads the same token in the same way, parses the same body and answers the
 * same bytes. The gateway beside it only made them.
 */
const { app: house, url } = await openHouse();
const { authorization } = await addPerson(house, "itglue");
const target = request(`${url}/v1/itglue`, "tools/list", {}, { authorization });
await load(target, 1, 0.1);
const bytes = Buffer.from(
  await (await fetch(target.url, { method: "POST", headers: target.headers, body: target.body! })).arrayBuffer(),
);
const verifier = bearerVerifier(house);

const app = Fastify();
app.post("/", {
  async onRequest(asked) {
    await verifier.verifyAccessToken(asked.headers.authorization!.slice("Bearer ".length));
  },
  handler: (_asked, reply) => reply.type("application/json").send(bytes),
});
await app.listen({ host: "127.0.0.1", port: 0 });
report({
  url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`,
  headers: { itglue: authorization },
});
