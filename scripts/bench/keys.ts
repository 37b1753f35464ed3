import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { createAudit } from "../../gateway/audit/audit.ts";
import { readConfig } from "../../gateway/config.ts";
import { addConnection } from "../../gateway/database/connections.ts";
import { type Db, openDatabase } from "../../gateway/database/index.ts";
import { inSystemScope } from "../../gateway/database/scope.ts";
import { countUserKeys } from "../../gateway/database/user-keys.ts";
import { masterKeys } from "../../gateway/vault/keys.ts";
import { userKeyBound } from "../../gateway/vault/row-bound.ts";
import { createVault } from "../../gateway/vault/vault.ts";
import { addSomebody, connectionOf } from "../../test/gateway/rows.ts";
import { AWS, awsKmsFake } from "../../test/gateway/vault/fakes/aws-kms-fake.ts";
import { AZURE, azureKeyVaultFake } from "../../test/gateway/vault/fakes/azure-key-vault-fake.ts";
import { GOOGLE, googleKmsFake } from "../../test/gateway/vault/fakes/google-kms-fake.ts";
import { TRANSIT, transitFake } from "../../test/gateway/vault/fakes/transit-fake.ts";
import { median } from "./load.ts";

const TIMES = 200;
const OWNERS_EACH = 100;
const ORGS = 100;

/** Milliseconds of one wrap and one unwrap, medians; services are the local fakes of the tests, on loopback. */
export type Wrapping = Record<string, { wrap_ms: number; unwrap_ms: number }>;

/** Rows a second, and what opening a credential takes meanwhile, in another process on the same database. */
export type Rotating = Record<string, { rows_per_s: number; open_p50_ms: number; open_p99_ms: number }>;

export async function measureKeys(
  progress: (line: string) => void,
): Promise<{ wrapping: Wrapping; rotating: Rotating }> {
  return { wrapping: await wrapping(progress), rotating: await inSystemScope(() => rotating(progress)) };
}

async function wrapping(progress: (line: string) => void): Promise<Wrapping> {
  const folder = mkdtempSync(join(tmpdir(), "vendorsmith-bench-"));
  const [bao, aws, azure, google] = [await transitFake(), await awsKmsFake(), await azureKeyVaultFake(folder), await googleKmsFake()]; // biome-ignore format: one line each
  setDefaultCACertificates([...getCACertificates("default"), azure.cert]);
  const env = {
    TRANSIT_TOKEN: TRANSIT.token,
    AWS_ACCESS_KEY_ID: AWS.AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: AWS.AWS_SECRET_ACCESS_KEY,
    AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential",
    IDENTITY_ENDPOINT: `https://${azure.host}/token`,
    IDENTITY_HEADER: AZURE.header,
    GCE_METADATA_HOST: google.host,
    METADATA_SERVER_DETECTION: "assume-present",
  };
  Object.assign(process.env, env);
  const keys = {
    local: randomBytes(32).toString("base64"),
    transit_fake: `transit://${bao.host}/keys/transit/main?namespace=msp`,
    aws_fake: `awskms://${aws.host}/${AWS.alias}?region=${AWS.region}`,
    azure_fake: `azurekms://${azure.host}/main`,
    google_fake: `gcpkms://${google.host}/${GOOGLE.key}`,
  };
  const figures: Wrapping = {};
  for (const [name, what] of Object.entries(keys)) {
    progress(`keys: ${name}`);
    const { keys: read, transit } = readConfig({ VAULT_KEYS: `main:${what}`, TRANSIT_TOKEN: TRANSIT.token });
    const provider = await masterKeys(read.vault!, { transit });
    const [key, bound] = [randomBytes(32), randomBytes(40)];
    const { kid, blob } = await provider.wrap(key, bound);
    await provider.unwrap(kid, blob, bound);
    figures[name] = {
      wrap_ms: await timed(() => provider.wrap(key, bound)),
      unwrap_ms: await timed(() => provider.unwrap(kid, blob, bound)),
    };
  }
  for (const fake of [bao, aws, azure, google]) await fake.close();
  rmSync(folder, { recursive: true });
  return figures;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let n = 0; n < TIMES; n++) {
    const begun = performance.now();
    await work();
    took.push(performance.now() - begun);
  }
  return rounded(median(took));
}

async function rotating(progress: (line: string) => void): Promise<Rotating> {
  const folder = mkdtempSync(join(tmpdir(), "vendorsmith-bench-"));
  const names = ["k1", "k2", "k3"].map((kid) => `${kid}:${randomBytes(32).toString("base64")}`);
  const audit = randomBytes(32);
  const db = await openDatabase({ file: join(folder, "vendorsmith.db") });
  try {
    progress(`keys: making ${ORGS * OWNERS_EACH} user keys`);
    const { keys } = readConfig({ VAULT_KEYS: names.join(",") });
    const provider = await masterKeys(keys.vault!);
    await seed(db, provider);
    const clock = { now: Date.now };
    const vault = createVault({
      db,
      clock,
      keys: provider,
      audit: createAudit({ db, keys: [audit], clock, sinks: [] }),
    });
    const { user: owner, org } = await addSomebody(db, "reader", 1);
    await addConnection(db, connectionOf({ org, owner }, 1));
    const where = { org, owner, vendor: "acme", connection: "con_1" };
    await vault.put({ ...where, version: 1 }, { key: "value" });
    const open = () => vault.open(where, { actor: owner, kind: "call" });

    const figures: Rotating = {};
    const alone = await opening(open, sleep(5000));
    figures["nothing"] = { rows_per_s: 0, ...alone };
    for (const [name, first, perSecond] of [
      ["at_most_500", 1, 500],
      ["unthrottled", 2, 1_000_000],
    ] as const) {
      progress(`keys: rotating, ${name}`);
      const order = [names[first], ...names.filter((_, n) => n !== first)].join(",");
      const env = {
        PATH: process.env["PATH"]!,
        DATA_DIR: folder,
        VAULT_KEYS: order,
        AUDIT_KEY: audit.toString("base64"),
      };
      const run = rotation(env, perSecond);
      await run.begun;
      const [count, begun] = [await countUserKeys(db, { notKid: `k${first + 1}` }), performance.now()];
      const open_ms = await opening(open, run.ended);
      figures[name] = { rows_per_s: Math.round(count / ((performance.now() - begun) / 1000)), ...open_ms };
    }
    return figures;
  } finally {
    await db.destroy();
    rmSync(folder, { recursive: true });
  }
}

async function seed(db: Db, keys: Awaited<ReturnType<typeof masterKeys>>) {
  for (let n = 0; n < ORGS; n++) {
    const { org } = await addSomebody(db, `org ${n}`, 1);
    const rows = Array.from({ length: OWNERS_EACH }, async (_, m) => {
      const place = { org_id: org, owner_id: `usr_${n}_${m}`, version: 1 };
      const { kid, blob } = await keys.wrap(randomBytes(32), userKeyBound(place));
      return { ...place, kid, wrapped: blob, created_at: 1 };
    });
    await db
      .insertInto("user_keys")
      .values(await Promise.all(rows))
      .execute();
  }
}

/** The command as an operator runs it. It has begun when it says how far it is. */
function rotation(env: Record<string, string>, perSecond: number) {
  const child = spawn(process.execPath, ["scripts/keys.ts", "rotate", "master", "--per-second", String(perSecond)], {
    env,
  });
  const ended = new Promise<void>((done, failed) =>
    child.once("close", (code) => (code === 0 ? done() : failed(new Error(`The rotation ended with ${code}.`)))),
  );
  const begun = Promise.race([new Promise<void>((done) => child.stderr.once("data", () => done())), ended]);
  return { begun, ended };
}

async function opening(open: () => Promise<unknown>, until: Promise<unknown>) {
  let done = false;
  const end = until.finally(() => {
    done = true;
  });
  const took: number[] = [];
  while (!done) {
    const begun = performance.now();
    await open();
    took.push(performance.now() - begun);
    await sleep(5);
  }
  await end;
  took.sort((one, other) => one - other);
  return { open_p50_ms: rounded(median(took)), open_p99_ms: rounded(took[Math.floor(took.length * 0.99)]!) };
}

const rounded = (ms: number) => Math.round(ms * 1000) / 1000;
