import type { ToolErrorCode } from "../../../runtime/index.ts";
import type { Fakes } from "../../fakes/fakes.ts";
import { demoKeys } from "../../fakes/keys.ts";
import type { Misbehaviour } from "../../fakes/trouble.ts";
import type { Machine } from "../../fakes/world.ts";
import type { DattoWorld } from "../../fakes/world-datto-rmm.ts";
import type { GlueWorld } from "../../fakes/world-itglue.ts";

/** One call of one tool against the demo world: what to ask, which operations it may use, what must come back. */
export interface VendorCase {
  tool: string;
  args(ids: Ids): Record<string, unknown>;
  /** Operations of the vendor that this call makes, each at least once, and no other; signing in does not count. */
  uses: readonly string[];
  /** With these arguments a person has to be asked, so the gateway does not run it yet; the runtime does. */
  asks?: boolean;
  /** It names no customer and makes something: people who are limited to some are refused, even to all there are. */
  nameless?: boolean;
  /** It has a part that is refused to people who are limited, whoever they may see; the others see what `check` expects. */
  partly?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: a result has the shape of its tool; the expectations below say which
  check(value: any, ids: Ids): void;
}

/** A tool that reads with one operation, and how its vendor refuses. */
export interface Failing {
  tool: string;
  args: Record<string, unknown>;
  /** `METHOD /path`: the only operation that the tool calls. */
  path: string;
  /** Refuses input in the vendor's own form, saying why in these words. */
  refusal(status: number, words: string): Misbehaviour;
  /** Failures, by name, that this vendor's answers make something else of than usual. */
  except?: Readonly<Record<string, ToolErrorCode | readonly ToolErrorCode[]>>;
}

/** What is expected of one vendor's core set. */
export interface Suite {
  cases: readonly VendorCase[];
  /** How many tools the set has. */
  tools: number;
  writes?: readonly string[];
  destroys?: readonly string[];
  reveals?: readonly string[];
  /** What the catalogue of failures asks of this vendor. */
  failing: Failing;
  /** Operations that say what the account calls its ids: they are asked once an hour, so a later case may do without. */
  labels?: readonly string[];
  /** Which requirement a tool's case proves. */
  requirements?: Readonly<Record<string, string>>;
}

/** Names for what the demo world holds. */
export interface Ids {
  machine(hostname: string): Machine;
  site(name: string): DattoWorld["world"]["sites"][number];
  component(name: string): DattoWorld["components"][number];
  alert(hostname: string): DattoWorld["alerts"][number];
  record(
    type: "configurations" | "passwords" | "documents" | "flexible-assets",
    name: string,
  ): GlueWorld["records"]["passwords"][number];
  /** The worlds and requests of every vendor. */
  fakes: Fakes;
  datto: DattoWorld;
  glue: GlueWorld;
}

export function idsOf(fakes: Fakes): Ids {
  const datto = fakes["datto-rmm"].states.get(demoKeys["datto-rmm"].apiKey)!;
  const glue = fakes.itglue.states.get(demoKeys.itglue.apiKey)!;
  return {
    fakes,
    datto,
    glue,
    machine: (hostname) => datto.world.machines.find((machine) => machine.hostname === hostname)!,
    site: (name) => datto.world.sites.find((site) => site.name === name)!,
    component: (name) => datto.components.find((component) => component.name.startsWith(name))!,
    alert: (hostname) =>
      datto.alerts.find(({ alertSourceInfo, resolved }) => alertSourceInfo.deviceName === hostname && !resolved)!,
    record: (type, name) =>
      glue.records[type].find(
        ({ attributes }) => attributes["name"] === name && attributes["organization-id"] === 4001,
      )!,
  };
}
