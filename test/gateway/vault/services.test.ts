import { randomBytes } from "node:crypto";
import { globSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { RemoteKey } from "../../../gateway/config/master-keys.ts";
import { readConfig } from "../../../gateway/config.ts";
import { type KeyProvider, masterKeys } from "../../../gateway/vault/keys.ts";
import { remoteKeys } from "../../../gateway/vault/remote-keys.ts";
import { openService } from "../../../gateway/vault/services/open.ts";
import { optionalPackage } from "../../../gateway/vault/services/package.ts";
import { transit } from "../../../gateway/vault/services/transit.ts";
import { scratch } from "../support.ts";
import { AWS, awsKmsFake } from "./fakes/aws-kms-fake.ts";
import { AZURE, azureKeyVaultFake } from "./fakes/azure-key-vault-fake.ts";
import { GOOGLE, googleKmsFake } from "./fakes/google-kms-fake.ts";
import type { KeyFake } from "./fakes/key-fake.ts";
import { TRANSIT, transitFake } from "./fakes/transit-fake.ts";

type Fake = KeyFake & { host: string };

interface Service {
  readonly name: string;
  start(): Promise<Fake>;
  address(host: string): string;
  /** What stands in the environment of the process besides. */
  env(host: string): Record<string, string>;
  /** Whether a turned key shows in what is stored. */
  readonly hasVersions: boolean;
}

const services: readonly Service[] = [
  {
    name: "the transit engine",
    start: transitFake,
    address: (host) => `transit://${host}/keys/transit/main?namespace=msp`,
    env: () => ({ TRANSIT_TOKEN: TRANSIT.token }),
    hasVersions: true,
  },
  {
    name: "AWS KMS",
    start: awsKmsFake,
    address: (host) => `awskms://${host}/${AWS.alias}?region=${AWS.region}`,
    env: () => ({ AWS_ACCESS_KEY_ID: AWS.AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: AWS.AWS_SECRET_ACCESS_KEY }),
    hasVersions: false,
  },
  {
    name: "Azure Key Vault",
    async start() {
      const folder = mkdtempSync(join(tmpdir(), "vendorsmith-"));
      const fake = await azureKeyVaultFake(folder);
      setDefaultCACertificates([...getCACertificates("default"), fake.cert]);
      return fake;
    },
    address: (host) => `azurekms://${host}/main`,
    env: (host) => ({
      AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential",
      IDENTITY_ENDPOINT: `https://${host}/token`,
      IDENTITY_HEADER: AZURE.header,
    }),
    hasVersions: true,
  },
  {
    name: "Google Cloud KMS",
    start: googleKmsFake,
    address: (host) => `gcpkms://${host}/${GOOGLE.key}`,
    env: (host) => ({ GCE_METADATA_HOST: host, METADATA_SERVER_DETECTION: "assume-present" }),
    hasVersions: true,
  },
];

const BOUND = Buffer.from("user-key/v1 org_1 usr_1");
const KEY = randomBytes(32);
/** Short, so that a service that never answers costs the test little. */
const PATIENCE = { patienceMs: 1500 };

for (const service of services)
  describe(`a master key at ${service.name} (here a local fake of it)`, () => {
    let fake: Fake;
    let keys: KeyProvider;

    beforeAll(async () => {
      fake = await service.start();
    });
    afterAll(() => fake.close());
    beforeEach(async () => {
      Object.assign(fake, { trouble: "none", times: Number.POSITIVE_INFINITY });
      fake.complaints.length = 0;
      for (const [name, value] of Object.entries(service.env(fake.host))) vi.stubEnv(name, value);
      keys = await opened(service.address(fake.host), service.env(fake.host));
    });

    const code = (answer: Promise<unknown>) =>
      answer.then(
        () => "opened",
        (error) => error.code,
      );

    it("wraps, and unwraps what it wrapped (VLT-05)", async () => {
      const { kid, blob } = await keys.wrap(KEY, BOUND);
      expect(kid).toMatch(service.hasVersions ? /^main\/\w+$/ : /^main$/);
      expect(blob.includes(KEY)).toBe(false);
      expect((await keys.unwrap(kid, blob, BOUND)).equals(KEY)).toBe(true);
      expect(fake.complaints).toEqual([]);
    });

    it("unwraps for the row alone that it was wrapped for, and no changed bytes (VLT-03, VLT-05)", async () => {
      const { kid, blob } = await keys.wrap(KEY, BOUND);
      expect(await code(keys.unwrap(kid, blob, Buffer.from("user-key/v1 org_1 usr_2")))).toBe("WRONG_KEY");
      const changed = Buffer.from(blob);
      changed[changed.length - 3]! ^= 1;
      expect(await code(keys.unwrap(kid, changed, BOUND))).toBe("WRONG_KEY");
      expect(fake.complaints).toEqual([]);
    });

    it("opens after a turn of the key what was wrapped before, and wraps with the new one (VLT-06)", async () => {
      const before = await keys.wrap(KEY, BOUND);
      fake.turn();
      const after = await keys.wrap(KEY, BOUND);
      expect(after.kid !== before.kid).toBe(service.hasVersions);
      for (const { kid, blob } of [before, after]) expect((await keys.unwrap(kid, blob, BOUND)).equals(KEY)).toBe(true);
    });

    it("says when it does not know the key (VLT-05)", async () => {
      const { kid, blob } = await keys.wrap(KEY, BOUND);
      const other = await opened(service.address(fake.host).replace("main", "other").replace("alias/v", "alias/w"), {
        ...service.env(fake.host),
      });
      expect(["UNKNOWN_KID", "WRONG_KEY"]).toContain(await code(other.unwrap(kid, blob, BOUND)));
      const all = await masterKeys([{ kid: "k1", key: KEY }]);
      expect(await code(all.unwrap(kid, blob, BOUND))).toBe("UNKNOWN_KID");
    });

    it.each(["down", "throttled"] as const)(
      "that is %s for a moment is asked again, and later given up (VLT-05)",
      async (trouble) => {
        const { kid, blob } = await keys.wrap(KEY, BOUND);
        Object.assign(fake, { trouble, times: 2 });
        expect((await keys.unwrap(kid, blob, BOUND)).equals(KEY)).toBe(true);
        Object.assign(fake, { trouble, times: Number.POSITIVE_INFINITY });
        expect(await code(keys.unwrap(kid, blob, BOUND))).toBe("KEYS_UNAVAILABLE");
        expect(await code(keys.wrap(KEY, BOUND))).toBe("KEYS_UNAVAILABLE");
      },
    );

    it("that never answers is given up in bounded time (VLT-05)", async () => {
      const { kid, blob } = await keys.wrap(KEY, BOUND);
      fake.trouble = "slow";
      const begun = performance.now();
      expect(await code(keys.unwrap(kid, blob, BOUND))).toBe("KEYS_UNAVAILABLE");
      expect(performance.now() - begun).toBeLessThan(10_000);
    });

    it("that refuses us is asked once, and the error tells no secret (VLT-04, VLT-05)", async () => {
      const { kid, blob } = await keys.wrap(KEY, BOUND);
      fake.trouble = "refusing";
      fake.asked.length = 0;
      const error = await keys.unwrap(kid, blob, BOUND).catch((thrown) => thrown);
      expect(error.code).toBe("KEYS_REFUSED");
      expect(fake.asked.length).toBeLessThanOrEqual(2);
      const told = `${error.message} ${error.stack} ${JSON.stringify(error)} ${error.cause}`;
      for (const secret of [TRANSIT.token, AWS.AWS_SECRET_ACCESS_KEY, AZURE.token, GOOGLE.token, fake.host])
        expect(told).not.toContain(secret);
    });
  });

describe("a gateway signs in at the transit engine", () => {
  const remote = (host: string, options: Record<string, string>): RemoteKey => ({
    kid: "main",
    service: "transit",
    origin: `http://${host}`,
    name: "keys/transit/main",
    options: { namespace: "msp", ...options },
  });

  it("as a Kubernetes service account or by AppRole, once, and again when its token was revoked (VLT-05)", async () => {
    const fake = await transitFake();
    const serviceAccount = `${scratch()}/token`;
    writeFileSync(serviceAccount, TRANSIT.jwt);
    const ways = [
      transit(remote(fake.host, { auth: "kubernetes", role: TRANSIT.role }), {}, { serviceAccount }),
      transit(remote(fake.host, { auth: "approle" }), { roleId: TRANSIT.roleId, secretId: TRANSIT.secretId }),
    ];
    for (const service of ways) {
      const keys = remoteKeys("main", service);
      fake.asked.length = 0;
      const { kid, blob } = await keys.wrap(KEY, BOUND);
      await keys.unwrap(kid, blob, BOUND);
      expect(fake.asked.filter((one) => one.includes("/auth/"))).toHaveLength(1);
      fake.revoke();
      expect((await keys.unwrap(kid, blob, BOUND)).equals(KEY)).toBe(true);
      expect(fake.asked.filter((one) => one.includes("/auth/"))).toHaveLength(2);
    }
    expect(fake.complaints).toEqual([]);
    await fake.close();
  });
});

it("while keys move from here to a service, the first wraps and both open (VLT-05, VLT-06)", async () => {
  const fake = await transitFake();
  const local = { kid: "k1", key: randomBytes(32) };
  const { keys, transit: login } = configOf(services[0]!.address(fake.host), { TRANSIT_TOKEN: TRANSIT.token });
  const before = await (await masterKeys([local])).wrap(KEY, BOUND);
  const both = await masterKeys([...keys.vault!, local], { transit: login });
  const after = await both.wrap(KEY, BOUND);
  expect([before.kid, after.kid]).toEqual(["k1", "main/1"]);
  for (const { kid, blob } of [before, after]) expect((await both.unwrap(kid, blob, BOUND)).equals(KEY)).toBe(true);
  expect([both.isRemote("k1"), both.isRemote("main/1"), both.names]).toEqual([false, true, ["main", "k1"]]);
  await fake.close();
});

const configOf = (address: string, env: Record<string, string>) =>
  readConfig({ VAULT_KEYS: `main:${address}`, ...env });

async function opened(address: string, env: Record<string, string>): Promise<KeyProvider> {
  const config = configOf(address, env);
  const [key] = config.keys.vault as RemoteKey[];
  return remoteKeys(key!.kid, await openService(key!, { transit: config.transit }), PATIENCE);
}

describe("the library of a cloud", () => {
  it("is asked for by name and version when it is not installed (VLT-05)", async () => {
    const missing = () => import(String("not-installed-here"));
    await expect(optionalPackage(missing, "not-installed-here@1.2.3", "aws")).rejects.toThrow(
      'VAULT_KEYS: the key "aws" needs a package: npm install --no-save not-installed-here@1.2.3',
    );
    const broken = () => Promise.reject(new Error("broken inside"));
    await expect(optionalPackage(broken, "x@1", "aws")).rejects.toThrow("broken inside");
  });

  it("is named with the version that package.json knows, in code and in the documents (VLT-05)", () => {
    const { peerDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
    const texts = [...globSync("gateway/vault/services/*.ts"), "docs/keys.md"].map((file) =>
      readFileSync(file, "utf8"),
    );
    const named = texts.flatMap((text) => text.match(/@[\w-]+\/[\w-]+@\d[\d.]*\d/g) ?? []);
    const known = Object.entries(peerDependencies).map(([name, version]) => `${name}@${version}`);
    expect([...new Set(named)].sort()).toEqual(known.sort());
  });
});
