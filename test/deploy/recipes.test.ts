import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { variables } from "../../gateway/config/variables.ts";
import { scratch } from "../gateway/support.ts";
import { commandOf, image } from "./dockerfile.ts";

const read = (file: string) => readFileSync(`deploy/${file}`, "utf8");
const port = Number(image().instructions.find(({ keyword }) => keyword === "EXPOSE")!.words[0]);
const isKnown = (name: string) => name in variables || name.replace(/_FILE$/, "") in variables;

/** As far as the recipe needs TOML: tables, and strings, numbers and booleans in them. */
function tables(toml: string): Map<string, Record<string, string | number | boolean>> {
  const found = new Map<string, Record<string, string | number | boolean>>([["", {}]]);
  let at = "";
  for (const line of toml.split("\n").filter((text) => text.trim() && !text.startsWith("#"))) {
    const [, table] = /^\[+([\w.]+)\]+$/.exec(line) ?? [];
    const [, key, value] = /^(\w+) = (.+)$/.exec(line) ?? [];
    if (table) {
      found.set(table, {});
      at = table;
    } else if (key) found.get(at)![key] = JSON.parse(value!);
    else throw new Error(`not understood: ${line}`);
  }
  return found;
}

describe("recipes", () => {
  it("Fly.io: the image, its port, its readiness, time to end, and no secret (OPS-11)", () => {
    const fly = tables(read("fly.toml"));
    expect(fly.get("http_service")).toMatchObject({ internal_port: port, force_https: true, min_machines_running: 2 });
    expect(fly.get("http_service.checks")).toMatchObject({ path: "/ready", method: "GET" });
    expect(fly.get("build")!["dockerfile"]).toBe("../Dockerfile");
    expect(fly.get("env")).toMatchObject({ TRUST_PROXY: "172.16.0.0/12", TRUST_PROXY_HEADER: "Fly-Client-IP" });
    expectPublic(Object.keys(fly.get("env")!));
  });

  it("Railway: the image and its readiness (OPS-11)", () => {
    const { build, deploy } = JSON.parse(read("railway.json"));
    expect(build).toEqual({ builder: "DOCKERFILE", dockerfilePath: "Dockerfile" });
    expect(deploy).toMatchObject({ healthcheckPath: "/ready", numReplicas: 2 });
    // The start command is the image's own.
    expect(deploy).not.toHaveProperty("startCommand");
  });

  it("DigitalOcean: an exact image, its port, readiness and health, secrets marked as such (OPS-11)", () => {
    const { services, databases } = parse(read("digitalocean.yaml"));
    const [gateway] = services;
    expect(gateway).toMatchObject({ http_port: port, health_check: { http_path: "/ready" } });
    expect(gateway.liveness_health_check.http_path).toBe("/health");
    expect(String(gateway.image.tag)).toBe(JSON.parse(readFileSync("package.json", "utf8")).version);
    for (const { key, type, value } of gateway.envs) {
      const { secret } = variables[key as keyof typeof variables] as { secret?: boolean };
      if (secret && !String(value).startsWith("${database.")) expect(type, key).toBe("SECRET");
      expect(type === "SECRET" && value !== undefined, key).toBe(false);
    }
    const platform = { key: "TRUST_PROXY_HEADER", scope: "RUN_TIME", value: "DO-Connecting-IP" };
    expect(gateway.envs).toContainEqual(platform);
    for (const name of REQUIRED) expect(gateway.envs.map(({ key }: { key: string }) => key)).toContain(name);
    expect(databases).toMatchObject([{ engine: "PG", production: true }]);
  });

  it("systemd: a unit that systemd takes, which starts what the image starts, with few rights (OPS-11)", ({ skip }) => {
    const unit = read("systemd/vendorsmith.service");
    expect(unit).toContain(`ExecStart=/usr/bin/${commandOf("CMD").join(" ")}`);
    const set = [...unit.matchAll(/^Environment=(\w+)=/gm)].map(([, name]) => name!);
    expect(set.filter((name) => name !== "NODE_COMPILE_CACHE" && !isKnown(name))).toEqual([]);
    for (const name of REQUIRED) expect(set).toContain(`${name}_FILE`);
    const loaded = [...unit.matchAll(/^LoadCredential=([\w-]+):/gm)].map(([, name]) => name!);
    const named = [...unit.matchAll(/=%d\/([\w-]+)$/gm)].map(([, name]) => name!);
    expect(named.toSorted()).toEqual(loaded.toSorted());
    const folder = scratch();
    // Node stands elsewhere on this machine; the unit is read, not started.
    writeFileSync(`${folder}/vendorsmith.service`, unit.replace("/usr/bin/node", process.execPath));
    const verify = spawnSync("systemd-analyze", ["verify", `${folder}/vendorsmith.service`], { encoding: "utf8" });
    if (verify.error) skip("there is no systemd-analyze on this machine");
    expect([verify.status, verify.stderr]).toEqual([0, ""]);
    const security = ["security", "--offline=true", "--threshold=20", `${folder}/vendorsmith.service`];
    expect(spawnSync("systemd-analyze", security, { encoding: "utf8" }).status).toBe(0);
  });
});

it("systemd: an operator's command has the database and the keys of the service (OPS-11)", () => {
  const unit = read("systemd/vendorsmith.service");
  const secrets = "/etc/vendorsmith/secrets";
  const given = new Map(
    [...unit.matchAll(/^Environment=(\w+)_FILE=%d\/(.+)$/gm)].map(([, name, file]) => [file!, name!]),
  );
  const files = [...unit.matchAll(/^LoadCredential=([\w-]+):(.+)$/gm)].map(([, name, file]) => `${given.get(name!)}_FILE=${file}`); // biome-ignore format: one thought
  const command = read("systemd/vendorsmith").replaceAll("$secrets", secrets);
  for (const line of files) expect(command.split("\n")).toContain(line);
  expect(command).toContain("DATA_DIR=/var/lib/vendorsmith\n");
  expect(unit).toContain("Environment=DATA_DIR=/var/lib/vendorsmith\n");
});

const REQUIRED = ["DATABASE_URL", "VAULT_KEYS", "AUDIT_KEY", "COOKIE_KEYS", "SIGNING_KEYS"];

function expectPublic(names: readonly string[]) {
  for (const name of names) {
    expect(Object.keys(variables)).toContain(name);
    expect((variables[name as keyof typeof variables] as { secret?: boolean }).secret, name).toBeUndefined();
  }
}
