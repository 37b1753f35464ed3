import { createServer } from "node:http";
import { SMTPServer } from "smtp-server";
import { describe, expect, it, onTestFinished } from "vitest";
import { newWebhookSecret, secretBytes, signatureOf } from "../../../gateway/audit/standard-webhook.ts";
import { putWebhook } from "../../../gateway/database/audit-webhooks.ts";
import { putNotices } from "../../../gateway/database/outbox.ts";
import { freePort } from "../../setup/free-port.ts";
import { memberOf } from "./members.ts";
import { askingRoom, RENAME } from "./room.ts";

const WIPE = { name: "acme_wipe_thing", arguments: { id: "secret-thing" } };

/** A real SMTP server that keeps what it is given, or is busy for a while. */
async function mailServer() {
  const mails: { to: string[]; text: string }[] = [];
  const state = { busy: 0 };
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (state.busy-- > 0) return done(new Error("busy"));
        mails.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString(),
        });
        done();
      });
    },
  });
  const port = await freePort();
  await new Promise<void>((ready) => server.listen(port, "127.0.0.1", ready));
  onTestFinished(() => new Promise<void>((closed) => server.close(closed)));
  return { mails, state, env: { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: "Gate <gate@example.com>" } };
}

describe("what approvers are told", () => {
  it("is mailed to those who may decide for somebody else, with a link and without a value (APR-03, APR-04)", async () => {
    const { mails, env } = await mailServer();
    const { app, ann, ask, clock } = await askingRoom({ env });
    await memberOf(app, ann.org, "approver", "amy@example.com");
    await memberOf(app, ann.org, "member", "bob@example.com");
    await ask();
    const { approval_id } = await ask(WIPE);
    clock.pass(1);
    await app.outbox.run();
    expect(mails.map(({ to }) => to)).toEqual([["amy@example.com"]]);
    const text = mails[0]!.text.replaceAll("=\r\n", "").replaceAll("=3D", "=");
    expect(text).toContain(`/approvals/${approval_id}`);
    expect(text).toContain("Wipe a thing");
    expect(text).toContain("text/html");
    expect(text).not.toContain("secret-thing");
    await app.outbox.run();
    expect(mails).toHaveLength(1);
  });

  it("waits for a mail server that is busy, and is not sent once somebody decided", async () => {
    const { mails, state, env } = await mailServer();
    const { app, ann, ask, answer, clock } = await askingRoom({ env });
    const amy = await memberOf(app, ann.org, "approver", "amy@example.com");
    state.busy = 1;
    await ask(WIPE);
    clock.pass(1);
    await app.outbox.run();
    expect(mails).toEqual([]);
    clock.pass(15_000);
    await app.outbox.run();
    expect(mails).toHaveLength(1);

    state.busy = 1;
    const { approval_id } = await ask({ ...WIPE, arguments: { id: "t2" } });
    clock.pass(1);
    await app.outbox.run();
    await answer(approval_id, "deny", { id: amy.user.id, role: "approver" });
    clock.pass(60_000);
    await app.outbox.run();
    expect(mails).toHaveLength(1);
    expect(await app.db.selectFrom("outbox").selectAll().execute()).toEqual([]);
  });

  it("is posted to the organisation's webhook, signed, with the same id when it is sent again", async () => {
    const posts: { headers: Record<string, unknown>; body: string }[] = [];
    let busy = 1;
    const server = createServer((request, reply) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () => {
        posts.push({ headers: request.headers, body });
        reply.writeHead(busy-- > 0 ? 503 : 204).end();
      });
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const { app, ann, ask, clock } = await askingRoom({ fetch: (...args) => globalThis.fetch(...args) });
    const secret = newWebhookSecret();
    await putWebhook(app.db, {
      org_id: ann.org,
      url: `http://127.0.0.1:${port}/hook`,
      secret_box: await app.vault.box.seal(secret, ["audit-webhook", ann.org]),
      sends_events: 0,
      sends_alerts: 0,
      created_at: clock.now(),
    });
    await putNotices(app.db, { org_id: ann.org, webhook: 1, mail: 0 });
    const { approval_id } = await ask({ ...RENAME, arguments: { id: "t1", name: "private words" } });
    clock.pass(1);
    await app.outbox.run();
    clock.pass(15_000);
    await app.outbox.run();
    expect(posts).toHaveLength(2);
    const [first, second] = posts as [(typeof posts)[0], (typeof posts)[0]];
    expect(second.headers["webhook-id"]).toBe(first.headers["webhook-id"]);
    const signed = {
      id: String(second.headers["webhook-id"]),
      timestamp: String(second.headers["webhook-timestamp"]),
      body: second.body,
    };
    expect(second.headers["webhook-signature"]).toBe(signatureOf(secretBytes(secret), signed));
    expect(JSON.parse(second.body)).toMatchObject({
      type: "approval.requested",
      data: { approval_id, access: "write" },
    });
    expect(second.body).not.toContain("private words");
  });
});
