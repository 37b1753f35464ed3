import { afterAll, expect, it } from "vitest";
import { verifyAll } from "../../../gateway/audit/verify.ts";
import { deleteAccount } from "../../../gateway/identity/delete-account.ts";
import { redeemSetup, setupToken } from "../../../gateway/identity/setup.ts";
import { checkPassword } from "../../../gateway/identity/sign-in.ts";
import { startPostgres } from "../../setup/postgres.ts";
import { connectionRow, PASSWORD, person, testApp } from "../support.ts";

const server = await startPostgres();

if (!("missing" in server)) {
  afterAll(() => server.stop());

  it("two gateways on one PostgreSQL are one: people, credentials, limits and audit (OPS-04)", async () => {
    const keys = {
      VAULT_KEYS: "k1:6fvqUHbG7Vt8nXJwQmRz1c0yLk3sPd5aTeYhWiOuB9E=",
      AUDIT_KEY: "b3zMrTq8LkWvXyP1nHs5Jd7fGc9aQe2uRi4oYt6wZxA=",
    };
    const env = { DATABASE_URL: await server.newDatabase(), ...keys };
    const [one, two] = await Promise.all([testApp({ env }), testApp({ env })]);
    const tokens = [(await setupToken(one))!, (await setupToken(two))!];
    const owners = await Promise.allSettled(
      [one, two].map((app, n) =>
        redeemSetup(app, { token: tokens[n]!, email: `p${n}@example.com`, name: "P", password: PASSWORD }),
      ),
    );
    expect(owners.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);

    const { user, org } = await person(one);
    const where = await connectionRow(one, { org, owner: user.id });
    await one.vault.put({ ...where, version: 1 }, { apiKey: "k" });
    expect(await two.vault.open(where, { actor: user.id, kind: "call" })).toEqual({ apiKey: "k" });

    const wrong = { email: user.email, password: "wrong", address: "192.0.2.1" };
    const guesses = await Promise.all(Array.from({ length: 8 }, (_, n) => checkPassword(n % 2 ? one : two, wrong)));
    expect(guesses.filter((guess) => guess === undefined)).toHaveLength(5);
    const uses = await Promise.all(
      Array.from({ length: 8 }, (_, n) => (n % 2 ? one : two).limit("calls:x", { max: 3, windowMs: 60_000 })),
    );
    expect(uses.filter(({ allowed }) => allowed)).toHaveLength(3);

    await deleteAccount(two, { userId: user.id });
    await expect(one.vault.open(where, { actor: user.id, kind: "call" })).rejects.toMatchObject({
      code: "NOTHING_STORED",
    });
    expect((await verifyAll(one.db, one.keys.audit)).every(({ ok }) => ok)).toBe(true);
  });
} else if (process.env["REQUIRE_SERVICES"]) it("has PostgreSQL (OPS-04)", () => expect.fail(server.missing));
else console.log(`The gateway is not tested on PostgreSQL: ${server.missing}.`);
