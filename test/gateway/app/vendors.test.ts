import { describe, expect, it } from "vitest";
import { buildApp } from "../../../gateway/app.ts";
import { readConfig } from "../../../gateway/config.ts";
import { loadServed } from "../../../gateway/served.ts";
import { across, vendors } from "../../../generated/index.ts";
import { scratch, testApp } from "../support.ts";

const [first, second] = vendors.map(({ slug }) => slug) as [string, string];

/** A gateway with the generated vendors, as the environment chooses them. */
const served = (VENDORS: string) => testApp({ vendors: undefined, lock: undefined, env: { VENDORS } });

describe("which vendors are served", () => {
  it("is all of them, with the tools across them, unless some are named (LOC-05)", async () => {
    const all = await loadServed(undefined);
    expect(all.vendors).toEqual(vendors);
    expect(all.across).toEqual(across);
  });

  it("is one alone: its address, its metadata and its connector, and nothing across vendors (LOC-05)", async () => {
    const app = await served(first);
    expect([...app.vendors.keys()]).toEqual([first]);
    expect(app.across).toEqual([]);
    const status = async (path: string) => (await app.inject({ method: "POST", url: path })).statusCode;
    expect([await status(`/v1/${first}`), await status("/mcp"), await status(`/v1/${second}`)]).toEqual([
      401, 401, 404,
    ]);
    const metadata = await app.inject(`/.well-known/oauth-protected-resource/mcp`);
    expect(metadata.json().scopes_supported.filter((scope: string) => !scope.startsWith(`${first}:`))).toEqual([]);
  });

  it("keeps the tools across vendors that have two of them to ask", async () => {
    const tools = across.flatMap(({ tools }) => tools);
    const [tool] = tools.filter(({ parts }) => new Set(parts.map(({ vendor }) => vendor)).size > 1);
    const pair = [...new Set(tool!.parts.map(({ vendor }) => vendor))].slice(0, 2);
    const kept = (await loadServed(pair)).across.flatMap(({ tools }) => tools);
    const asksBoth = ({ parts }: (typeof tools)[number]) =>
      pair.every((slug) => parts.some(({ vendor }) => vendor === slug));
    expect(kept).toContain(tool);
    expect(kept).toEqual(tools.filter(asksBoth));
  });

  it("names each that is no vendor, and those that are", async () => {
    const config = readConfig({ DATA_DIR: scratch(), VENDORS: `${first},dato-rmm,halo` });
    const refused = await buildApp({ config }).catch((error: Error) => error.message);
    expect(refused).toContain(`VENDORS: "dato-rmm" is no vendor; known: ${vendors.map(({ slug }) => slug).join(", ")}`);
    expect(refused).toContain('VENDORS: "halo" is no vendor');
  });
});
