import net from "node:net";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\]|0\.0\.0\.0|::)$/;

/** No test talks to anything but listeners it started itself: a connection elsewhere fails before a packet leaves. */
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
  const first = Array.isArray(args[0]) ? (args[0] as unknown[])[0] : args[0];
  const host = typeof first === "object" && first !== null ? (first as { host?: string; path?: string }).host : args[1];
  const path = typeof first === "object" && first !== null ? (first as { path?: string }).path : undefined;
  if (!path && typeof host === "string" && !LOOPBACK.test(host)) {
    throw new Error(`Tests connect to loopback only, not to ${host}. Answer the request with a fake.`);
  }
  return (connect as (...values: unknown[]) => net.Socket).apply(this, args);
} as typeof connect;
