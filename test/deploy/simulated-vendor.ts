import { redirectedFetch } from "../../gateway/connections/outbound.ts";

// Loaded into a gateway's process before it starts (`node --import`): calls to one vendor's hosts go to a fake on this
// machine. Production refuses DEV_VENDOR_ORIGINS, so this is how a test of production has a vendor; nothing else differs.

const { SIMULATED_HOST: host, SIMULATED_ORIGIN: origin } = process.env;
const toFake = redirectedFetch(origin!);
const everywhere = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  return url.hostname === host ? toFake(input, init) : everywhere(input, init);
};
