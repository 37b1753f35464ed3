import { createHmac, createSecretKey, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type AuditEvent, createAudit } from "../../gateway/audit/audit.ts";
import { verifyChain } from "../../gateway/audit/verify.ts";
import { openDatabase } from "../../gateway/database/index.ts";
import { median } from "./load.ts";

const EVENTS = 100_000;
const ROUNDS = 5;
const ORG = "org_bench";

/** Events a second by the clock, and a second of CPU, which other work on the machine does not change much. */
interface Rate {
  readonly rate: number;
  readonly cpu_rate: number;
}

/** The command's work; reading the same rows and nothing else; an HMAC over as many bytes and nothing else; these two. */
export type Verifying = Readonly<Record<"verify" | "bare_read" | "bare_hmac" | "floor", Rate>>;

/** Medians of rounds that take turns, over a chain in an embedded database as calls of tools leave it. */
export async function measureVerifying(progress: (line: string) => void): Promise<Verifying> {
  const folder = mkdtempSync(join(tmpdir(), "vendorsmith-bench-"));
  const file = join(folder, "audit.db");
  const db = await openDatabase({ file });
  try {
    progress(`audit: writing ${EVENTS} events`);
    const keys = [randomBytes(32)];
    const audit = createAudit({ db, keys, clock: { now: Date.now }, sinks: [] });
    for (let n = 0; n < EVENTS; n += 2000)
      await Promise.all(Array.from({ length: 2000 }, (_, more) => audit.record(eventOf(n + more))));

    const subjects = {
      verify: async () => {
        const verdict = await verifyChain(db, ORG, keys);
        if (!verdict.ok || verdict.events !== EVENTS) throw new Error("The chain of the benchmark is not whole.");
      },
      bare_read: () => read(file),
      bare_hmac: () => hash(read.bytes),
    };
    const took = { verify: [] as Took[], bare_read: [] as Took[], bare_hmac: [] as Took[] };
    read(file);
    for (let round = 1; round <= ROUNDS; round++)
      for (const [name, run] of Object.entries(subjects)) {
        progress(`audit: round ${round} of ${ROUNDS}: ${name}`);
        const start = performance.now();
        const cpu = process.cpuUsage();
        await run();
        const { user, system } = process.cpuUsage(cpu);
        took[name as keyof typeof took].push({ ms: performance.now() - start, cpuMs: (user + system) / 1000 });
      }
    const [verify, bare_read, bare_hmac] = [took.verify, took.bare_read, took.bare_hmac].map(middle) as [
      Took,
      Took,
      Took,
    ];
    const floor = { ms: bare_read.ms + bare_hmac.ms, cpuMs: bare_read.cpuMs + bare_hmac.cpuMs };
    return {
      verify: rateOf(verify),
      bare_read: rateOf(bare_read),
      bare_hmac: rateOf(bare_hmac),
      floor: rateOf(floor),
    };
  } finally {
    await db.destroy();
    rmSync(folder, { recursive: true });
  }
}

interface Took {
  readonly ms: number;
  readonly cpuMs: number;
}

const middle = (all: readonly Took[]): Took => ({
  ms: median(all.map(({ ms }) => ms)),
  cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
});

const rateOf = ({ ms, cpuMs }: Took): Rate => ({
  rate: Math.round(EVENTS / (ms / 1000)),
  cpu_rate: Math.round(EVENTS / (cpuMs / 1000)),
});

/** By node:sqlite alone, in pages. */
function read(file: string) {
  const sqlite = new DatabaseSync(file, { readOnly: true });
  const page = sqlite.prepare("select * from audit_events where org_id = ? and seq > ? order by seq limit 1000");
  let bytes = 0;
  for (let seq = 0; seq < EVENTS; seq += 1000)
    for (const row of page.all(ORG, seq)) bytes += 600 + String(row["detail"]).length;
  read.bytes = Math.round(bytes / EVENTS);
  sqlite.close();
}
read.bytes = 0;

function hash(bytes: number) {
  const key = createSecretKey(randomBytes(32));
  const text = "x".repeat(bytes);
  for (let n = 0; n < EVENTS; n++) createHmac("sha256", key).update(text).digest("base64url");
}

const eventOf = (n: number): AuditEvent => ({
  org: ORG,
  type: "tool.call",
  actor: { id: `usr_${randomBytes(15).toString("base64url")}`, type: "user" },
  client: "https://client.example/oauth/client.json",
  grant: `grt_${randomBytes(15).toString("base64url")}`,
  connection: `con_${randomBytes(15).toString("base64url")}`,
  vendor: "some-vendor",
  tool: "vendor_list_devices",
  tier: "read",
  customer: `cus_${n % 50}`,
  scopes: ["some-vendor:read", "some-vendor:write"],
  audience: "https://gateway.example/v1/some-vendor",
  policyVersion: 3,
  status: n % 20 ? "success" : "denied",
  rule: n % 20 ? "allowed" : "writes-off",
  parameters: ["limit", "cursor", "siteUid"],
  argsHash: `hmac-sha256-${randomBytes(32).toString("base64url")}`,
  resultHash: `hmac-sha256-${randomBytes(32).toString("base64url")}`,
  durationMs: 120 + (n % 400),
  requestId: randomBytes(16).toString("hex"),
  callId: `call_${randomBytes(15).toString("base64url")}`,
  detail: { bytes: 2048 },
});
