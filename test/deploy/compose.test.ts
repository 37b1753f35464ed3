import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { variables } from "../../gateway/config/variables.ts";

interface Service {
  image: string;
  user?: string;
  environment?: Record<string, string>;
  secrets?: string[];
  volumes?: string[];
  networks: string[] | Record<string, { ipv4_address?: string }>;
  ports?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  deploy?: { replicas: string };
  stop_grace_period?: string;
}

interface Network {
  internal?: boolean;
  ipam?: { config: { subnet: string; ip_range?: string }[] };
}

interface Compose {
  services: Record<string, Service>;
  networks: Record<string, Network>;
  volumes: Record<string, unknown>;
  secrets: Record<string, { file: string }>;
}

const text = readFileSync("deploy/compose.yaml", "utf8");
const compose = parse(text) as Compose;
const { services, networks, secrets } = compose;
const networksOf = ({ networks }: Service) => (Array.isArray(networks) ? networks : Object.keys(networks));

describe("the compose file", () => {
  it("is what the Compose Specification allows (OPS-08)", () => {
    const schema = JSON.parse(readFileSync("test/deploy/schemas/compose-spec.json", "utf8"));
    delete schema.$schema;
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const valid = ajv.compile(schema);
    expect(valid(compose), JSON.stringify(valid.errors)).toBe(true);
    expect(valid({ services: { a: { imagee: "x" } } })).toBe(false);
  });

  it("has the gateway, PostgreSQL, Redis and a proxy, in exact versions (OPS-08)", () => {
    const images = Object.fromEntries(Object.entries(services).map(([name, { image }]) => [name, image.split(":")[0]]));
    expect(images).toMatchObject({ proxy: "caddy", database: "postgres", cache: "redis" });
    for (const [name, { image }] of Object.entries(services))
      if (name !== "gateway") expect(image, name).toMatch(/:\d+\.\d+(\.\d+)?-[a-z]+(@sha256:[0-9a-f]{64})?$/);
    expect(services["gateway"]!.deploy!.replicas).toMatch(/^.{REPLICAS:-2}$/);
  });

  it("shows only the proxy to the outside, on 80 and 443, and the database to the gateway alone (OPS-03)", () => {
    const published = Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
    expect(published).toEqual([
      ["proxy", "80:80"],
      ["proxy", "443:443"],
    ]);
    const on = (network: string) =>
      Object.keys(services).filter((name) => networksOf(services[name]!).includes(network));
    expect(on("data").toSorted()).toEqual(["cache", "database", "gateway"]);
    expect(on("inside").toSorted()).toEqual(["gateway", "proxy"]);
    expect(networks["data"]!.internal && networks["inside"]!.internal).toBe(true);
    // Over any other network the proxy would have another address than the one that is trusted.
    const shared = networksOf(services["proxy"]!).filter((name) => networksOf(services["gateway"]!).includes(name));
    expect(shared).toEqual(["inside"]);
  });

  it("lets the gateway believe the proxy's address and nobody else's (OPS-02)", () => {
    const inside = (services["proxy"]!.networks as Record<string, { ipv4_address?: string }>)["inside"]!;
    expect(services["gateway"]!.environment!["TRUST_PROXY"]).toBe(inside.ipv4_address);
  });

  it.each(["compose.yaml", "compose.dedicated.yaml"])(
    "of %s keeps addresses that are trusted free for whom they are for",
    (file) => {
      const { services, networks } = parse(readFileSync(join("deploy", file), "utf8"), { merge: true }) as Compose;
      const fixed = Object.values(services).flatMap(({ networks: own }) =>
        Object.entries(Array.isArray(own) ? {} : own).flatMap(([network, { ipv4_address }]) =>
          ipv4_address ? [{ network, address: ipaddr.parse(ipv4_address) as ipaddr.IPv4 }] : [],
        ),
      );
      expect(fixed.length).toBeGreaterThan(0);
      for (const { network, address } of fixed) {
        const [{ subnet, ip_range }] = networks[network]!.ipam!.config as [{ subnet: string; ip_range?: string }];
        expect(address.match(ipaddr.IPv4.parseCIDR(subnet)), network).toBe(true);
        // Docker gives the first free address to whoever starts first: without a range of its own that is the trusted one.
        expect(ip_range, network).toBeDefined();
        expect(address.match(ipaddr.IPv4.parseCIDR(ip_range!)), network).toBe(false);
      }
    },
  );

  it("gives each service a file system that cannot be written, no rights, and no more later", () => {
    for (const [name, service] of Object.entries(services)) {
      expect(service.read_only, name).toBe(true);
      expect(service.cap_drop, name).toEqual(["ALL"]);
      expect(service.security_opt, name).toEqual(["no-new-privileges:true"]);
      expect(service.cap_add ?? [], name).toEqual(name === "proxy" ? ["NET_BIND_SERVICE"] : []);
      expect(service.user === undefined || /^[1-9]\d*:/.test(service.user), name).toBe(true);
    }
  });

  it("hands secrets over as files that the gateway reads, never as text", () => {
    const given = services["gateway"]!.environment!;
    for (const [name, value] of Object.entries(given)) {
      const variable = (name in variables ? name : name.replace(/_FILE$/, "")) as keyof typeof variables;
      expect(Object.keys(variables), name).toContain(variable);
      if (variables[variable].secret) {
        expect(name).toMatch(/_FILE$/);
        expect(variables[variable].file, name).toBe(true);
        expect(services["gateway"]!.secrets).toContain(value.replace("/run/secrets/", ""));
      }
    }
    for (const required of ["VAULT_KEYS", "AUDIT_KEY", "COOKIE_KEYS", "SIGNING_KEYS", "DATABASE_URL"])
      expect(given).toHaveProperty(`${required}_FILE`);
    expect(text).not.toMatch(/PASSWORD: |password=/);
  });

  it("refers to what is there: secrets, volumes, networks, files, services", () => {
    for (const [name, service] of Object.entries(services)) {
      for (const secret of service.secrets ?? []) expect(secrets, name).toHaveProperty(secret);
      for (const network of networksOf(service)) expect(networks, name).toHaveProperty(network);
      for (const other of Object.keys(service.depends_on ?? {})) expect(services[other]!.healthcheck ?? other === "gateway").toBeTruthy(); // biome-ignore format: one thought
      for (const [source] of (service.volumes ?? []).map((volume) => volume.split(":")))
        if (source!.startsWith("./")) expect(existsSync(join("deploy", source!)), source).toBe(true);
        else expect(compose.volumes, name).toHaveProperty(source!);
    }
    const used = new Set(Object.values(services).flatMap(({ secrets }) => secrets ?? []));
    expect(Object.keys(secrets).filter((name) => !used.has(name))).toEqual([]);
  });
});
