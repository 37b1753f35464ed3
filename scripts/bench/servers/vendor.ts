import http from "node:http";
import type { AddressInfo } from "node:net";
import { report } from "../child.ts";

/** A vendor that answers at once: a token for the sign-in, an empty JSON:API list for a sign-in check, one device for everything else. */
const TOKEN = JSON.stringify({ access_token: "bench-token", token_type: "bearer", expires_in: 360_000 });
const NOTHING = JSON.stringify({ data: [], meta: { "current-page": 1, "next-page": null, "total-count": 0 } });
const DEVICE = JSON.stringify({
  id: 4711,
  uid: "0f8fad5b-d9cb-469f-a165-70867728950e",
  siteId: 12,
  siteUid: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
  siteName: "Contoso Dental",
  deviceType: { category: "Server", type: "Main System Chassis" },
  hostname: "CONTOSO-DC01",
  intIpAddress: "10.20.0.5",
  operatingSystem: "Microsoft Windows Server 2022 Standard 10.0.20348",
  lastLoggedInUser: "CONTOSO\\svc-backup",
  domain: "contoso.example",
  online: true,
  suspended: false,
  deleted: false,
  rebootRequired: false,
  lastSeen: 1_760_000_000_000,
  lastReboot: 1_759_000_000_000,
  deviceClass: "device",
  warrantyDate: "2028-01-31",
  antivirus: { antivirusProduct: "Defender", antivirusStatus: "RunningAndUpToDate" },
  patchManagement: {
    patchStatus: "FullyPatched",
    patchesApprovedPending: 0,
    patchesNotApproved: 2,
    patchesInstalled: 214,
  },
  softwareStatus: "Compliant",
  networkProbe: false,
});

const server = http.createServer((request, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  if (request.url?.includes("/oauth/token")) return response.end(TOKEN);
  response.end(request.url?.startsWith("/organizations") ? NOTHING : DEVICE);
});
server.listen(0, "127.0.0.1", () => report({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
