import type { AnyVariable } from "./variables.ts";

/** One variable as it is in force, for people who run the gateway. A secret's value is not in it. */
export interface Setting {
  readonly name: string;
  readonly about: string;
  readonly from: "variable" | "file" | "default";
  /** What the environment says, or what happens without it, in words. Of a secret only whether it is set. */
  readonly value: string;
  readonly secret: boolean;
}

export function settingOf(name: string, { about, secret = false, default: standard }: AnyVariable, env: NodeJS.ProcessEnv): Setting {
  const from = env[`${name}_FILE`] ? "file" : env[name] ? "variable" : "default";
  const value = secret ? (from === "default" ? "unset" : "set") : (env[name] ?? "") || (standard ?? "unset");
  return { name, about, from, value: shown(value), secret };
} // biome-ignore format: one thought

/** Whoever writes a password into an address must not find it on a page; collectors of events take theirs in the query. */
const shown = (text: string) => text.replace(/\/\/[^/@\s]*@/g, "//…@").replace(/(:\/\/[^\s?#,]+)[?#][^\s,"]*/g, "$1?…");
