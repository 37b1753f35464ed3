import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Adds a bearer token to every request, because the suite cannot, so that it meets the protected route. Host and Origin
 * stay as sent: the suite tests them.
 */
export async function startTokenProxy(target: string, token: string): Promise<{ url: string; close(): void }> {
  const { hostname, port } = new URL(target);
  const server = http.createServer((request, response) => {
    const headers = { ...request.headers, authorization: `Bearer ${token}` };
    const { url: path, method } = request;
    const onward = http.request({ hostname, port, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
