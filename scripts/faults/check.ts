import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { verifyAll } from "../../gateway/audit/verify.ts";
import type { Installation } from "./installation.ts";
import type { Ledger } from "./ledger.ts";
import { ZONES } from "./load/changes.ts";
import type { MixedLoad } from "./load/mixed.ts";
import { toolCall } from "./recovery.ts";

/** What a run comes to, beside its problems. */
export interface Account {
  readonly reads: number;
  readonly cached: number;
  readonly writes: number;
  readonly done: number;
  readonly unknown: number;
  /** Of the unknown, those that the vendor did get. */
  readonly unknown_made: number;
  readonly not_made: number;
  readonly refreshes: number;
  readonly changes: number;
  readonly audit_events: number;
  readonly lost_calls: number;
}

/** Holds what was acknowledged against the vendor's record, the rows and the audit chains. @returns figures; problems go to the ledger */
export async function settle(installation: Installation, ledger: Ledger, load: MixedLoad): Promise<Account> {
  const { problems } = ledger;
  checkWrites(installation, ledger);
  await load.renewAll().catch((error: unknown) => problems.push(String(error)));
  await checkEnded(installation, ledger);
  const app = await installation.inside();
  try {
    for (const verdict of await verifyAll(app.db, app.keys.audit))
      if (!verdict.ok) problems.push(`audit chain of ${verdict.org}: ${verdict.reason} at ${verdict.seq}`);
    const opened = await app.db.selectFrom("audit_events").select((row) => row.fn.countAll<number>().as("all")).where("type", "=", "credential.open").where("call_id", "is not", null).executeTakeFirstOrThrow(); // biome-ignore format: one thought
    const done = count(ledger, "done");
    const through = ledger.reads - ledger.cached + done;
    if (Number(opened.all) < through)
      problems.push(
        `${through} calls were answered by vendors, ${opened.all} credentials were opened in the audit log`,
      );
    await checkApprovals(app.db, installation, ledger);
    await checkValues(app.db, ledger);
    const events = await app.db.selectFrom("audit_events").select((row) => row.fn.countAll<number>().as("all")).executeTakeFirstOrThrow(); // biome-ignore format: one thought
    findSecrets(installation, ledger);
    return {
      reads: ledger.reads,
      cached: ledger.cached,
      writes: ledger.writes.size,
      done,
      unknown: count(ledger, "unknown") + count(ledger, "open"),
      unknown_made: [...ledger.writes].filter(([mark, { told }]) => (told === "unknown" || told === "open") && installation.vendors.arrivals(mark) > 0).length, // biome-ignore format: one thought
      not_made: count(ledger, "not made"),
      refreshes: ledger.refreshes,
      changes: [...ledger.values.values()].reduce((sum, { acknowledged }) => sum + acknowledged, ledger.ended.length),
      audit_events: Number(events.all),
      lost_calls: ledger.errors.length,
    };
  } finally {
    await app.close();
  }
}

const count = ({ writes }: Ledger, told: string) => [...writes.values()].filter((each) => each.told === told).length;

/** No change arrived twice; what was acknowledged arrived, and what was said not to be made did not. */
function checkWrites({ vendors }: Installation, { writes, problems }: Ledger) {
  for (const [mark, { told }] of writes) {
    const times = vendors.arrivals(mark);
    if (times > 1) problems.push(`${mark} was made ${times} times`);
    if (told === "done" && times === 0) problems.push(`${mark} was acknowledged and never reached the vendor`);
    if (told === "not made" && times > 0) problems.push(`${mark} was said not to be made, and was`);
  }
  if (vendors.unknown.length > 0) problems.push(`requests that no vendor knows: ${vendors.unknown.slice(0, 3)}`);
}

/** A token that the gateway said has ended is refused. */
async function checkEnded({ url }: Installation, { ended, problems }: Ledger) {
  for (const token of ended) {
    const answer = await fetch(`${url}/v1/itglue`, toolCall(token, "itglue_get_organization", { id: "4001" }));
    await answer.arrayBuffer();
    if (answer.status !== 401) problems.push(`an ended token was answered ${answer.status}`);
  }
}

type Db = Awaited<ReturnType<Installation["inside"]>>["db"];

/** Each yes was used at most once, and each approved change at the vendor stands on one that was used. */
async function checkApprovals(db: Db, { vendors }: Installation, { writes, problems }: Ledger) {
  const used = await db.selectFrom("approvals").select(["id", "outcome"]).where("status", "=", "consumed").execute();
  const made = [...writes].filter(([mark, { way }]) => way === "approved" && vendors.arrivals(mark) > 0).length;
  if (made > used.length) problems.push(`${made} approved changes were made on ${used.length} approvals`);
  const standing = await db.selectFrom("standing_approvals").select("uses").execute();
  const uses = standing.reduce((sum, row) => sum + row.uses, 0);
  const stood = [...writes].filter(([mark, { way }]) => way === "standing" && vendors.arrivals(mark) > 0).length;
  if (stood > uses) problems.push(`${stood} changes were made on ${uses} uses of standing approvals`);
  const started = await db.selectFrom("audit_events").select((row) => row.fn.countAll<number>().as("all")).where("type", "=", "tool.call").where("status", "=", "started").executeTakeFirstOrThrow(); // biome-ignore format: one thought
  const all = [...writes.keys()].filter((mark) => vendors.arrivals(mark) > 0).length;
  if (Number(started.all) < all)
    problems.push(`${all} changes were made, ${started.all} are in the audit log as begun`);
}

/** What is stored is the newest that was acknowledged, or one that was tried after it. */
async function checkValues(db: Db, { values, problems }: Ledger) {
  const within = (what: string, number: number) => {
    const { acknowledged, tried } = values.get(what) ?? { acknowledged: 0, tried: 0 };
    if (number < acknowledged || number > tried)
      problems.push(`${what} ${number} is stored, ${acknowledged} was acknowledged, ${tried} was tried`);
  };
  const labels = await db.selectFrom("connections").select("label").where("label", "like", "label-%").execute();
  for (const { label } of labels) within("label", Number(label.slice("label-".length)));
  if (labels.length === 0 && (values.get("label")?.acknowledged ?? 0) > 0)
    problems.push("a renamed connection is gone");
  const zone = values.get("zone");
  if (!zone || zone.acknowledged === 0) return;
  const rows = await db.selectFrom("orgs").innerJoin("policies", (join) => join.onRef("policies.org_id", "=", "orgs.id").onRef("policies.version", "=", "orgs.policy_version")).select("document").where("orgs.name", "=", "decider").execute(); // biome-ignore format: one thought
  const stored = (JSON.parse(rows[0]!.document) as { timeZone: string }).timeZone;
  const possible = Array.from({ length: zone.tried - zone.acknowledged + 1 }, (_, n) => ZONES[(zone.acknowledged + n) % ZONES.length]); // biome-ignore format: one thought
  if (!possible.includes(stored)) problems.push(`time zone ${stored} is stored, ${possible.join(" or ")} was expected`);
}

/** Nowhere but in the vault and in the answers that were meant to carry them. */
function findSecrets({ printed, postgres, dataDir }: Installation, { secrets, errors, problems }: Ledger) {
  const files = existsSync(dataDir) ? readdirSync(dataDir).filter((name) => /audit.*json|\.db/.test(name)) : [];
  const places: Record<string, string> = {
    logs: printed(),
    errors: errors.join("\n"),
    ...(postgres && { dump: postgres.dump() }),
    ...Object.fromEntries(files.map((name) => [name, readFileSync(join(dataDir, name), "latin1")])),
  };
  for (const [place, text] of Object.entries(places))
    for (const secret of secrets)
      if (text.includes(secret)) problems.push(`the secret that begins with ${secret.slice(0, 8)} stands in ${place}`);
}
