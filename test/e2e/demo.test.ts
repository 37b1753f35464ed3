import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startDemo } from "../fakes/demo.ts";
import { demoKeys } from "../fakes/keys.ts";
import { freePort } from "../setup/free-port.ts";
import { authorize } from "./authorize.ts";
import { createBrowser } from "./browser.ts";
import { connectClient } from "./clients.ts";
import type { Gateway } from "./gateway.ts";

it("lets a newcomer finish the whole flow, with the simulation named on every page", async () => {
  const demo = await startDemo({ port: await freePort(), logLevel: "silent" });
  try {
    const metadata = await (await fetch(`${demo.url}/.well-known/oauth-authorization-server`)).json();
    expect(metadata).not.toHaveProperty("client_id_metadata_document_supported"); // needs the internet
    const browser = createBrowser(demo.url);
    for (const vendor of ["datto-rmm", "itglue"] as const) {
      const granted = await authorize({ url: demo.url } as Gateway, browser, {
        vendor,
        person: { id: "", ...demo.owner },
        keys: demoKeys[vendor],
      });
      const client = await connectClient("2026-07-28", `${demo.url}/v1/${vendor}`, granted.accessToken);
      const { tools } = await client.listTools();
      expect(tools.length).toBeGreaterThan(10);
      for (const { annotations } of tools) expect(annotations).toMatchObject({ readOnlyHint: true }); // until the owner switches writes on
      await client.close();
    }
    for (const path of ["/", "/settings", "/settings/vendors", "/settings/clients", "/connect/itglue", "/nowhere"])
      await browser.get(path);
    const pages = browser.seen.filter((text) => text.includes("<html"));
    expect(pages.length).toBeGreaterThan(9);
    for (const page of pages) expect(page, /<title>[^<]*/.exec(page)?.[0]).toMatch(/simulated/i);
    const printed = demo.connectors.map(({ slug, keys }) => [slug, keys.length]);
    const accepted = Object.entries(demoKeys).map(([slug, keys]) => [slug, Object.keys(keys).length]);
    expect(printed.sort()).toEqual(accepted.sort());
  } finally {
    await demo.close();
  }
});

it("keeps a data folder when it is given one, and needs no second account then", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "vendorsmith-demo-data-"));
  try {
    for (let start = 0; start < 2; start++)
      await (await startDemo({ port: await freePort(), dataDir, logLevel: "silent" })).close();
    expect(existsSync(join(dataDir, "vendorsmith.db"))).toBe(true);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

it("prints what to do next, and ends on Ctrl-C", async () => {
  const port = await freePort();
  const child = spawn(process.execPath, ["scripts/demo.ts", "--port", String(port)], {
    env: { PATH: process.env["PATH"] },
  });
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => (printed += chunk));
  await expect.poll(() => printed, { timeout: 15_000 }).toContain("Ctrl-C stops everything");
  for (const line of [
    `http://localhost:${port}`,
    "demo@example.com",
    `claude mcp add --transport http vendorsmith http://localhost:${port}/mcp`,
    `http://localhost:${port}/v1/itglue`,
    demoKeys.itglue.apiKey,
  ])
    expect(printed).toContain(line);
  child.kill("SIGINT");
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
});

it("says what to do when the port is taken", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  const child = spawn(process.execPath, ["scripts/demo.ts", "--port", String(port)], {
    env: { PATH: process.env["PATH"] },
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk));
  const [code] = await once(child, "exit");
  other.close();
  expect([code, said]).toEqual([
    1,
    expect.stringContaining(`Port ${port} is taken. Try: npm run demo -- --port ${port + 1}`),
  ]);
});
