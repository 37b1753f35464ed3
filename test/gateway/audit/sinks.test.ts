import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer as createHttp, type IncomingHttpHeaders } from "node:http";
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from "node:net";
import { createServer as createTls } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { type AuditEvent, createAudit } from "../../../gateway/audit/audit.ts";
import { followEvents, type ReaderTrouble } from "../../../gateway/audit/readers.ts";
import { newWebhookSecret, signatureOf } from "../../../gateway/audit/standard-webhook.ts";
import { lineOf, syslogReader } from "../../../gateway/audit/syslog.ts";
import { listEvents } from "../../../gateway/database/audit-events.ts";
import { deleteWebhook, putWebhook } from "../../../gateway/database/audit-webhooks.ts";
import { lacking } from "../../setup/lacking.ts";
import { fakeClock, scratch, type TestApp, testApp } from "../support.ts";

const event: AuditEvent = { org: "org_1", type: "sign-in", actor: { id: "usr_1", type: "user" }, status: "success" };
const many = (app: TestApp, count: number, org = "org_1") =>
  Promise.all(Array.from({ length: count }, () => app.audit.record({ ...event, org })));

interface Post {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver that answers what the test says and keeps what came. */
async function receiver() {
  const posts: Post[] = [];
  const receiver = { posts, status: 204, url: "" };
  const server = createHttp(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    posts.push({ headers: request.headers, body });
    response.writeHead(receiver.status).end();
  });
  await listening(server);
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return receiver;
}

async function listening(server: Server | ReturnType<typeof createHttp>) {
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => new Promise<void>((closed) => server.close(() => closed())));
  return (server.address() as AddressInfo).port;
}

/** As the specification of Standard Webhooks has a receiver check it. */
function isSigned({ headers, body }: Post, secret: string): boolean {
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const mac = createHmac("sha256", Buffer.from(secret.slice(6), "base64"))
    .update(signed)
    .digest("base64");
  return headers["webhook-signature"] === `v1,${mac}`;
}

const seqs = (posts: readonly Post[], org = "org_1") =>
  posts
    .map(({ body }) => JSON.parse(body).data)
    .filter(({ organisation }) => organisation === org)
    .flatMap(({ events }) => events.map(({ seq }: { seq: number }) => seq));

const upTo = (count: number, from = 1) => Array.from({ length: count - from + 1 }, (_, n) => n + from);

describe("the installation's webhook", () => {
  it("gets every event in signed batches, in order, and goes on after a restart (AUD-04, AUD-11)", async () => {
    const hook = await receiver();
    const secret = newWebhookSecret();
    const env = { DATA_DIR: scratch(), AUDIT_WEBHOOK_URL: hook.url, AUDIT_WEBHOOK_SECRET: secret };
    const first = await testApp({ env });
    await many(first, 230);
    await many(first, 2, "org_2");
    await first.auditTrail.run();
    expect(seqs(hook.posts)).toEqual(upTo(230));
    expect(seqs(hook.posts, "org_2")).toEqual([1, 2]);
    expect(hook.posts.map((post) => isSigned(post, secret))).toEqual([true, true, true, true]);
    expect(isSigned(hook.posts[0]!, newWebhookSecret())).toBe(false);
    expect(hook.posts[0]!.headers).toMatchObject({
      "webhook-event": "audit.events",
      "webhook-id": "audit_org_1_1_100",
    });
    expect(JSON.parse(hook.posts[0]!.body)).toMatchObject({ type: "audit.events", data: { organisation: "org_1" } });
    await first.close();

    const second = await testApp({ env });
    await many(second, 3);
    await second.auditTrail.run();
    expect(seqs(hook.posts)).toEqual(upTo(233));
  });

  it("that fails is tried again later and later, and nothing is lost or doubled in order (AUD-04)", async () => {
    const hook = await receiver();
    const clock = fakeClock();
    const env = { AUDIT_WEBHOOK_URL: hook.url, AUDIT_WEBHOOK_SECRET: newWebhookSecret() };
    const app = await testApp({ env, now: clock.now });
    const triesDuring = async (ms: number) => {
      const before = hook.posts.length;
      for (let passed = 0; passed < ms; passed += 500) {
        clock.pass(500);
        await app.auditTrail.run();
      }
      return hook.posts.length - before;
    };
    hook.status = 500;
    await many(app, 2);
    await app.auditTrail.run();
    expect([await triesDuring(8000), await triesDuring(60_000), await triesDuring(600_000)]).toEqual([3, 3, 3]);
    const told = async () =>
      (await listEvents(app.db, { org: "org_1", limit: 99 }))
        .filter(({ type }) => type === "audit.sink")
        .map(({ status, detail }) => [status, JSON.parse(detail).sink]);
    expect(await told()).toEqual([["error", "installation"]]);
    hook.status = 200;
    hook.posts.length = 0;
    clock.pass(600_000);
    await app.auditTrail.run();
    expect(seqs(hook.posts).slice(0, 3)).toEqual([1, 2, 3]);
    expect(await told()).toEqual([
      ["success", "installation"],
      ["error", "installation"],
    ]);
  });

  it("needs a secret that is one", async () => {
    const wrong = (AUDIT_WEBHOOK_SECRET: string) =>
      testApp({ env: { AUDIT_WEBHOOK_URL: "https://siem.example/", AUDIT_WEBHOOK_SECRET } });
    await expect(wrong("")).rejects.toThrow("AUDIT_WEBHOOK_URL: needs AUDIT_WEBHOOK_SECRET");
    await expect(wrong("whsec_c2hvcnQ=")).rejects.toThrow("AUDIT_WEBHOOK_SECRET: must be whsec_");
  });
});

describe("an organisation's webhook", () => {
  async function setUp(app: TestApp, url: string, org = "org_1") {
    const secret = newWebhookSecret();
    const secret_box = await app.vault.box.seal(secret, ["audit-webhook", org]);
    await putWebhook(app.db, { org_id: org, url, secret_box, sends_events: 1, sends_alerts: 1, created_at: 0 });
    return secret;
  }

  it("gets that organisation's events from its set-up on, and no others (AUD-04)", async () => {
    const hook = await receiver();
    const app = await testApp({ fetch });
    await many(app, 5);
    const secret = await setUp(app, hook.url);
    await many(app, 2);
    await many(app, 2, "org_2");
    await app.auditTrail.run();
    expect([seqs(hook.posts), seqs(hook.posts, "org_2")]).toEqual([[6, 7], []]);
    expect(isSigned(hook.posts[0]!, secret)).toBe(true);
    expect((await app.db.selectFrom("audit_webhooks").select("secret_box").execute())[0]!.secret_box).not.toContain(
      secret.slice(6),
    );
    await deleteWebhook(app.db, "org_1");
    await many(app, 1);
    await app.auditTrail.run();
    expect(hook.posts).toHaveLength(1);
  });

  it("cannot be an address inside: the guard lets no connection out (AUD-04)", async () => {
    const hook = await receiver();
    const app = await testApp();
    await setUp(app, hook.url.replace("http:", "https:"));
    await many(app, 1);
    await app.auditTrail.run();
    expect(hook.posts).toEqual([]);
    const [event] = await listEvents(app.db, { org: "org_1", status: "error", limit: 1 });
    expect([event?.type, JSON.parse(event!.detail).sink]).toEqual(["audit.sink", "webhook"]);
  });

  it("is delivered by one of two processes at a time (AUD-04)", async () => {
    const app = await testApp();
    const seen: number[] = [];
    const troubles: ReaderTrouble[] = [];
    const readings = Array.from({ length: 2 }, () =>
      followEvents({
        db: app.db,
        clock: app.clock,
        reader: {
          name: "shared",
          most: 10,
          async deliver(_org, rows) {
            await new Promise((later) => setTimeout(later, 5));
            seen.push(...rows.map(({ seq }) => seq));
          },
        },
        onTrouble: async (trouble) => void troubles.push(trouble),
      }),
    );
    await many(app, 95);
    await Promise.all(readings.map((reading) => reading.run()));
    await Promise.all(readings.map((reading) => reading.run()));
    await Promise.all(readings.map((reading) => reading.close()));
    expect([seen, troubles]).toEqual([upTo(95), []]);
  });
});

describe("syslog", () => {
  const wanted =
    /^<(110|108)>1 2026-01-05T09:00:00\.000Z \S+ vendorsmith \d+ tool\.call \[audit@32473 (.+?[^\\])\] (\{.*\})$/s;
  const odd: AuditEvent = { ...event, type: "tool.call", actor: { id: 'a"b\\c]d', type: "user" }, tool: "acme_list" };

  async function delivered(address: string, ca?: string) {
    const app = await testApp({ now: fakeClock().now });
    const troubles: ReaderTrouble[] = [];
    const reading = followEvents({
      db: app.db,
      clock: app.clock,
      reader: syslogReader(address, { ca }),
      onTrouble: async (trouble) => void troubles.push(trouble),
    });
    for (const status of ["success", "denied", "success"] as const) await app.audit.record({ ...odd, status });
    await reading.run();
    await reading.close();
    return { troubles, rows: await listEvents(app.db, { org: "org_1", limit: 9 }) };
  }

  it("over UDP is a datagram for each event (AUD-04, AUD-11)", async () => {
    const messages: string[] = [];
    const socket = createSocket("udp4").on("message", (message) => void messages.push(message.toString()));
    await new Promise<void>((ready) => socket.bind(0, "127.0.0.1", ready));
    onTestFinished(() => void socket.close());
    await delivered(`udp://127.0.0.1:${socket.address().port}`);
    await expect.poll(() => messages.length).toBe(3);
    const [, priority, data, json] = wanted.exec(messages[1]!)!;
    expect(priority).toBe("108");
    expect(wanted.exec(messages[0]!)![1]).toBe("110");
    expect(data).toContain(String.raw`user="a\"b\\c\]d"`);
    expect(data).toContain('org="org_1" seq="2" status="denied"');
    expect(JSON.parse(json!)).toMatchObject({ tenant: "org_1", seq: 2, user: 'a"b\\c]d' });
  });

  const collected = (server: Server, chunks: Buffer[]) =>
    server.on("connection", (socket: Socket) => socket.on("data", (chunk) => void chunks.push(chunk)));

  /** The messages of a stream of counted octets; throws on anything else. */
  function counted(bytes: Buffer): string[] {
    const found: string[] = [];
    for (let at = 0; at < bytes.length; ) {
      const space = bytes.indexOf(" ", at);
      const length = Number(bytes.subarray(at, space).toString());
      found.push(bytes.subarray(space + 1, space + 1 + length).toString());
      at = space + 1 + length;
    }
    return found;
  }

  it("over TCP counts the octets of each message (AUD-04)", async () => {
    const chunks: Buffer[] = [];
    const port = await listening(collected(createTcp(), chunks));
    const { troubles, rows } = await delivered(`tcp://127.0.0.1:${port}`);
    const messages = counted(Buffer.concat(chunks));
    expect([messages.length, troubles]).toEqual([3, []]);
    for (const message of messages) expect(message).toMatch(wanted);
    expect(messages[2]).toBe(lineOf(rows[0]!).toString());
  });

  it("over TLS goes only to a collector whose certificate is trusted (AUD-04)", async ({ skip }) => {
    const folder = scratch();
    const files = ["-keyout", `${folder}/key`, "-out", `${folder}/cert`, "-days", "2", "-subj", "/CN=localhost"];
    const made = spawnSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...files, "-addext", "subjectAltName=DNS:localhost"],
      { encoding: "utf8" },
    );
    if (made.status !== 0) return lacking(skip, "openssl is not here");
    const [key, cert] = ["key", "cert"].map((name) => readFileSync(`${folder}/${name}`, "utf8"));
    const chunks: Buffer[] = [];
    const server = createTls({ key, cert }).on("secureConnection", (socket) =>
      socket.on("data", (chunk) => void chunks.push(chunk)),
    );
    server.on("tlsClientError", () => {});
    const port = await listening(server);
    expect((await delivered(`tls://localhost:${port}`)).troubles).toMatchObject([{ error: expect.any(Error) }]);
    expect(chunks).toEqual([]);
    expect((await delivered(`tls://localhost:${port}`, cert)).troubles).toEqual([]);
    expect(counted(Buffer.concat(chunks))).toHaveLength(3);
  });

  it("whose collector is gone loses nothing (AUD-04)", async () => {
    const server = createTcp();
    const port = await listening(server);
    await new Promise((closed) => server.close(closed));
    expect((await delivered(`tcp://127.0.0.1:${port}`)).troubles).toMatchObject([{ reader: "syslog", org: "org_1" }]);
  });
});

it("a signature of a webhook is the one of the specification's example (AUD-09)", () => {
  const secret = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
  const message = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: "1614265330", body: '{"test": 2432232314}' };
  expect(signatureOf(secret, message)).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

it("a sink that is added later hears of what is written from then on", async () => {
  const app = await testApp();
  const audit = createAudit({ db: app.db, keys: app.keys.audit, clock: app.clock, sinks: [] });
  const heard: number[] = [];
  await audit.record(event);
  audit.addSink({ write: (rows) => void heard.push(...rows.map(({ seq }) => seq)), close: async () => {} });
  await audit.record(event);
  expect(heard).toEqual([2]);
});
