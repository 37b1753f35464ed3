import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { verifyAll } from "../../gateway/audit/verify.ts";
import { demoKeys } from "../fakes/keys.ts";
import { type Served, serveFakes } from "../fakes/serve.ts";
import { freePort } from "../setup/free-port.ts";
import { type Authorized, authorize, refresh } from "./authorize.ts";
import { type Browser, createBrowser } from "./browser.ts";
import { connectClient } from "./clients.ts";
import { type Gateway, PASSWORD, type Person, startGateway } from "./gateway.ts";

const KILLS = 20;
const person: Person = { id: "", email: "owner@example.com", password: PASSWORD };
const dataDir = mkdtempSync(join(tmpdir(), "vendorsmith-kill-"));
let served: Served;
let child: ChildProcess;
let port: number;
let url: string;
let output = "";

beforeAll(async () => {
  served = await serveFakes();
  port = await freePort();
  url = `http://localhost:${port}`;
});

afterAll(async () => {
  child?.kill("SIGKILL");
  await served?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start() {
  child = spawn(process.execPath, ["gateway/main.ts"], {
    env: {
      PATH: process.env["PATH"],
      NODE_ENV: "development",
      PORT: String(port),
      DATA_DIR: dataDir,
      DEV_VENDOR_ORIGINS: JSON.stringify(served.origins),
      LOG_LEVEL: "info",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr])
    stream!.on("data", (chunk: Buffer) => (output += chunk.toString()));
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`The gateway ended:\n${output.slice(-2000)}`);
    if (
      await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await sleep(25);
  }
  throw new Error(`The gateway did not start:\n${output.slice(-2000)}`);
}

async function kill() {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

it(`is killed ${KILLS} times while people connect and clients refresh, and loses nothing it acknowledged`, async () => {
  await start();
  const browser = createBrowser(url);
  const link = /http:\/\/\S+\/setup\S*/.exec(output)?.[0];
  expect(link).toBeDefined();
  const form = await browser.get(link!.replace(/[".,]+$/, ""));
  await browser.submit(form, { name: "Owner", email: person.email, password: PASSWORD, password2: PASSWORD });
  const granted = await authorize({ url } as Gateway, browser, { vendor: "itglue", person, keys: demoKeys.itglue });

  const acknowledged = { label: "", calls: 0, refreshes: 0 };
  let attempts = 0;
  for (let round = 0; round < KILLS; round++) {
    const stop = new AbortController();
    const work = Promise.allSettled([
      keepRefreshing(granted, acknowledged, stop.signal),
      keepReplacing(browser, acknowledged, stop.signal, () => `label-${++attempts}`),
    ]);
    await sleep(40 + ((round * 97) % 400));
    await kill();
    stop.abort();
    await work;
    await start();

    const renewed = await refresh({ url } as Gateway, granted);
    expect(renewed.status, `round ${round}: ${JSON.stringify(renewed.body)}`).toBe(200);
    Object.assign(granted, { accessToken: renewed.body.access_token, refreshToken: renewed.body.refresh_token });
    const client = await connectClient("2026-07-28", `${url}/v1/itglue`, granted.accessToken);
    const answer = await client.callTool({ name: "itglue_get_organization", arguments: { id: "4001" } });
    expect(answer.isError ?? false, JSON.stringify(answer)).toBe(false);
    acknowledged.calls++;
    await client.close();
  }
  await kill();

  const after = await startGateway({
    dataDir,
    origins: served.origins,
    env: { PORT: String(port), LOG_LEVEL: "silent" },
  });
  try {
    const { db, keys } = after.app;
    const connections = await db.selectFrom("connections").select(["id", "label", "version", "status"]).execute();
    expect(connections).toHaveLength(1);
    // The last acknowledged name, or the one that was being written when the end came.
    const number = (label: string) => Number(/\d+/.exec(label)?.[0] ?? 0);
    expect(number(connections[0]!.label)).toBeGreaterThanOrEqual(number(acknowledged.label));
    expect(await db.selectFrom("credentials").select("version").execute()).toEqual([
      { version: connections[0]!.version },
    ]);
    for (const verdict of await verifyAll(db, keys.audit)) expect(verdict).toMatchObject({ ok: true });
    // Every read that was answered is here by the credential it opened; the row about its end may follow the answer.
    const calls = await db
      .selectFrom("audit_events")
      .select("call_id")
      .where("type", "=", "credential.open")
      .where("call_id", "is not", null)
      .execute();
    expect(calls.length).toBeGreaterThanOrEqual(acknowledged.calls);
    expect(acknowledged.refreshes).toBeGreaterThan(KILLS);
    expect(number(acknowledged.label)).toBeGreaterThan(5);
  } finally {
    await after.close();
  }
}, 180_000);

async function keepRefreshing(granted: Authorized, acknowledged: { refreshes: number }, stop: AbortSignal) {
  while (!stop.aborted) {
    const { status, body } = await refresh({ url } as Gateway, granted);
    if (status !== 200) throw new Error(`refresh answered ${status}`);
    Object.assign(granted, { accessToken: body.access_token, refreshToken: body.refresh_token });
    acknowledged.refreshes++;
  }
}

async function keepReplacing(browser: Browser, acknowledged: { label: string }, stop: AbortSignal, next: () => string) {
  const settings = await browser.get("/settings/vendors");
  const path = /\/connect\/itglue\?replace(?:=|&#x3D;)[\w-]+/.exec(settings.html)?.[0].replace("&#x3D;", "=");
  if (!path) throw new Error(`no connection to replace: ${settings.title}`);
  while (!stop.aborted) {
    const label = next();
    const form = await browser.get(path);
    const page = await browser.submit(form, {
      ...Object.fromEntries(Object.entries(demoKeys.itglue).map(([name, value]) => [`credential.${name}`, value])),
      label,
    });
    if (page.status === 200 && page.html.includes(label)) acknowledged.label = label;
  }
}
