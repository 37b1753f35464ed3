import cookie from "@fastify/cookie";
import { beforeEach, describe, expect, it } from "vitest";
import { listEvents } from "../../../gateway/database/audit-events.ts";
import { FRESH_MS, requireFresh } from "../../../gateway/pages/fresh.ts";
import { readSession, requireSignIn } from "../../../gateway/pages/session.ts";
import { fakeClock, PASSWORD, person, type TestApp, testApp } from "../support.ts";
import { monitor } from "./sample-vendors.ts";
import { tokenFor, type Visitor, visitor } from "./visitor.ts";

let app: TestApp;
let ann: Visitor;
let org: string;
let clock: ReturnType<typeof fakeClock>;

beforeEach(async () => {
  clock = fakeClock();
  app = await testApp({ vendors: [monitor], lock: {}, now: clock.now });
  await app.register(dangerous);
  const made = await person(app);
  org = made.org;
  ann = visitor(app, made.token);
});

/** A page with something that wants a fresh sign-in. */
async function dangerous(scope: TestApp) {
  await scope.register(cookie);
  scope.addContentTypeParser("application/x-www-form-urlencoded", (_request, _body, done) => done(null));
  scope.addHook("onRequest", (request) => readSession(scope, request));
  scope.addHook("preHandler", requireSignIn);
  for (const method of ["GET", "POST"] as const)
    scope.route({
      method,
      url: "/danger",
      handler: async (request, reply) => {
        if (!requireFresh(app, request, reply, { within: FRESH_MS })) return reply;
        return "done";
      },
    });
}

const again = async (next: string, password = PASSWORD, form = {}) => {
  const { body } = await ann.get(`/login/again?next=${encodeURIComponent(next)}`);
  return await ann.post("/login/again", { form_token: tokenFor(body, "/login/again"), password, next, ...form });
};

describe("a fresh sign-in", () => {
  it("is one of the last five minutes", async () => {
    expect((await ann.get("/danger")).body).toBe("done");
    clock.pass(FRESH_MS - 1);
    expect((await ann.get("/danger")).body).toBe("done");
    clock.pass(1);
    const turned = await ann.get("/danger?id=1");
    expect([turned.statusCode, turned.headers.location]).toEqual([303, "/login/again?next=%2Fdanger%3Fid%3D1"]);
    const done = await again("/danger?id=1");
    expect([done.statusCode, done.headers.location]).toEqual([303, "/danger?id=1"]);
    expect((await ann.get("/danger?id=1")).body).toBe("done");
  });

  it("leads back to the form's page after a post, which is not repeated by itself", async () => {
    clock.pass(FRESH_MS);
    const from = (referer: string) => ann.post("/danger", {}, { referer });
    const back = async (referer: string) => (await from(referer)).headers.location;
    expect(await back(`${app.config.publicUrl}/danger?id=2`)).toBe("/login/again?next=%2Fdanger%3Fid%3D2");
    expect(await back("https://evil.example/danger")).toBe("/login/again?next=%2Fsettings");
  });

  it("gives the same session a new value and ends the old one", async () => {
    clock.pass(FRESH_MS);
    const before = ann.cookies.get("session")!;
    const { created_at } = await app.db.selectFrom("sessions").selectAll().executeTakeFirstOrThrow();
    await again("/settings");
    const rows = await app.db.selectFrom("sessions").selectAll().execute();
    expect(rows).toMatchObject([{ created_at, authenticated_at: clock.now(), methods: "password" }]);
    expect(ann.cookies.get("session")).not.toBe(before);
    expect((await visitor(app, before).get("/settings")).headers.location).toContain("/login?");
  });

  it("is in the audit log with how it was done", async () => {
    await again("/settings");
    const [event] = await listEvents(app.db, { org, limit: 1 });
    expect(event).toMatchObject({ type: "sign-in", status: "success" });
    expect(JSON.parse(event!.detail)).toMatchObject({ method: "password", again: true });
  });

  it("takes no other person's password, whatever the form says, and counts wrong ones (OAU-22, OAU-24)", async () => {
    await person(app, "eve@example.com");
    clock.pass(FRESH_MS);
    const wrong = await again("/danger", "not the password", { email: "eve@example.com" });
    expect(wrong.statusCode).toBe(401);
    expect(wrong.body).toContain("This is not your password.");
    expect((await ann.get("/danger")).statusCode).toBe(303);
    for (let n = 0; n < 4; n++) await again("/danger", "not the password");
    const locked = await again("/danger");
    expect(locked.statusCode).toBe(429);
    expect(locked.body).toContain("Too many attempts");
  });

  it("wants our form, a signed-in browser, and goes nowhere else afterwards", async () => {
    expect((await ann.post("/login/again", { password: PASSWORD })).statusCode).toBe(403);
    expect((await again("https://evil.example")).headers.location).toBe("/settings");
    const stranger = await visitor(app).get("/login/again?next=%2Fdanger");
    expect(stranger.headers.location).toContain("/login?next=");
  });
});
