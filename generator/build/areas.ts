import { singular, words } from "../model/names.ts";
import type { ToolYaml } from "../read/schema.ts";

type Area = NonNullable<ToolYaml["tags"]>[number];

/** What people call things, by the area of work they belong to. */
const THINGS: Readonly<Record<Area, string>> = {
  tickets: "ticket problem request",
  companies: "company client customer organization account site location department",
  contacts: "contact user requester person lead",
  devices: "device computer agent asset configuration machine",
  alerts: "alert monitor notification",
  patches: "patch update hotfix",
  scripts: "script command job",
  software: "software application",
  documentation: "document folder section checklist attachment wiki domain",
  passwords: "password credential",
  time: "time timesheet timer worklog",
  billing:
    "invoice estimate quote product item service charge expense order price rate catalog billing supplier vendor purchase",
  contracts: "contract agreement",
  projects: "project phase task milestone opportunity",
  scheduling: "appointment schedule calendar event activity",
  knowledge: "article kb knowledge faq",
  network: "network router switch snmp",
};

const areaOf = new Map(
  Object.entries(THINGS).flatMap(([area, things]) => things.split(" ").map((thing) => [thing, area as Area] as const)),
);

/** The areas that a tool's name speaks of behind its verb, if any. */
export function areasOf(key: string): Area[] | undefined {
  const [, ...things] = words(key);
  const found = things.flatMap((word) => areaOf.get(word) ?? areaOf.get(singular(word)) ?? []);
  return found.length > 0 ? [...new Set(found)] : undefined;
}
