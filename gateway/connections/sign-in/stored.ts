import { revealCredentials, type SignIn } from "../../../runtime/index.ts";
import type { Connection } from "../../database/connections.ts";
import { credentialOf, type House, vendorOf } from "../client.ts";
import type { Renewing } from "./renew.ts";

/** Where the person of a connection signed in, and what they typed for it; undefined when the vendor asks for other fields by now. */
export async function storedSignIn(
  house: House,
  connection: Connection,
  asked: Renewing,
): Promise<{ signIn: SignIn; values: Record<string, string> } | undefined> {
  const vendor = vendorOf(house, connection.vendor);
  const secret = await house.vault.open(credentialOf(connection), { ...asked, kind: "refresh" });
  const parsed = vendor.credentials.parse(secret);
  const signIn = parsed.ok ? vendor.signIn?.(parsed.value) : undefined;
  return parsed.ok && signIn ? { signIn, values: revealCredentials(parsed.value as object) } : undefined;
}
