import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { definitions } from "../../gateway/metrics/definitions.ts";
import { createMetrics } from "../../gateway/metrics/metrics.ts";
import { scratch } from "../gateway/support.ts";
import { ALERTS, ruleTests } from "./alerts.ts";

const RULES = "deploy/prometheus/alerts.yml";
const DASHBOARD = "deploy/grafana/vendorsmith.json";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
}

const rules = (parse(readFileSync(RULES, "utf8")) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules); // biome-ignore format: one thought
const dashboard = JSON.parse(readFileSync(DASHBOARD, "utf8")) as {
  panels: { title: string; targets?: { expr: string }[] }[];
};
const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

/** Names of time series in a query: words that begin as ours, Node's or Prometheus's do. */
const seriesIn = (query: string) => query.match(/\b(?:vendorsmith|nodejs|process)_[a-z0-9_]+|\bup\b/g) ?? [];

describe("alert rules and dashboard", () => {
  it("ask only for metrics that the gateway has, with labels that they have (OPS-14)", async () => {
    const exported = new Set(["up"]);
    const metrics = createMetrics({ process: true });
    for (const [, name] of (await metrics.text()).matchAll(/^# TYPE (\S+)/gm)) {
      exported.add(name!);
      for (const suffix of ["_bucket", "_count", "_sum"]) exported.add(`${name}${suffix}`);
    }
    const all = [...rules.map(({ expr }) => expr), ...queries];
    expect(all.flatMap(seriesIn).filter((name) => !exported.has(name))).toEqual([]);

    const labelsOf = new Map(Object.values(definitions).map(({ name, labels }) => [name as string, labels as readonly string[]])); // biome-ignore format: one thought
    const wrong = all.flatMap((query) =>
      [...query.matchAll(/(vendorsmith_[a-z0-9_]+?)(?:_bucket|_count|_sum)?\{([^}]*)\}/g)].flatMap(([, name, inside]) =>
        [...inside!.matchAll(/(\w+)\s*[=!]/g)].map(([, label]) => `${name} ${label}`).filter((pair) => {
          const [series = "", label = ""] = pair.split(" ");
          return ![...(labelsOf.get(series) ?? []), "le", "job", "instance"].includes(label);
        }),
      ),
    ); // biome-ignore format: one thought
    expect(wrong).toEqual([]);
  });

  it("use every metric of the gateway somewhere (OPS-14)", () => {
    const used = new Set([...rules.map(({ expr }) => expr), ...queries].flatMap(seriesIn));
    const unused = Object.values(definitions)
      .map(({ name }) => name)
      .filter((name) => !["", "_bucket", "_count", "_sum"].some((suffix) => used.has(`${name}${suffix}`)));
    expect(unused).toEqual([]);
  });

  it("show the aims: connections above 95 %, a token within a minute, at most 100 ms added (MET-01, MET-02, MET-03)", () => {
    const titles = dashboard.panels.map(({ title }) => title).join("\n");
    for (const aim of ["95 %", "60 s", "100 ms"]) expect(titles).toContain(aim);
  });

  it("have words for whoever is woken: each alert has its section, with commands that exist (OPS-14)", () => {
    const page = readFileSync("docs/monitoring.md", "utf8");
    const sections = [...page.matchAll(/^### (Vendorsmith\w+)$/gm)].map(([, name]) => name!);
    expect(sections.sort()).toEqual(rules.map(({ alert }) => alert).sort());
    expect(rules.filter(({ labels }) => !["page", "ticket"].includes(labels.severity))).toEqual([]);
  });
});

const promtool = spawnSync("promtool", ["--version"]).error === undefined;

if (promtool)
  describe("promtool", () => {
    it("accepts the rules and the example configuration (OPS-14)", () => {
      const { stdout, status } = spawnSync("promtool", ["check", "config", "deploy/prometheus/prometheus.yml"], { encoding: "utf8" }); // biome-ignore format: one thought
      expect([status, stdout]).toEqual([0, expect.stringContaining(`${rules.length} rules found`)]);
    });

    it("sees every alert fire when it should, and keep quiet when it should not (OPS-14, MET-01, MET-02, MET-03)", () => {
      expect(Object.keys(ALERTS).sort()).toEqual(rules.map(({ alert }) => alert).sort());
      const file = join(scratch(), "tests.json");
      writeFileSync(file, ruleTests(resolve(RULES), ALERTS));
      const { stdout, stderr, status } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
      expect(stdout + stderr).not.toContain("FAILED");
      expect(status).toBe(0);
    });

    it("would say so if an alert did not fire (OPS-14)", () => {
      const { VendorsmithDown } = ALERTS;
      const file = join(scratch(), "tests.json");
      writeFileSync(file, ruleTests(resolve(RULES), { VendorsmithDown: { ...VendorsmithDown!, fires: VendorsmithDown!.quiet } })); // biome-ignore format: one thought
      expect(spawnSync("promtool", ["test", "rules", file]).status).toBe(1);
    });
  });
else if (process.env["REQUIRE_SERVICES"])
  it("has promtool (OPS-14)", () => expect.fail("promtool is missing: apt-get install --no-install-recommends prometheus")); // biome-ignore format: one thought
else
  console.log("Alert rules are not tried: promtool is missing (apt-get install --no-install-recommends prometheus).");
