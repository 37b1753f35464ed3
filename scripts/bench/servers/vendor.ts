import http from "node:http";
import type { AddressInfo } from "node:net";
import { report } from "../child.ts";
import { device } from "./device.ts";

/** A vendor that answers at once: a token for the sign-in, an empty JSON:API list for a sign-in check, one device for everything else. */
const TOKEN = JSON.stringify({ access_token: "bench-token", token_type: "bearer", expires_in: 360_000 });
const NOTHING = JSON.stringify({ data: [], meta: { "current-page": 1, "next-page": null, "total-count": 0 } });
const DEVICE = JSON.stringify(device);

const server = http.createServer((request, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  if (request.url?.includes("/oauth/token")) return response.end(TOKEN);
  response.end(request.url?.startsWith("/organizations") ? NOTHING : DEVICE);
});
server.listen(0, "127.0.0.1", () => report({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
