import http from "node:http";
import type { AddressInfo } from "node:net";
import { report } from "../child.ts";

/** The floor: the vendor call itself, made by fetch from a node server, and nothing around it. */
const server = http.createServer(async (_request, response) => {
  const answer = await fetch(`${process.env["VENDOR_URL"]}/api/v2/device/0f8fad5b-d9cb-469f-a165-70867728950e`, {
    headers: { authorization: "Bearer bench-token" },
  });
  const device = await answer.json();
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(device));
});
server.listen(0, "127.0.0.1", () => report({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }));
