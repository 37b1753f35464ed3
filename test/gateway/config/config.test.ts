import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isLocal } from "../../../gateway/config/master-keys.ts";
import { settingOf } from "../../../gateway/config/settings.ts";
import { type AnyVariable, variables } from "../../../gateway/config/variables.ts";
import { readConfig } from "../../../gateway/config.ts";
import { KEY_KINDS } from "../../../gateway/keys.ts";
import { scratch } from "../support.ts";

const KEY = "6fvqUHbG7Vt8nXJwQmRz1c0yLk3sPd5aTeYhWiOuB9E=";
const OTHER_KEY = "b3zMrTq8LkWvXyP1nHs5Jd7fGc9aQe2uRi4oYt6wZxA=";
const SIGNING = KEY_KINDS.signing.make();

const production = {
  NODE_ENV: "production",
  PUBLIC_URL: "https://mcp.example.com",
  VAULT_KEYS: `k1:${KEY}`,
  AUDIT_KEY: OTHER_KEY,
  COOKIE_KEYS: "n5Vt8nXJwQmRz1c0yLk3sPd5aTeYhWiOu",
  SIGNING_KEYS: SIGNING,
};

function messageOf(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
}

describe("the environment", () => {
  it("has defaults for a first start", () => {
    expect(readConfig({})).toMatchObject({
      production: false,
      host: "127.0.0.1",
      port: 3100,
      publicUrl: "http://localhost:3100",
      trustProxy: false,
      logLevel: "info",
      demo: false,
      devVendorOrigins: {},
      oauth: { redirectSchemes: ["cursor", "vscode", "vscode-insiders"], clientDocuments: true },
    });
    expect(readConfig({ PORT: "4000" }).publicUrl).toBe("http://localhost:4000");
    expect(readConfig(production).host).toBe("0.0.0.0");
  });

  it("names every wrong variable at once and no value (OPS-07)", () => {
    const message = messageOf({
      PORT: "seventy-seven",
      PUBLIC_URL: "https://secret.example.com/path",
      VAULT_KEYS: "canary-vault",
      DATABASE_URL: "mysql://root:canary-database@localhost/x",
      LOG_LEVEL: "canary-level",
      DEV_VENDOR_ORIGINS: "{canary",
      SIGNING_KEYS: "canary-signing",
    });
    expect(message.split("\n").slice(1).map((line) => line.trim().split(":")[0])).toEqual(
      "PORT PUBLIC_URL DATABASE_URL VAULT_KEYS SIGNING_KEYS LOG_LEVEL DEV_VENDOR_ORIGINS".split(" "),
    ); // biome-ignore format: one thought
    expect(message).not.toMatch(/canary|seventy|secret/);
  });

  it("refuses a signing key that cannot sign, though it has the form of one", () => {
    const { x, y, d, ...form } = JSON.parse(SIGNING);
    expect(messageOf({ SIGNING_KEYS: JSON.stringify({ ...form, x: d, y: x, d: y }) })).toContain(
      "SIGNING_KEYS: must be",
    );
  });

  it("counts an empty variable as unset", () => {
    expect(readConfig({ PORT: "", DATABASE_URL: "", PUBLIC_URL: "" }).port).toBe(3100);
  });

  it.each([
    [
      "no keys",
      { VAULT_KEYS: "", AUDIT_KEY: "", COOKIE_KEYS: "", SIGNING_KEYS: "" },
      ["VAULT_KEYS", "AUDIT_KEY", "COOKIE_KEYS", "SIGNING_KEYS"],
    ],
    ["plain HTTP", { PUBLIC_URL: "http://mcp.example.com" }, ["PUBLIC_URL"]],
    ["no public address", { PUBLIC_URL: "" }, ["PUBLIC_URL"]],
    ["the simulation", { DEMO: "true" }, ["DEMO"]],
    ["vendors that are simulated", { DEV_VENDOR_ORIGINS: '{"acme":"http://127.0.0.1:1"}' }, ["DEV_VENDOR_ORIGINS"]],
  ])("refuses %s in production (OPS-07)", (_what, change, names) => {
    expect(messageOf(production)).toBe("no error");
    const message = messageOf({ ...production, ...change });
    for (const name of names) expect(message).toContain(`\n  ${name}: `);
  });

  it.each([
    "postgres://me:canary-password@db.example.com/vendorsmith",
    "postgres://me:canary-password@10.0.0.7/vendorsmith?application_name=x",
    "postgresql://me:canary-password@database:5432/vendorsmith",
    "postgres://me:canary-password@localhost/vendorsmith?host=db.example.com",
  ])("refuses in production a database over a network that says nothing of TLS: %s (OPS-04, OPS-07)", (url) => {
    for (const name of ["DATABASE_URL", "MIGRATION_DATABASE_URL"]) {
      const message = messageOf({ ...production, DATABASE_URL: "postgres://localhost/x", [name]: url });
      expect(message).toContain(`\n  ${name}: says nothing of TLS`);
      expect(message).toContain("sslmode=verify-full");
      expect(message).toContain("sslmode=disable");
      expect(message).not.toContain("canary");
    }
    const { clearText } = readConfig({ DATABASE_URL: url });
    expect(clearText.join()).toContain("DATABASE_URL: says nothing of TLS");
    expect(clearText.join()).not.toContain("canary");
  });

  it.each([
    "postgres://me@db.example.com/vendorsmith?sslmode=verify-full",
    "postgres://me@database:5432/vendorsmith?sslmode=disable",
    "postgres://me@db.example.com/vendorsmith?a=b&ssl=true",
    "postgres://me@localhost/vendorsmith",
    "postgres://me@127.0.0.1:5432/vendorsmith",
    "postgres://me@[::1]/vendorsmith",
    "postgres:///vendorsmith",
    "postgres://me@/vendorsmith?host=/run/postgresql",
    "postgres://me@%2Frun%2Fpostgresql/vendorsmith",
    "postgres://me:p#ss@[/vendorsmith",
  ])(
    "takes a database that says how, is on this machine, or is nothing that can be read: %s (OPS-04)",
    (DATABASE_URL) => {
      expect(messageOf({ ...production, DATABASE_URL })).toBe("no error");
      expect(readConfig({ DATABASE_URL }).clearText).toEqual([]);
    },
  );

  it("has words for a Redis whose scheme asks for no TLS on the way to another machine (OPS-05)", () => {
    const words = (REDIS_URL: string) => readConfig({ ...production, REDIS_URL }).clearText.join();
    expect(words("redis://me:canary@cache.example.com:6379")).toMatch(/^REDIS_URL: .*rediss:\/\//);
    expect(words("redis://me:canary@cache.example.com:6379")).not.toContain("canary");
    for (const url of ["rediss://cache.example.com", "redis://localhost:6379", "redis://127.0.0.1"])
      expect(words(url)).toBe("");
  });

  it.each([
    ["short", "k1:c2hvcnQ="],
    ["all-zero", `k1:${Buffer.alloc(32).toString("base64")}`],
    ["constant", `k1:${Buffer.alloc(32, 7).toString("base64")}`],
    ["documented", readFileSync(".env.example", "utf8").match(/VAULT_KEYS=(\S+)/)![1]!],
    ["doubled", `k1:${KEY},k2:${KEY}`],
    ["ambiguous", `k1:${KEY},k1:${OTHER_KEY}`],
    ["nameless", KEY],
    ["padded out of base64", `k1:${KEY}!`],
  ])("refuses a %s vault key (OPS-07)", (_what, VAULT_KEYS) => {
    expect(messageOf({ VAULT_KEYS })).toMatch(/^The configuration is not valid:\n {2}VAULT_KEYS: .+$/);
  });

  it.each([
    [
      "transit://vault.example.com:8200/transit/main?namespace=a&auth=kubernetes&role=r",
      "https://vault.example.com:8200",
      "transit/main",
    ],
    ["transit://127.0.0.1:8100/transit/main?auth=agent", "http://127.0.0.1:8100", "transit/main"],
    ["awskms:///arn:aws:kms:eu-central-1:1:key/2", undefined, "arn:aws:kms:eu-central-1:1:key/2"],
    ["awskms:///alias/main?region=eu-central-1", undefined, "alias/main"],
    ["azurekms://v.vault.azure.net/main", "https://v.vault.azure.net", "main"],
    [
      "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k",
      undefined,
      "projects/p/locations/l/keyRings/r/cryptoKeys/k",
    ],
  ])("takes a master key at a service: %s (VLT-05)", (address, origin, name) => {
    expect(readConfig({ VAULT_KEYS: `far:${address},k1:${KEY}` }).keys.vault).toMatchObject([
      { kid: "far", origin, name },
      { kid: "k1" },
    ]);
  });

  it.each([
    ["transit://u:secret@h/transit/main", "must not hold a user, a password"],
    ["transit://h/main", "must look like transit://host"],
    ["transit://h/transit/main", "TRANSIT_TOKEN: a transit:// key needs it"],
    ["transit://h/transit/main?auth=approle", "TRANSIT_ROLE_ID: auth=approle needs it"],
    ["transit://h/transit/main?auth=kubernetes", "needs role="],
    ["transit://h/transit/main?token=secret", "has the option token"],
    ["awskms:///alias/main", "must hold an ARN, or region="],
    ["azurekms://v.vault.azure.net/main/version", "without a version"],
    ["gcpkms://projects/p", "must look like gcpkms://projects"],
    ["https://h/main", "must begin with transit://"],
  ])("refuses a service that it could not use: %s (VLT-05)", (address, words) => {
    const reading = () => readConfig({ VAULT_KEYS: `far:${address}` });
    expect(reading).toThrow(words);
    expect(reading).not.toThrow("secret");
  });

  it("takes several vault keys, the first as the one that seals", () => {
    const keys = readConfig({ VAULT_KEYS: `new:${KEY},old:${OTHER_KEY}` }).keys.vault!.filter(isLocal);
    expect(keys.map(({ kid, key }) => [kid, key.length])).toEqual([["new", 32], ["old", 32]]); // biome-ignore format: one thought
  });

  it("refuses one key for the vault and the audit log", () => {
    expect(messageOf({ ...production, AUDIT_KEY: KEY })).toContain("AUDIT_KEY: must not be a vault key");
  });

  it("lets vendors be simulated on loopback only", () => {
    const at = (url: string) => messageOf({ DEV_VENDOR_ORIGINS: JSON.stringify({ acme: url }) });
    for (const url of ["http://127.0.0.1:4000", "http://localhost:4000/", "http://[::1]:4000", "http://127.9.9.9"])
      expect(at(url)).toBe("no error");
    for (const url of [
      "http://10.0.0.1",
      "https://example.com",
      "http://localhost.evil",
      "http://127.0.0.1@evil.example",
      "ftp://127.0.0.1",
      "http://0.0.0.0",
      "x",
    ])
      expect(at(url)).toContain("DEV_VENDOR_ORIGINS: may only name loopback addresses");
  });

  it("takes a list of vendors, by the names in their addresses (LOC-05)", () => {
    expect(readConfig({}).vendors).toBeUndefined();
    expect(readConfig({ VENDORS: "some-vendor, another,some-vendor" }).vendors).toEqual(["some-vendor", "another"]);
    for (const list of [",", "Some Vendor", "../x"])
      expect(messageOf({ VENDORS: list })).toContain("VENDORS: must list");
  });

  it("never trusts every proxy", () => {
    expect(readConfig({ TRUST_PROXY: "10.0.0.0/8, ::1, loopback" }).trustProxy).toEqual([
      "10.0.0.0/8",
      "::1",
      "loopback",
    ]);
    for (const list of ["true", "*", "0.0.0.0/0", "::/0", "10.0.0.0/33", "proxy.example"])
      expect(messageOf({ TRUST_PROXY: list })).toContain("TRUST_PROXY");
  });

  it("takes a header of a platform's proxy only with the proxies that say it", () => {
    const named = { TRUST_PROXY: "10.0.0.0/8", TRUST_PROXY_HEADER: "Fly-Client-IP" };
    expect(readConfig(named).trustProxyHeader).toBe("fly-client-ip");
    expect(messageOf({ TRUST_PROXY_HEADER: "Fly-Client-IP" })).toContain("TRUST_PROXY: TRUST_PROXY_HEADER needs");
    expect(messageOf({ ...named, TRUST_PROXY_HEADER: "a, b" })).toContain("TRUST_PROXY_HEADER: must be");
  });

  it("takes private redirect schemes, not those of browsers", () => {
    expect(readConfig({ REDIRECT_SCHEMES: "Zed:, windsurf" }).oauth.redirectSchemes).toEqual(["zed", "windsurf"]);
    expect(readConfig({ CLIENT_DOCUMENTS: "false" }).oauth.clientDocuments).toBe(false);
    for (const scheme of ["javascript", "https", "data", "intent", "a b"])
      expect(messageOf({ REDIRECT_SCHEMES: scheme })).toContain("REDIRECT_SCHEMES");
  });
});

describe("a secret in a file", () => {
  const fileWith = (text: string, mode = 0o600) => {
    const file = `${scratch()}/secret`;
    writeFileSync(file, text, { mode });
    chmodSync(file, mode);
    return file;
  };

  it("is read when X_FILE names it", () => {
    expect(readConfig({ VAULT_KEYS_FILE: fileWith(`k1:${KEY}\nold:${OTHER_KEY}\n`) }).keys.vault).toHaveLength(2);
    const { VAULT_KEYS, ...rest } = production;
    expect(messageOf({ ...rest, VAULT_KEYS_FILE: fileWith(VAULT_KEYS) })).toBe("no error");
  });

  it.each([0o604, 0o644, 0o620])("is refused with mode %o (VLT-01)", (mode) => {
    const message = messageOf({ VAULT_KEYS_FILE: fileWith(`k1:${KEY}`, mode) });
    expect(message).toContain("VAULT_KEYS_FILE: the file has mode");
    expect(message).not.toContain(KEY);
  });

  it("may be read by its group where root owns it, as orchestrators hand secrets over, and nowhere else (VLT-01)", () => {
    const file = fileWith(`k1:${KEY}`, 0o640);
    const read = () => messageOf({ VAULT_KEYS_FILE: file });
    if (process.getuid?.() === 0) {
      expect(read()).toBe("no error");
      chownSync(file, 10001, 10001);
    }
    expect(read()).toContain("the file has mode 0640");
  });

  it("is said once to be missing, and not also that production needs the variable (OPS-07)", () => {
    const said = messageOf({ NODE_ENV: "production", VAULT_KEYS_FILE: `${scratch()}/none` });
    expect(said).toContain("VAULT_KEYS_FILE: the file does not exist; correct the path");
    expect(said).not.toContain("VAULT_KEYS: ");
    expect(said).toContain("AUDIT_KEY: production needs it");
  });

  it("is refused when it is missing, a folder, or given twice", () => {
    expect(messageOf({ VAULT_KEYS_FILE: `${scratch()}/none` })).toContain("the file does not exist");
    expect(messageOf({ VAULT_KEYS_FILE: scratch() })).toContain("this is not a file");
    const both = messageOf({ AUDIT_KEY: OTHER_KEY, AUDIT_KEY_FILE: fileWith(OTHER_KEY) });
    expect(both).toContain("set AUDIT_KEY or AUDIT_KEY_FILE, not both");
  });
});

describe("the list of variables", () => {
  it("is printed to .env.example and docs/configuration.md (OPS-07)", () => {
    const check = spawnSync(process.execPath, ["scripts/env-example.ts", "--check"], { encoding: "utf8" });
    expect(check.stderr).toBe("");
    for (const name of Object.keys(variables)) {
      expect(readFileSync(".env.example", "utf8")).toMatch(new RegExp(`^# ${name}=`, "m"));
      expect(readFileSync("docs/configuration.md", "utf8")).toContain(`| \`${name}\``);
    }
  });
});

describe("single sign-on (OAU-11)", () => {
  const ONE = { OIDC_ISSUER: "https://id.example.com", OIDC_CLIENT_ID: "gateway" };
  const providers = (env: Record<string, string>) => readConfig(env).providers;

  it("is off without a provider, and described by a few variables or a list", () => {
    expect(providers({})).toEqual([]);
    expect(providers(ONE)).toMatchObject([{ issuer: "https://id.example.com/", name: "your company account" }]);
    const secret = { OIDC_CLIENT_SECRET: "canary-secret", OIDC_DOMAINS: "Example.com, example.org" };
    const [one] = providers({ ...ONE, ...secret, OIDC_JOIN: "member", OIDC_ORG: "org_1" });
    expect(one).toMatchObject({ domains: ["example.com", "example.org"], join: { org: "org_1", role: "member" } });
    expect(JSON.stringify(one)).not.toContain("canary");
    expect(one!.clientSecret!.reveal()).toBe("canary-secret");
    const more = {
      issuer: "https://login.example.org/t/v2.0",
      clientId: "c",
      name: "Org",
      join: "auditor",
      org: "org_2",
    };
    const both = providers({ ...ONE, OIDC_PROVIDERS: JSON.stringify([more]) });
    expect(both.map(({ name, join }) => [name, join?.role])).toEqual([
      ["your company account", undefined],
      ["Org", "auditor"],
    ]);
    expect(new Set(both.map(({ id }) => id)).size).toBe(2);
  });

  it("has a short form for Keycloak", () => {
    const keycloak = { KEYCLOAK_URL: "https://kc.example.com/", KEYCLOAK_REALM: "staff", OIDC_CLIENT_ID: "gateway" };
    expect(providers(keycloak)[0]!.issuer).toBe("https://kc.example.com/realms/staff");
    expect(messageOf({ ...keycloak, KEYCLOAK_REALM: "" })).toContain("KEYCLOAK_URL: needs KEYCLOAK_REALM");
    expect(messageOf({ ...keycloak, ...ONE })).toContain("not both");
  });

  it.each([
    [{ ...ONE, OIDC_CLIENT_ID: "" }, "OIDC_CLIENT_ID: the provider needs it"],
    [{ OIDC_CLIENT_ID: "gateway" }, "OIDC_ISSUER: OIDC_CLIENT_ID is set without it"],
    [{ ...ONE, OIDC_JOIN: "member" }, "OIDC_ORG: OIDC_JOIN needs"],
    [{ ...ONE, OIDC_JOIN: "owner", OIDC_ORG: "org_1" }, "OIDC_JOIN: must be off or one of"],
    [{ ...ONE, OIDC_ISSUER: "http://id.example.com" }, "OIDC_ISSUER: must be an https address"],
    [{ ...ONE, OIDC_ISSUER: "https://id.example.com/?x=1" }, "OIDC_ISSUER: must be an https address"],
    [{ ...ONE, OIDC_DOMAINS: "@example.com" }, "OIDC_DOMAINS: must list domains"],
    [{ ...ONE, OIDC_PROVIDERS: '[{"issuer":"https://a.example"}]' }, "OIDC_PROVIDERS: must be a JSON list"],
    [
      { ...ONE, OIDC_PROVIDERS: '[{"issuer":"https://id.example.com/","clientId":"c","name":"N"}]' },
      "one issuer twice",
    ],
    [{ ...production, ...ONE, OIDC_ISSUER: "http://127.0.0.1:8080" }, "OIDC_ISSUER: production needs an https address"],
  ])("is refused when it cannot work: %j", (env, text) => expect(messageOf(env)).toContain(text));

  it("may be plain http on this device, for development", () =>
    expect(providers({ ...ONE, OIDC_ISSUER: "http://localhost:8080" })).toHaveLength(1));
});

it("shows no password or token that stands in an address (API-04)", () => {
  const env = {
    AUDIT_WEBHOOK_URL: "https://siem.example.com/in?token=canary#canary",
    AUDIT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
    REGIONS: "eu=https://eu.example.com,us=https://us.example.com",
    PRODUCT_NAME: "What now?",
  };
  const shown = new Map(readConfig(env).settings.map(({ name, value }) => [name, value]));
  expect(JSON.stringify([...shown])).not.toContain("canary");
  expect(shown.get("AUDIT_WEBHOOK_URL")).toBe("https://siem.example.com/in?…");
  expect([shown.get("REGIONS"), shown.get("PRODUCT_NAME")]).toEqual([env.REGIONS, env.PRODUCT_NAME]);
});

it("shows of every secret no more than that it is set, from wherever it comes (API-04)", () => {
  const secrets = Object.entries(variables as Record<string, AnyVariable>).filter(([, { secret }]) => secret);
  expect(secrets.length).toBeGreaterThan(10);
  for (const [name, variable] of secrets) {
    const shown = [name, `${name}_FILE`].map((given) => settingOf(name, variable, { [given]: "canary" }));
    expect(
      shown.map(({ value }) => value),
      name,
    ).toEqual(["set", "set"]);
    expect(JSON.stringify(shown), name).not.toContain("canary");
  }
  // What is named like a secret is one.
  const named = Object.entries(variables as Record<string, AnyVariable>).filter(([name]) => /TOKEN$|SECRET|PASSWORD|_KEY$|KEYS$/.test(name)); // biome-ignore format: one thought
  expect(named.filter(([, { secret }]) => !secret).map(([name]) => name)).toEqual([]);
});

it("takes every secret from a file as well, so that none has to stand in the environment", () => {
  expect(Object.entries(variables).filter(([, { secret, file }]) => secret && !file)).toEqual([]);
});
