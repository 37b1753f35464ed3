import { createPersonalToken } from "../../../gateway/oauth/personal-tokens.ts";
import { idsOf } from "../../../test/e2e/cases.ts";
import { demoKeys, type VendorSlug } from "../../../test/fakes/keys.ts";
import type { Installation } from "../installation.ts";
import type { Ledger } from "../ledger.ts";
import { asked, type Seeded, seed, unasked } from "../seed.ts";
import { authorized, policyChanges, refreshes, renew, replacements, revocations, type Spare } from "./changes.ts";
import type { Part } from "./loop.ts";
import { reads } from "./reads.ts";
import { allowBeforehand, approvedWrites, standingWrites, type Target, unaskedWrites } from "./writes.ts";

/** People who read, write in three ways, renew tokens, replace keys, change their policy and end tokens, all at once. */
export interface MixedLoad {
  /** For a caller who only wants to know whether calls are answered. */
  readonly probe: Seeded;
  readonly people: readonly Seeded[];
  /** Resolves when everybody is at work. */
  begin(): Promise<void>;
  /** No new step begins; resolves when those under way are over. */
  end(): Promise<void>;
  /** Each client renews once more with what was acknowledged to it last. @throws Error when that is refused */
  renewAll(): Promise<void>;
}

const READ: readonly VendorSlug[] = ["itglue", "datto-rmm", "halopsa", "autotask", "superops"];

/** @param spares how many tokens there are to end @param pauseMs between two steps of each person */
export async function mixedLoad(
  { url, inside, vendors }: Pick<Installation, "url" | "inside" | "vendors">,
  ledger: Ledger,
  { pauseMs = 50, spares = 200 }: { pauseMs?: number; spares?: number } = {},
): Promise<MixedLoad> {
  const app = await inside();
  const person = (name: string, vendorsOf: readonly VendorSlug[], policy?: typeof asked) =>
    seed(app, { name, vendors: vendorsOf, ...(policy && { policy }) });
  const probe = await person("probe", ["itglue"]);
  const readers = [await person("reader-1", READ), await person("reader-2", READ)];
  const writer = await person("writer", ["syncro"], unasked);
  const asker = await person("asker", ["itglue"], asked);
  const stander = await person("stander", ["itglue"], asked);
  const renewers = [await person("renewer-1", ["itglue"]), await person("renewer-2", ["itglue"])];
  const replacer = await person("replacer", ["itglue"]);
  const decider = await person("decider", ["itglue"]);
  const ender = await person("ender", ["itglue"]);
  const spare: Spare[] = [];
  const { org, user, connections } = ender;
  const expiresAt = Date.now() + 86_400_000;
  for (let n = 0; n < spares; n++)
    spare.push(await createPersonalToken(app, { org, user, name: `spare ${n}`, vendor: "itglue", scopes: ["itglue:read"], connections, expiresAt })); // biome-ignore format: one thought
  for (const { slug, credentials } of app.vendors.values())
    for (const { name, secret } of credentials.fields)
      if (secret) ledger.secrets.add((demoKeys[slug as VendorSlug] as Readonly<Record<string, string>>)[name]!);
  await app.close();
  const people = [probe, ...readers, writer, asker, stander, ...renewers, replacer, decider, ender];
  for (const { token, session } of people) ledger.secrets.add(token).add(session);
  for (const { token } of spare) ledger.secrets.add(token);

  const stop = new AbortController();
  const part: Part = { url, ledger, stop: stop.signal, pauseMs };
  const clients: Awaited<ReturnType<typeof authorized>>[] = [];
  let running: Promise<unknown>[] = [];
  return {
    probe,
    people,
    async begin() {
      const ids = idsOf(vendors.fakes);
      const record = (name: string): Target => ({
        tool: "itglue_save_configuration",
        args: (notes) => ({ id: ids.record("configurations", name).id, name, notes }),
      });
      const ticket = vendors.fakes.syncro.states.get(demoKeys.syncro.apiToken)!.tickets[0]!.id;
      const comment: Target = { tool: "syncro_add_comment", args: (text) => ({ ticketId: ticket, text }) };
      for (const each of renewers) clients.push(await authorized(part, each));
      const stood = record("CONT-SEA-FS01");
      await allowBeforehand(part, stander, stood);
      running = [
        ...readers.map((each) => reads(part, each)),
        unaskedWrites(part, writer, comment),
        approvedWrites(part, asker, record("CONT-SEA-DC01")),
        standingWrites(part, stander, stood),
        ...clients.map((granted) => refreshes(part, granted)),
        replacements(part, replacer),
        policyChanges(part, decider),
        revocations({ ...part, pauseMs: pauseMs * 4 }, { person: ender, spare }),
      ];
      for (const each of running) each.catch(() => {}); // told when the load ends
    },
    async end() {
      stop.abort();
      for (const outcome of await Promise.allSettled(running))
        if (outcome.status === "rejected") ledger.problems.push(`a part of the load ended: ${String(outcome.reason)}`);
    },
    async renewAll() {
      for (const granted of clients) await renew({ url, ledger }, granted);
    },
  };
}
