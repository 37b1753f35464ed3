import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import fp from "fastify-plugin";
import ipaddr from "ipaddr.js";

const FORWARDED = "x-forwarded-for";

/**
 * Who calls: `request.ip`. Proxies of TRUST_PROXY say it by the last address of X-Forwarded-For that is not a proxy's.
 * Some platforms write other things there and name the caller in a header of their own; TRUST_PROXY_HEADER says which,
 * and what it holds then stands for X-Forwarded-For. Nobody else is believed either way.
 */
export default fp(
  async (app) => {
    const { trustProxyHeader } = app.config;
    if (trustProxyHeader)
      app.addHook("onRequest", ({ raw: { headers } }, _reply, done) => {
        const named = headers[trustProxyHeader];
        if (typeof named === "string" && isIP(named)) headers[FORWARDED] = named;
        else delete headers[FORWARDED];
        done();
      });

    let said = false;
    app.addHook("onRequest", (request, _reply, done) => {
      if (!said && isUnknownProxy(request)) {
        said = true;
        app.log.warn(
          { proxy: request.ip },
          "a proxy that TRUST_PROXY does not have names callers: all of its count as one",
        );
      }
      done();
    });
  },
  { name: "proxies", decorators: { fastify: ["config"] } },
);

/** Somebody in a network of our own who says for whom a request is, and is not believed. */
const isUnknownProxy = ({ headers, ips, ip }: FastifyRequest) =>
  headers[FORWARDED] !== undefined && (ips?.length ?? 1) === 1 && !PUBLIC.has(ipaddr.process(ip).range());

const PUBLIC = new Set(["unicast", "broadcast", "multicast", "reserved", "unspecified"]);
