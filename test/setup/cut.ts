import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/**
 * A way to a PostgreSQL that breaks off at a chosen statement, as when the server ends in the middle of it: that one
 * reaches the server, its answer reaches nobody, and there is no way until it is mended.
 */
export async function cuttable(url: string) {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let left = Number.POSITIVE_INFINITY;
  let isCut = false;

  const server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = connect(Number(port), hostname);
    const messages = statements(() => {
      left--;
      if (left > 0) return;
      isCut = true;
      for (const each of sockets) each.destroy();
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    near.on("data", (bytes) => {
      far.write(bytes);
      messages(bytes);
    });
    far.pipe(near);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    for (const each of sockets) each.destroy();
    server.close();
  });
  return {
    url: Object.assign(new URL(url), { host: `127.0.0.1:${(server.address() as AddressInfo).port}` }).href,
    /** With the statement that comes as the `nth` from now on. */
    cutAt(nth: number) {
      left = nth;
    },
    /** @returns whether it was cut */
    mend(): boolean {
      const was = isCut;
      left = Number.POSITIVE_INFINITY;
      isCut = false;
      return was;
    },
  };
}

/** Counts the messages after which a server answers: Sync ends a statement with values, Query is one without. */
function statements(onStatement: () => void) {
  let rest = Buffer.alloc(0);
  let isGreeting = true;
  return (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const head = isGreeting ? 0 : 1;
      if (rest.length < head + 4) return;
      const end = head + rest.readUInt32BE(head);
      if (rest.length < end) return;
      const type = isGreeting ? "" : String.fromCharCode(rest[0]!);
      rest = rest.subarray(end);
      isGreeting = false;
      if (type === "S" || type === "Q") onStatement();
    }
  };
}
