import { Secret, type SignedIn } from "../../../runtime/index.ts";
import type { Connection } from "../../database/connections.ts";
import type { House } from "../client.ts";
import { type Renewing, renewTokens, type Stored } from "./renew.ts";

/** A token that ends within this is renewed before it is used. */
const EARLY_MS = 60_000;

/** The person's sign-in at the vendor, for the requests of one call. */
export function personOf(house: House, connection: Connection, opened: Stored, asked: Renewing): SignedIn {
  let current = opened;
  const renew = async () => {
    current = await renewTokens(house, connection, current.version, asked);
  };
  return {
    async token() {
      if (current.tokens.expiresAt - EARLY_MS <= house.clock.now()) await renew();
      return new Secret(current.tokens.accessToken);
    },
    async refuse(refused) {
      if (refused.reveal() === current.tokens.accessToken) await renew();
    },
  };
}
