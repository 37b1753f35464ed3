import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { parse } from "@cdktf/hcl2json";
import { beforeAll, describe, expect, it } from "vitest";
import { variables } from "../../gateway/config/variables.ts";

type Block = Record<string, unknown>;

const FOLDER = "deploy/terraform/azure";
const texts = globSync(`${FOLDER}/*.tf`).map((file) => ({ file, text: readFileSync(file, "utf8") }));
const all = texts.map(({ text }) => text).join("\n");

/** Blocks by kind, then by their labels joined with dots; every file at once. */
const blocks: Record<string, Map<string, Block>> = {};
const resource = (type: string, name = "this") => blocks["resource"]!.get(`${type}.${name}`) as never as Block;
const app = () => resource("azurerm_container_app", "gateway") as { template: Template[]; secret: Secret[]; dynamic: { secret: { for_each: string; content: Secret[] }[] }; ingress: Block[]; identity: Block[] }; // biome-ignore format: one thought

interface Secret {
  name: string;
  identity: string;
  key_vault_secret_id: string;
}

interface Template {
  min_replicas: string;
  max_replicas: string;
  container: {
    image: string;
    env: { name: string; value?: string; secret_name?: string }[];
    dynamic: { env: { for_each: string; content: { name: string; secret_name: string }[] }[] };
    liveness_probe: Block[];
    readiness_probe: Block[];
  }[];
}

beforeAll(async () => {
  for (const { file, text } of texts) {
    const parsed = (await parse(basename(file), text)) as Record<string, Block | Block[]>;
    for (const [kind, content] of Object.entries(parsed)) collect(kind, content);
  }
});

function collect(kind: string, content: Record<string, unknown> | Block[]) {
  const found = blocks[kind] ?? new Map<string, Block>();
  blocks[kind] = found;
  if (Array.isArray(content)) for (const block of content) for (const [name, value] of Object.entries(block)) found.set(name, value as Block); // biome-ignore format: one thought
  else
    for (const [label, inner] of Object.entries(content))
      if (Array.isArray(inner)) found.set(label, inner[0]);
      else for (const [name, [body]] of Object.entries(inner as Record<string, [Block]>)) found.set(`${label}.${name}`, body); // biome-ignore format: one thought
}

describe("Terraform for Azure", () => {
  it("declares each variable it uses, uses each it declares, and says what it is for (OPS-11)", () => {
    const used = new Set([...all.matchAll(/\bvar\.(\w+)/g)].map(([, name]) => name!));
    expect([...blocks["variable"]!.keys()].toSorted()).toEqual([...used].toSorted());
    for (const [name, { description, type }] of blocks["variable"]!) expect([description, type], name).not.toContain(undefined); // biome-ignore format: one thought
  });

  it("refers only to resources, data and locals that it has (OPS-11)", () => {
    const code = all.replace(/#.*$/gm, "");
    const named = [...code.matchAll(/(?<![\w."/-])((?:data\.)?(?:azurerm|random)_\w+\.\w+)\./g)].map(
      ([, name]) => name!,
    );
    expect(named.length).toBeGreaterThan(20);
    const known = new Set([
      ...blocks["resource"]!.keys(),
      ...[...blocks["data"]!.keys()].map((name) => `data.${name}`),
    ]);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    const depends = [...code.matchAll(/depends_on = \[([^\]]+)\]/g)].flatMap(([, list]) => list!.split(/,\s*/));
    expect(depends.filter((name) => !known.has(name.trim()))).toEqual([]);
  });

  it("keeps the database off the internet, backed up, and from being destroyed by accident (OPS-11)", () => {
    const database = resource("azurerm_postgresql_flexible_server");
    expect(database["public_network_access_enabled"]).toBe(false);
    expect(database["delegated_subnet_id"]).toContain("azurerm_subnet.database.id");
    expect(Number(database["version"])).toBeGreaterThanOrEqual(15);
    expect(database["backup_retention_days"]).toContain("var.backup_days");
    for (const type of ["azurerm_postgresql_flexible_server", "azurerm_key_vault"])
      expect((resource(type)["lifecycle"] as Block[])[0]!["prevent_destroy"], type).toBe(true);
    expect(all).not.toMatch(/azurerm_postgresql_flexible_server_firewall_rule/);
    expect(resource("azurerm_key_vault_secret", "database_url")["value"]).toContain("sslmode=verify-full");
  });

  it("takes every secret from the key vault with an identity of its own that can only read (OPS-11)", () => {
    const identity = "azurerm_user_assigned_identity.gateway.id";
    const secrets = [...app().secret, ...app().dynamic.secret.flatMap(({ content }) => content)];
    for (const secret of secrets) {
      expect(secret.identity).toContain(identity);
      expect(secret.key_vault_secret_id).toContain("azurerm_key_vault");
      expect(secret).not.toHaveProperty("value");
    }
    const role = resource("azurerm_role_assignment", "gateway_reads");
    expect(role["role_definition_name"]).toBe("Key Vault Secrets User");
    const keys = (blocks["locals"]!.get("keys") ?? {}) as Record<string, string>;
    const required = ["VAULT_KEYS", "AUDIT_KEY", "COOKIE_KEYS", "SIGNING_KEYS"];
    expect(Object.keys(keys).toSorted()).toEqual(required.toSorted());
    const [container] = app().template[0]!.container;
    for (const { name, value } of container!.env) {
      const variable = variables[name as keyof typeof variables] as { secret?: boolean } | undefined;
      expect(variable, name).toBeDefined();
      if (variable!.secret) expect(value, name).toBeUndefined();
    }
  });

  it("runs two replicas or more, asks after health and readiness, and takes no plain HTTP (OPS-10, OPS-11)", () => {
    const [template] = app().template;
    expect(template).toMatchObject({ min_replicas: expect.stringContaining("var.min_replicas") });
    expect(blocks["variable"]!.get("min_replicas")!["default"]).toBeGreaterThanOrEqual(2);
    const [container] = template!.container;
    expect(container!.liveness_probe[0]).toMatchObject({ path: "/health", port: 3100 });
    expect(container!.readiness_probe[0]).toMatchObject({ path: "/ready", port: 3100 });
    expect(app().ingress[0]).toMatchObject({ target_port: 3100, allow_insecure_connections: false });
    expect(app().identity[0]!["type"]).toBe("UserAssigned");
  });

  it("is formatted as terraform formats", ({ skip }) => {
    const { status, stdout, error } = spawnSync("terraform", ["fmt", "-check", "-diff", FOLDER], { encoding: "utf8" });
    if (error) skip("there is no terraform on this machine");
    expect([status, stdout]).toEqual([0, ""]);
  });
});
