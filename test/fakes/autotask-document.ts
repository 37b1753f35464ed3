import { readFileSync } from "node:fs";
import { applyOverlay } from "../../generator/intake/overlay.ts";
import { applyRepairs } from "../../generator/intake/repair.ts";
import type { JsonObject } from "../../generator/model/json.ts";
import { parseOverlay, parseSpec } from "../../generator/read/spec.ts";
import type { Exchange } from "./fake.ts";
import type { OpenApi } from "./validate.ts";

const specs = new URL("../../specs/", import.meta.url);

/**
 * The vendor's 3,009 operations, of which only those in our extract are lifted from Swagger 2.0, because every test file pays for it.
 * Our overlay counts here too: without it every filter value would have to be an object.
 */
export function readSwagger(text: string): OpenApi {
  const whole = JSON.parse(text) as { paths: Record<string, unknown> };
  const ours = JSON.parse(readFileSync(new URL("autotask.json", specs), "utf8")) as typeof whole;
  const paths = Object.fromEntries(Object.entries(whole.paths).filter(([path]) => Object.hasOwn(ours.paths, path)));
  const { document } = parseSpec(Buffer.from(JSON.stringify({ ...whole, paths })), "swagger.json");
  const overlay = parseOverlay(readFileSync(new URL("autotask.overlay.yaml", specs)), "overlay").document!;
  const repaired = applyRepairs(document as JsonObject, overlay["x-repairs"], "overlay");
  const { document: corrected, problems } = applyOverlay(repaired.document, overlay, "overlay");
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return corrected as unknown as OpenApi;
}

/** Which zone is whose may be asked by name, with no secret along. */
export function checkLobby({ url, headers }: Exchange): string[] {
  const secrets = ["secret", "apiintegrationcode", "impersonationresourceid"].filter((name) => headers.has(name));
  const names = [...url.searchParams.keys()].filter((name) => name !== "user");
  return [...secrets, ...names].map((name) => `${name} has no business in the question for the zone`);
}
