import { ConfigError } from "../../config.ts";

/** A library that only those need who keep their keys at that service. @throws ConfigError saying what to install */
export async function optionalPackage<Module>(
  load: () => Promise<Module>,
  wanted: string,
  kid: string,
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new ConfigError([`VAULT_KEYS: the key "${kid}" needs a package: npm install --no-save ${wanted}`]);
  }
}
