import type { AddressInfo } from "node:net";
import proxy from "@fastify/http-proxy";
import fastify from "fastify";
import { report } from "../child.ts";

/** A gateway that only forwards: Fastify with @fastify/http-proxy, no identity, no policy. */
const app = fastify();
await app.register(proxy, { upstream: process.env["VENDOR_URL"]!, httpMethods: ["GET", "POST"] });
await app.listen({ host: "127.0.0.1", port: 0 });
report({
  url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/api/v2/device/0f8fad5b-d9cb-469f-a165-70867728950e`,
});
