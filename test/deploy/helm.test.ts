import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { variables } from "../../gateway/config/variables.ts";
import { image } from "./dockerfile.ts";

interface Values {
  [key: string]: unknown;
}

interface Kubernetes {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: five kinds of documents, each read by a few fields
  spec: any;
}

const CHART = "deploy/helm/vendorsmith";
const chart = parse(readFileSync(`${CHART}/Chart.yaml`, "utf8")) as Values;
const standard = parse(readFileSync(`${CHART}/values.yaml`, "utf8")) as Values;
const own = { host: "mcp.example.com", trustProxy: "10.0.0.0/8", image: { repository: "ghcr.io/example/vendorsmith", tag: "" } }; // biome-ignore format: one thought

/** Built once; a reason why not where this machine has no Go or no sprig. */
let renderer: { program: string } | { missing: string };

beforeAll(() => {
  mkdirSync("node_modules/.cache", { recursive: true });
  const program = "node_modules/.cache/vendorsmith-render-chart";
  const env = { ...process.env, GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOCACHE: "/tmp/vendorsmith-go-cache" };
  const build = spawnSync("go", ["build", "-o", program, "test/deploy/helm/render.go"], { env, encoding: "utf8" });
  renderer = build.status === 0 ? { program } : { missing: build.error ? "no go on this machine" : build.stderr };
  if ("missing" in renderer && process.env["REQUIRE_SERVICES"]) throw new Error(renderer.missing);
}, 120_000);

function render(skip: (why: string) => never, values: Values = {}): Kubernetes[] {
  if ("missing" in renderer) skip(`charts are not rendered: ${renderer.missing}`);
  const input = { Values: { ...standard, ...own, ...values }, Release: { Name: "msp" }, Chart: { AppVersion: chart["appVersion"] } }; // biome-ignore format: one thought
  const { status, stdout, stderr } = spawnSync((renderer as { program: string }).program, [CHART], { input: JSON.stringify(input), encoding: "utf8" }); // biome-ignore format: one thought
  expect([status, stderr]).toEqual([0, ""]);
  const documents = parseAllDocuments(stdout);
  expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  return documents.map((document) => document.toJS() as Kubernetes | null).filter((one) => one !== null);
}

const one = (documents: Kubernetes[], kind: string) => documents.find((document) => document.kind === kind)!;

describe("the chart", () => {
  it("has the gateway's version, and values that its schema takes (OPS-11)", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect([chart["version"], chart["appVersion"]]).toEqual([version, version]);
    const { $schema: _, ...schema } = JSON.parse(readFileSync(`${CHART}/values.schema.json`, "utf8"));
    const valid = new Ajv({ allErrors: true }).compile(schema);
    expect(valid({ ...standard, ...own }), JSON.stringify(valid.errors)).toBe(true);
    expect(valid(standard)).toBe(false);
    expect(valid({ ...standard, ...own, image: { repository: "x", tag: "latest" } })).toBe(false);
    expect(valid({ ...standard, ...own, replica: 2 })).toBe(false);
  });

  it("runs replicas as the image's user, unable to write or to gain rights (OPS-08, OPS-11)", ({ skip }) => {
    const { spec } = one(render(skip), "Deployment");
    const pod = spec.template.spec;
    expect(spec.replicas).toBe(2);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001 });
    const [container] = pod.containers;
    expect(container.image).toBe(`ghcr.io/example/vendorsmith:${chart["appVersion"]}`);
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(String(container.ports[0].containerPort)).toBe(image().instructions.find(({ keyword }) => keyword === "EXPOSE")!.words[0]); // biome-ignore format: one thought
    expect(pod.automountServiceAccountToken).toBe(false);
    const mounts = container.volumeMounts.map(({ name }: { name: string }) => name);
    expect(pod.volumes.map(({ name }: { name: string }) => name).toSorted()).toEqual(mounts.toSorted());
    expect(pod.volumes.find(({ name }: { name: string }) => name === "secrets").secret.defaultMode).toBe(0o440);
  });

  it("hands secrets over as files, and sets only variables that exist (OPS-11)", ({ skip }) => {
    const [container] = one(render(skip, { environment: { VENDORS: "a,b" } }), "Deployment").spec.template.spec
      .containers;
    const set = Object.fromEntries(
      container.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
    );
    expect(set).toMatchObject({ PUBLIC_URL: "https://mcp.example.com", VENDORS: "a,b", TRUST_PROXY: "10.0.0.0/8" });
    for (const name of Object.keys(set)) {
      const variable = variables[(name in variables ? name : name.replace(/_FILE$/, "")) as keyof typeof variables];
      expect(variable, name).toBeDefined();
      if ((variable as { secret?: boolean }).secret) expect(set[name]).toMatch(/^\/secrets\//);
    }
    for (const name of ["DATABASE_URL", "REDIS_URL", "VAULT_KEYS", "AUDIT_KEY", "COOKIE_KEYS", "SIGNING_KEYS"])
      expect(set).toHaveProperty(`${name}_FILE`);
    const without = one(render(skip, { redis: false }), "Deployment").spec.template.spec.containers[0].env;
    expect(without.map(({ name }: { name: string }) => name)).not.toContain("REDIS_URL_FILE");
  });

  it("asks after health and readiness, and leaves time to end (OPS-10, OPS-11)", ({ skip }) => {
    const { template, strategy } = one(render(skip), "Deployment").spec;
    const [container] = template.spec.containers;
    expect(container.livenessProbe.httpGet).toEqual({ path: "/health", port: "http" });
    expect(container.readinessProbe.httpGet).toEqual({ path: "/ready", port: "http" });
    expect(container.startupProbe.httpGet.path).toBe("/health");
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(30);
    expect(strategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
  });

  it("selects its own pods everywhere, and lets only the ingress reach them (OPS-11)", ({ skip }) => {
    const documents = render(skip);
    const { labels } = one(documents, "Deployment").spec.template.metadata;
    expect(one(documents, "Deployment").spec.selector.matchLabels).toEqual(labels);
    expect(one(documents, "Service").spec.selector).toEqual(labels);
    expect(one(documents, "PodDisruptionBudget").spec.selector.matchLabels).toEqual(labels);
    expect(one(documents, "NetworkPolicy").spec.podSelector.matchLabels).toEqual(labels);
    expect(one(documents, "NetworkPolicy").spec.ingress).toHaveLength(1);
    const { tls, rules } = one(documents, "Ingress").spec;
    expect([tls[0].hosts, rules[0].host]).toEqual([["mcp.example.com"], "mcp.example.com"]);
    expect(rules[0].http.paths[0].backend.service).toEqual({ name: "msp", port: { name: "http" } });
  });

  it("follows the load where that is wanted (OPS-10)", ({ skip }) => {
    const documents = render(skip, { autoscaling: { enabled: true, min: 3, max: 9, cpuPercent: 60 } });
    expect(one(documents, "Deployment").spec).not.toHaveProperty("replicas");
    expect(one(documents, "HorizontalPodAutoscaler").spec).toMatchObject({ minReplicas: 3, maxReplicas: 9 });
    expect(render(skip).map(({ kind }) => kind)).not.toContain("HorizontalPodAutoscaler");
  });
});
