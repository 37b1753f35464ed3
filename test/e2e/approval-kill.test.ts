import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { demoKeys } from "../fakes/keys.ts";
import { type Served, serveFakes } from "../fakes/serve.ts";
import { freePort } from "../setup/free-port.ts";
import { authorize } from "./authorize.ts";
import { createBrowser } from "./browser.ts";
import { idsOf } from "./cases.ts";
import { connectClient } from "./clients.ts";
import { type Gateway, PASSWORD, type Person } from "./gateway.ts";

const person: Person = { id: "", email: "owner@example.com", password: PASSWORD };
const dataDir = mkdtempSync(join(tmpdir(), "vendorsmith-approval-kill-"));
let served: Served;
let between: Server;
let child: ChildProcess;
let output = "";
let url = "";
/** Changes that reached the vendor; none is answered. */
let changes = 0;

beforeAll(async () => {
  served = await serveFakes();
  between = createServer(async (request, reply) => {
    if (request.method !== "GET") {
      changes++;
      return; // the vendor takes its time
    }
    const target = new URL(request.url!, served.origins["itglue"]);
    const headers = Object.entries(request.headers).filter(([name]) => name !== "host") as [string, string][];
    const answer = await fetch(target, { headers: Object.fromEntries(headers) });
    reply.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" });
    reply.end(await answer.text());
  });
  await new Promise<void>((done) => between.listen(0, "127.0.0.1", done));
});

afterAll(async () => {
  child?.kill("SIGKILL");
  between?.closeAllConnections();
  between?.close();
  await served?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(port: number) {
  const { port: vendor } = between.address() as { port: number };
  child = spawn(process.execPath, ["gateway/main.ts"], {
    env: {
      PATH: process.env["PATH"],
      NODE_ENV: "development",
      PORT: String(port),
      DATA_DIR: dataDir,
      DEV_VENDOR_ORIGINS: JSON.stringify({ itglue: `http://127.0.0.1:${vendor}` }),
      LOG_LEVEL: "info",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr])
    stream!.on("data", (chunk: Buffer) => (output += chunk.toString()));
  for (let tries = 0; tries < 400; tries++) {
    if (child.exitCode !== null) throw new Error(`The gateway ended:\n${output.slice(-2000)}`);
    const { ok } = await fetch(`${url}/health`).catch(() => ({ ok: false }));
    if (ok) return;
    await sleep(25);
  }
  throw new Error(`The gateway did not start:\n${output.slice(-2000)}`);
}

it("is killed between the yes and the vendor's answer: unknown, check, and never made twice (APR-02)", async () => {
  const port = await freePort();
  url = `http://localhost:${port}`;
  await start(port);
  const browser = createBrowser(url);
  const link = /http:\/\/\S+\/setup\S*/.exec(output)![0].replace(/[".,]+$/, "");
  await browser.submit(await browser.get(link), { name: "Owner", email: person.email, password: PASSWORD, password2: PASSWORD }); // biome-ignore format: one thought
  await browser.submit(await browser.get("/settings"), {}, "/settings/writes");
  const scopes = ["itglue:read", "itglue:write"];
  const wish = { vendor: "itglue", person, keys: demoKeys.itglue, scopes };
  const { accessToken } = await authorize({ url } as Gateway, browser, wish);
  const open = () => connectClient("2026-07-28", `${url}/v1/itglue`, accessToken);
  const { id } = idsOf(served.fakes).record("configurations", "CONT-SEA-DC01");
  const save = { name: "itglue_save_configuration", arguments: { id, name: "CONT-SEA-DC01", notes: "Rack 2" } };
  let client = await open();
  const waiting = await client.callTool(save);
  expect(waiting.structuredContent, JSON.stringify(waiting)).toMatchObject({ status: "approval_required" });
  const path = new URL(String(waiting.structuredContent!["url"])).pathname;
  const page = await browser.get(path);
  const forms = page.forms.map((form) => ({
    ...form,
    fields: [...form.fields, { name: "answer", value: "", on: false }],
  }));
  await browser.submit({ ...page, forms }, { answer: "approve", note: "" }, path);
  expect((await browser.get(path)).html).toContain("Approved");

  const lost = client.callTool(save).catch(() => undefined);
  for (let tries = 0; changes === 0 && tries < 400; tries++) await sleep(25);
  expect(changes).toBe(1);
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
  await lost;
  await client.close().catch(() => {});

  await start(port);
  expect((await browser.get(path)).html).toContain("Unknown, check");
  client = await open();
  const again = await client.callTool(save);
  expect(again.structuredContent).toMatchObject({
    status: "approval_required",
    preview: { earlier: expect.stringContaining("how it ended is unknown, so check before repeating it") },
  });
  await client.close();
  expect(changes).toBe(1);
}, 120_000);
