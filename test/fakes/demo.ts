import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildApp } from "../../gateway/app.ts";
import { readConfig } from "../../gateway/config.ts";
import { createUser } from "../../gateway/identity/users.ts";
import { demoKeys } from "./keys.ts";
import { type Served, serveFakes } from "./serve.ts";

export interface Demo {
  url: string;
  owner: { email: string; password: string };
  /** The connector of all vendors. */
  all: string;
  connectors: { title: string; slug: string; url: string; keys: { title: string; value: string }[] }[];
  /** At the vendor where a person can sign in instead of entering a secret. */
  halo: { clientId: string; userName: string; password: string };
  served: Served;
  close(): Promise<void>;
}

const owner = { email: "demo@example.com", password: "no-vendor-account-needed", name: "Demo owner" };

/**
 * The gateway with simulated vendors, an owner, and keys to enter. Nothing leaves the machine.
 * @param dataDir is kept; without it a temporary folder goes when the demo closes
 */
export async function startDemo({
  port = 3100,
  dataDir,
  logLevel = "warn",
}: {
  port?: number;
  dataDir?: string;
  logLevel?: string;
} = {}): Promise<Demo> {
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), "vendorsmith-demo-"));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const served = await serveFakes();
  const config = readConfig({
    NODE_ENV: "development",
    DEMO: "true",
    CLIENT_DOCUMENTS: "false", // a client's description is on the internet, and the demo runs without it
    PORT: String(port),
    DATA_DIR: folder,
    LOG_LEVEL: logLevel,
    DEV_VENDOR_ORIGINS: JSON.stringify(served.origins),
  });
  const app = await buildApp({ config });
  const known = await app.db.selectFrom("users").select("id").where("email", "=", owner.email).executeTakeFirst();
  if (!known) await createUser(app, owner);
  await app.listen({ port, host: "127.0.0.1" });
  const { native, states } = served.fakes.halopsa;
  const agent = states.get(native.host)!.agents.find(({ login }) => login !== "")!;
  return {
    url: config.publicUrl,
    owner,
    served,
    all: `${config.publicUrl}/mcp`,
    halo: { clientId: native.clientId, userName: agent.login, password: agent.password },
    connectors: [...app.vendors.values()].map(({ slug, title, credentials }) => ({
      title,
      slug,
      url: `${config.publicUrl}/v1/${slug}`,
      keys: credentials.fields.flatMap((field) => {
        const value = (demoKeys[slug as keyof typeof demoKeys] as Record<string, string> | undefined)?.[field.name];
        const shown = field.enum?.find((choice) => choice.value === value)?.label ?? value;
        return shown === undefined ? [] : [{ title: field.title, value: shown }];
      }),
    })),
    async close() {
      await app.close();
      await served.close();
      if (!dataDir) rmSync(folder, { recursive: true, force: true });
    },
  };
}
