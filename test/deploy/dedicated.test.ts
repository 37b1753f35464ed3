import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { variables } from "../../gateway/config/variables.ts";

interface Service {
  environment?: Record<string, string>;
  secrets?: { source: string; target: string }[];
  networks: string[] | Record<string, unknown>;
  ports?: string[];
  read_only?: boolean;
  cap_drop?: string[];
}

const compose = parse(readFileSync("deploy/compose.dedicated.yaml", "utf8"), { merge: true }) as {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean }>;
  secrets: Record<string, { file: string }>;
};
const { services } = compose;
const networksOf = ({ networks }: Service) => (Array.isArray(networks) ? networks : Object.keys(networks));

it("the set for dedicated tenants is what the Compose Specification allows (TEN-09)", () => {
  const { $schema: _, ...schema } = JSON.parse(readFileSync("test/deploy/schemas/compose-spec.json", "utf8"));
  const valid = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  expect(valid(compose), JSON.stringify(valid.errors)).toBe(true);
});

it("gives each worker its own secrets, and the front none; every variable exists (TEN-09)", () => {
  expect(services["front"]!.secrets).toBeUndefined();
  for (const tenant of ["acme", "globex"])
    for (const service of [`worker-${tenant}`, `database-${tenant}`])
      for (const { source } of services[service]!.secrets!) {
        expect(source).toMatch(new RegExp(`^${tenant}_`));
        expect(compose.secrets[source]!.file).toContain(`/secrets/${tenant}/`);
      }
  for (const name of ["front", "worker-acme", "worker-globex"])
    for (const variable of Object.keys(services[name]!.environment!))
      expect(variable in variables || variable.replace(/_FILE$/, "") in variables, variable).toBe(true);
});

it("exposes the proxy alone, and leaves no network on which two tenants meet (TEN-09)", () => {
  expect(Object.keys(services).filter((name) => services[name]!.ports)).toEqual(["proxy"]);
  const own = (tenant: string) =>
    [`worker-${tenant}`, `database-${tenant}`].flatMap((name) => networksOf(services[name]!));
  expect(own("acme").filter((network) => own("globex").includes(network))).toEqual([]);
  expect(
    networksOf(services["proxy"]!).filter((network) => own("acme").concat(own("globex")).includes(network)),
  ).toEqual([]);
  for (const network of ["inside", "acme", "globex", "acme-data", "globex-data"])
    expect(compose.networks[network]!.internal, network).toBe(true);
  for (const [name, { read_only, cap_drop }] of Object.entries(services))
    expect([read_only, cap_drop], name).toEqual([true, ["ALL"]]);
});
