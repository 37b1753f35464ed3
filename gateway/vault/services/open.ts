import type { RemoteKey } from "../../config/master-keys.ts";
import type { KeyService } from "../remote-keys.ts";
import { awsKms } from "./aws-kms.ts";
import { azureKeyVault } from "./azure-key-vault.ts";
import { googleKms } from "./google-kms.ts";
import { type TransitLogin, transit } from "./transit.ts";

/** What the configuration says besides the keys; the clouds sign in the way of their own libraries. */
export interface ServiceLogin {
  readonly transit?: TransitLogin;
}

export async function openService(key: RemoteKey, login: ServiceLogin): Promise<KeyService> {
  switch (key.service) {
    case "transit":
      return transit(key, login.transit ?? {});
    case "awskms":
      return await awsKms(key);
    case "azurekms":
      return await azureKeyVault(key);
    case "gcpkms":
      return await googleKms(key);
  }
}
