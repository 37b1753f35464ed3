import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inSystemScope } from "../../gateway/database/scope.ts";
import { demoKeys } from "../fakes/keys.ts";
import { type Served, serveFakes } from "../fakes/serve.ts";
import { startPostgres } from "../setup/postgres.ts";
import { authorize } from "./authorize.ts";
import { connectClient } from "./clients.ts";
import { browserOf, type Person, startGateway } from "./gateway.ts";

const server = await startPostgres();
const KEY_FILES = ["vault.key", "audit.key", "cookie.key", "signing.key"];

if (!("missing" in server)) {
  describe("an installation that is carried from SQLite to PostgreSQL and back", () => {
    let served: Served;
    let url: string;
    const folders: string[] = [];
    const folder = () => {
      folders.push(mkdtempSync(join(tmpdir(), "vendorsmith-storage-")));
      return folders.at(-1)!;
    };
    beforeAll(async () => {
      served = await serveFakes({ validate: true });
      url = await server.newOwnDatabase();
    });
    afterAll(async () => {
      await served?.close();
      await server.stop();
      for (const one of folders) rmSync(one, { recursive: true, force: true });
    });

    const begin = (dataDir: string, env: Record<string, string> = {}) =>
      inSystemScope(() => startGateway({ dataDir, origins: served.origins, env }));

    /** `npm run storage`, as an operator runs it. */
    const storage = (dataDir: string, env: Record<string, string>, ...words: string[]) =>
      new Promise<{ code: number | null; said: string }>((ended) => {
        const child = spawn(process.execPath, ["scripts/storage.ts", ...words], { env: { PATH: process.env["PATH"]!, DATA_DIR: dataDir, ...env } }); // biome-ignore format: one thought
        let said = "";
        for (const stream of [child.stdout, child.stderr])
          stream.on("data", (text) => {
            said += text;
          });
        child.once("close", (code) => ended({ code, said }));
      });

    /** What the person's assistant gets, with the keys that are stored. */
    async function ask(gateway: Awaited<ReturnType<typeof begin>>, person: Person, keys?: Record<string, string>) {
      const token = await authorize(gateway, browserOf(gateway), { vendor: "itglue", person, ...(keys && { keys }) });
      const client = await connectClient("2026-07-28", `${gateway.url}/v1/itglue`, token.accessToken);
      const answer = await client.callTool({ name: "itglue_search_organizations", arguments: {} });
      await client.close();
      expect(answer.isError ?? false, JSON.stringify(answer)).toBe(false);
      return answer.structuredContent;
    }

    it("keeps people, keys, tokens and the audit trail, and calls tools at each place (OPS-04, OPS-08)", async () => {
      const first = folder();
      const one = await begin(first);
      const person = await one.person("ann@example.com");
      const answer = await ask(one, person, demoKeys.itglue);
      await one.app.audit.settled();

      const file = join(folder(), "installation.backup");
      const made = await storage(first, {}, "backup", "--to", file);
      expect(made).toMatchObject({ code: 0, said: expect.stringMatching(/The keys are not in it: keep VAULT_KEYS/) });
      const content = gunzipSync(readFileSync(file)).toString();
      for (const secret of [demoKeys.itglue.apiKey, person.password, readFileSync(join(first, "vault.key"), "utf8").trim()]) expect(content).not.toContain(secret); // biome-ignore format: one thought
      expect(await storage(first, {}, "verify", "--from", file)).toMatchObject({ code: 0, said: expect.stringContaining("is whole") }); // biome-ignore format: one thought

      const moved = await storage(
        first,
        { NEW_DATABASE_URL: url },
        "move",
        "--from",
        "sqlite",
        "--to",
        "NEW_DATABASE_URL",
      );
      expect(moved).toMatchObject({ code: 3, said: expect.stringContaining("is being served") });
      await one.close();

      const second = folder();
      const without = await storage(second, { DATABASE_URL: url }, "restore", "--from", file);
      expect(without).toMatchObject({
        code: 3,
        said: expect.stringContaining("The audit key of the installation is not here"),
      });
      for (const name of KEY_FILES) copyFileSync(join(first, name), join(second, name));
      const restored = await storage(second, { DATABASE_URL: url }, "restore", "--from", file);
      expect(restored).toMatchObject({
        code: 0,
        said: expect.stringMatching(/audit chains of \d+ organisations hold/),
      });

      const two = await begin(second, { DATABASE_URL: url });
      expect(await ask(two, person)).toEqual(answer);
      const again = await storage(second, { DATABASE_URL: url }, "restore", "--from", file);
      expect(again).toMatchObject({ code: 3, said: expect.stringContaining("is being served") });
      await two.close();
      const full = await storage(second, { DATABASE_URL: url }, "restore", "--from", file);
      expect(full).toMatchObject({ code: 3, said: expect.stringContaining("The target is not empty") });

      const third = folder();
      for (const name of KEY_FILES) copyFileSync(join(first, name), join(third, name));
      const back = await storage(third, { DATABASE_URL: url }, "move", "--from", "postgres", "--to", "sqlite");
      expect(back).toMatchObject({ code: 0, said: expect.stringContaining("arrived as they left") });
      const three = await begin(third);
      expect(await ask(three, person)).toEqual(answer);
      await three.close();
    }, 60_000);

    it("refuses an address in the arguments, because everybody sees those, and says what it takes (OPS-04)", async () => {
      const here = folder();
      const clear = await storage(here, {}, "move", "--from", "sqlite", "--to", "postgres://a:canary@127.0.0.1/b");
      expect(clear).toMatchObject({ code: 3, said: expect.stringContaining("Put it into a variable") });
      expect(clear.said).not.toContain("canary");
      expect(await storage(here, {}, "move", "--from", "sqlite")).toMatchObject({ code: 2, said: expect.stringContaining("Usage: npm run storage") }); // biome-ignore format: one thought
      const unset = await storage(here, {}, "move", "--from", "sqlite", "--to", "NOWHERE_URL");
      expect(unset).toMatchObject({ code: 3, said: expect.stringContaining("NOWHERE_URL is not set") });
      expect(existsSync(join(here, "vendorsmith.db"))).toBe(false);
    });

    it("takes the address of the new database from a file, where the old one has a file too (OPS-04)", async () => {
      const here = folder();
      const fileOf = (name: string, text: string) => {
        writeFileSync(join(here, name), text, { mode: 0o600 });
        return join(here, name);
      };
      const both = { DATABASE_URL_FILE: fileOf("old", url), NEW_DATABASE_URL_FILE: fileOf("new", url) };
      const first = await begin(here);
      await first.close();
      const file = join(here, "installation.backup");
      await storage(here, {}, "backup", "--to", file);
      const reached = await storage(here, both, "restore", "--from", file, "--to", "NEW_DATABASE_URL");
      expect(reached).toMatchObject({ code: 3, said: expect.stringContaining("The target is not empty") });
      const gone = { ...both, NEW_DATABASE_URL_FILE: join(here, "none") };
      const missing = await storage(here, gone, "restore", "--from", file, "--to", "NEW_DATABASE_URL");
      expect(missing).toMatchObject({ code: 3, said: expect.stringMatching(/^NEW_DATABASE_URL_FILE: the file does not exist; correct the path/) }); // biome-ignore format: one thought
    });

    it("gives organisations a home where a gateway is known, and nowhere else (OPS-12)", async () => {
      const here = folder();
      const one = await begin(here);
      await one.person("bea@example.com");
      await one.close();
      const where = { REGION: "eu-central", REGIONS: "us-east=https://us.example.com" };
      const wrong = await storage(here, where, "region", "--set", "eu-cental");
      expect(wrong).toMatchObject({ code: 3, said: expect.stringContaining("REGION and REGIONS here name eu-central, us-east. Correct the name") }); // biome-ignore format: one thought
      const right = await storage(here, where, "region", "--set", "us-east");
      expect(right).toMatchObject({ code: 0, said: expect.stringMatching(/^At home in us-east now: [1-9]/) });
    });

    it("says which variable holds the address of a server that refuses it, and what to do (OPS-04)", async () => {
      const here = folder();
      const first = await begin(here);
      await first.close();
      const wrong = new URL(url);
      wrong.pathname = "/nowhere";
      const refused = await storage(here, { NEW_DATABASE_URL: wrong.href }, "move", "--from", "sqlite", "--to", "NEW_DATABASE_URL"); // biome-ignore format: one thought
      expect(refused).toMatchObject({ code: 3, said: expect.stringMatching(/^NEW_DATABASE_URL: the server has no database of this name\. Make it/) }); // biome-ignore format: one thought
    });
  });
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(server.missing));
else console.log(`Moving to PostgreSQL is not tested: ${server.missing}.`);
