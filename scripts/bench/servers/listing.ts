import type { AddressInfo } from "node:net";
import Fastify from "fastify";
import { bearerVerifier } from "../../../gateway/oauth/verifier.ts";
import { letChange } from "../../../test/gateway/policies.ts";
import { report } from "../child.ts";
import { load } from "../load.ts";
import { request } from "../targets.ts";
import { addPerson, openHouse } from "./house.ts";

/**
 * The floor of `tools/list`: a Fastify route that reads the same token in the same way, parses the same body and answers the
 * same bytes under the same headers, to somebody with the same rights. The gateway beside it only made them.
 */
const { app: house, url } = await openHouse();
const { authorization, org, user } = await addPerson(house, "itglue", { may: ["read", "write"] });
await letChange(house, { org, actor: user });
const target = request(`${url}/v1/itglue`, "tools/list", {}, { authorization });
await load(target, 1, 0.1);
const answer = await fetch(target.url, { method: "POST", headers: target.headers, body: target.body! });
const bytes = Buffer.from(await answer.arrayBuffer());
/** Node writes these itself, or they differ from answer to answer. */
const NOT_COPIED = ["connection", "keep-alive", "date", "content-length", "x-request-id"];
const headers = Object.fromEntries([...answer.headers].filter(([name]) => !NOT_COPIED.includes(name)));
const verifier = bearerVerifier(house);

const app = Fastify();
app.post("/", {
  async onRequest(asked) {
    await verifier.verifyAccessToken(asked.headers.authorization!.slice("Bearer ".length));
  },
  handler: (_asked, reply) => reply.headers(headers).send(bytes),
});
await app.listen({ host: "127.0.0.1", port: 0 });
report({
  url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`,
  headers: { itglue: authorization },
});
