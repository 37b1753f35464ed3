import { Counter, Gauge, Histogram, type Registry } from "prom-client";

const PREFIX = "vendorsmith_";

/** From what memory answers to what a host gives up on; seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** A metric that is not in a registry yet. */
interface Definition<Kind> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly type: "counter" | "gauge" | "histogram";
  make(registry: Registry): Kind;
}

export function counter<Label extends string>(name: string, help: string, labels: readonly Label[]): Definition<Counter<Label>> {
  const facts = { name: PREFIX + name, help, labels };
  return { ...facts, type: "counter", make: (registry) => new Counter({ ...made(facts, registry) }) };
} // biome-ignore format: one thought

export function gauge<Label extends string>(name: string, help: string, labels: readonly Label[]): Definition<Gauge<Label>> {
  const facts = { name: PREFIX + name, help, labels };
  return { ...facts, type: "gauge", make: (registry) => new Gauge({ ...made(facts, registry) }) };
} // biome-ignore format: one thought

export function histogram<Label extends string>(name: string, help: string, labels: readonly Label[], buckets = BUCKETS): Definition<Histogram<Label>> {
  const facts = { name: PREFIX + name, help, labels };
  return { ...facts, type: "histogram", make: (registry) => new Histogram({ ...made(facts, registry), buckets }) };
} // biome-ignore format: one thought

const made = <Label extends string>({ name, help, labels }: { name: string; help: string; labels: readonly Label[] }, registry: Registry) =>
  ({ name, help, labelNames: labels, registers: [registry] }); // biome-ignore format: one thought
