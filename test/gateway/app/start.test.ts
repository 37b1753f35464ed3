import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { freePort } from "../../setup/free-port.ts";
import { scratch } from "../support.ts";
import { gateway } from "./process.ts";

describe("starting", () => {
  it("says what it serves, who may come in first and where clients connect; then ends on SIGTERM (OPS-09)", async () => {
    const port = await freePort();
    const DATA_DIR = scratch();
    const running = gateway({ PORT: String(port), DATA_DIR });
    const said = await running.says("Data: ");
    const address = `http://localhost:${port}`;
    expect(said).toMatch(new RegExp(`serves \\d+ tools of \\d+ vendors at ${address}`));
    expect(said).toContain(`${DATA_DIR}/vault.key`);
    expect(said).toMatch(new RegExp(`${address}/v1/[a-z-]+`));
    const [link] = said.match(/http:\S+\/setup\/[\w-]{43}/) ?? [];
    expect((await fetch(link!.replace("localhost", "127.0.0.1"))).status).toBe(200);
    expect(await (await fetch(`http://127.0.0.1:${port}/health`)).json()).toEqual({ status: "ok" });
    running.process.kill("SIGTERM");
    expect(await running.ended).toBe(0);
  });

  it("names everything that is wrong with the environment, and no value (OPS-07)", async () => {
    const running = gateway({ PORT: "canary", NODE_ENV: "production", VAULT_KEYS: "canary" });
    expect(await running.ended).toBe(1);
    for (const name of ["PORT", "PUBLIC_URL", "VAULT_KEYS", "AUDIT_KEY", "COOKIE_KEYS", "SIGNING_KEYS"])
      expect(running.output()).toContain(`\n  ${name}: `);
    expect(running.output()).not.toContain("canary");
    expect(running.output()).not.toContain(" at ");
  });

  it("says so when the port is taken", async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const running = gateway({ PORT: String(port), DATA_DIR: scratch() });
    expect(await running.ended).toBe(1);
    expect(running.output()).toContain(`Port ${port} on 127.0.0.1 is in use. Stop the other process, or set PORT.`);
  });

  it("names the variable when the port of the metrics is taken, or the address is another machine's (OPS-07)", async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const taken = gateway({ PORT: String(await freePort()), METRICS_PORT: String(port), DATA_DIR: scratch() });
    expect(await taken.ended).toBe(1);
    expect(taken.output()).toContain(`METRICS_PORT: port ${port} on 127.0.0.1 is in use; stop the other process`);
    const elsewhere = gateway({ PORT: String(await freePort()), HOST: "192.0.2.7", DATA_DIR: scratch() });
    expect(await elsewhere.ended).toBe(1);
    expect(elsewhere.output()).toContain("HOST: this machine has no address 192.0.2.7.");
  });

  it("says so when the database does not answer", async () => {
    const port = await freePort();
    const running = gateway({ DATABASE_URL: `postgres://x:canary@127.0.0.1:${port}/x`, DATA_DIR: scratch() });
    expect(await running.ended).toBe(1);
    expect(running.output()).toMatch(/^DATABASE_URL: nobody listens at this host and port/);
    expect(running.output()).not.toContain("canary");
  });
});
