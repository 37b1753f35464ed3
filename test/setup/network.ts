import type { LookupFunction, TcpSocketConnectOpts } from "node:net";
import net from "node:net";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\]|0\.0\.0\.0|::)$/;

/** No test talks to anything but listeners it started itself: a connection elsewhere fails before a packet leaves. */
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
  const list = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  const options =
    typeof list[0] === "object" && list[0] !== null
      ? (list[0] as Partial<TcpSocketConnectOpts> & { path?: string })
      : undefined;
  const host = options ? options.host : list[1];
  if (!options?.path && typeof host === "string" && !LOOPBACK.test(host)) {
    // A test or a fake may bring its own resolver: then only what that answers counts.
    if (!options?.lookup || net.isIP(host)) throw elsewhere(host);
    options.lookup = loopbackOnly(options.lookup);
  }
  return (connect as (...values: unknown[]) => net.Socket).apply(this, args);
} as typeof connect;

function loopbackOnly(lookup: LookupFunction): LookupFunction {
  return (host, options, done) =>
    lookup(host, options, (error, answer, family) => {
      const addresses = Array.isArray(answer) ? answer.map(({ address }) => address) : [answer];
      if (!error && !addresses.every((address) => LOOPBACK.test(address))) return done(elsewhere(host), [] as never);
      done(error, answer as string, family);
    });
}

const elsewhere = (host: string) =>
  new Error(`Tests connect to loopback only, not to ${host}. Answer the request with a fake.`);
