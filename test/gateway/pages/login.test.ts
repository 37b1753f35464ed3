import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { setupToken } from "../../../gateway/identity/setup.ts";
import { localPath } from "../../../gateway/pages/session.ts";
import { fakeClock, PASSWORD, person, testApp } from "../support.ts";
import { monitor } from "./sample-vendors.ts";
import { visitor } from "./visitor.ts";

const open = (env: Record<string, string> = {}, now?: () => number) =>
  testApp({ vendors: [monitor], lock: {}, env, now });

describe("set-up", () => {
  const OWNER = { name: "Ann", email: "ann@example.com", password: PASSWORD, password2: PASSWORD };

  it("makes the first owner, signs them in, and works once", async () => {
    const app = await open();
    const link = `/setup/${await setupToken(app)}`;
    const ann = visitor(app);
    expect((await ann.get(link)).body).toContain("Create the first account");
    const done = await ann.post(link, OWNER);
    expect([done.statusCode, done.headers.location]).toEqual([303, "/settings/vendors"]);
    expect((await ann.get("/settings/vendors")).body).toContain("Welcome, Ann");
    const late = visitor(app);
    for (const answer of [await late.get(link), await late.post(link, OWNER)]) expect(answer.statusCode).toBe(410);
  });

  it("says at the field what is wrong and keeps what was right, but no password", async () => {
    const app = await open();
    const link = `/setup/${await setupToken(app)}`;
    const short = await visitor(app).post(link, { ...OWNER, password: "tooshort9", password2: "tooshort9" });
    expect(short.statusCode).toBe(422);
    expect(short.body).toContain("at least 12 characters");
    expect(short.body).toContain('value="ann@example.com"');
    expect(short.body).not.toContain("tooshort9");
    const differing = await visitor(app).post(link, { ...OWNER, password2: "something else entirely" });
    expect(differing.body).toContain("The two passwords differ.");
  });
});

describe("sign-in (UI-01)", () => {
  it("leads to settings or to where the person was going", async () => {
    const app = await open();
    await person(app);
    const ann = visitor(app);
    const turned = await ann.get("/connect/monitor?link=x");
    expect([turned.statusCode, turned.headers.location]).toEqual([303, "/login?next=%2Fconnect%2Fmonitor%3Flink%3Dx"]);
    expect((await ann.get(turned.headers.location!)).body).toContain('value="/connect/monitor?link&#x3D;x"');
    const done = await ann.post("/login", {
      email: " ANN@example.com",
      password: PASSWORD,
      next: "/connect/monitor?link=x",
    });
    expect(done.headers.location).toBe("/connect/monitor?link=x");
    expect((await ann.get("/login")).headers.location).toBe("/settings");
  });

  it("answers a wrong password and an unknown person alike", async () => {
    const app = await open();
    await person(app);
    const answers = [];
    for (const email of ["ann@example.com", "nobody@example.com"]) {
      const { statusCode, body } = await visitor(app).post("/login", { email, password: "not the password" });
      answers.push([statusCode, body.replaceAll(email, "")]);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]![0]).toBe(401);
    expect(answers[0]![1]).toContain("E-mail and password do not match.");
    expect(answers[0]![1]).not.toContain("not the password");
  });

  it("asks to wait after too many tries (OAU-24)", async () => {
    const app = await open({}, fakeClock().now);
    await person(app);
    const guess = () => visitor(app).post("/login", { email: "ann@example.com", password: "not the password" });
    for (let i = 0; i < 5; i++) await guess();
    const { statusCode, body } = await guess();
    expect(statusCode).toBe(429);
    expect(body).toContain("Wait 15 minutes");
  });

  it("gives the browser a fresh session each time and ends the old one", async () => {
    const app = await open();
    const { token } = await person(app);
    const ann = visitor(app, token);
    await ann.post("/login", { email: "ann@example.com", password: PASSWORD });
    expect(ann.cookies.get("session")).not.toBe(token);
    expect((await visitor(app, token).get("/settings")).statusCode).toBe(303);
  });

  it("keeps the session from scripts, other sites and plain HTTP", async () => {
    const cookieOf = async (env = {}) => {
      const app = await open(env);
      await person(app);
      return (await visitor(app).post("/login", { email: "ann@example.com", password: PASSWORD })).cookies.at(-1);
    };
    expect(await cookieOf()).toMatchObject({ name: "session", httpOnly: true, sameSite: "Lax", path: "/" });
    const secure = await cookieOf({ PUBLIC_URL: "https://mcp.example.com" });
    expect(secure).toMatchObject({ name: "__Host-session", secure: true, httpOnly: true, sameSite: "Lax", path: "/" });
    expect(secure).not.toHaveProperty("domain");
  });

  it("ends with sign-out, on the server too", async () => {
    const app = await open();
    const { token } = await person(app);
    const ann = visitor(app, token);
    expect((await ann.post("/logout")).headers.location).toBe("/");
    expect((await visitor(app, token).get("/settings")).headers.location).toContain("/login");
  });
});

describe("where to go next", () => {
  it.each(["/settings", "/connect/x?link=a.b", "/a%2Fb"])("follows %s", (path) =>
    expect(localPath(path, "/")).toBe(path),
  );

  it.each([
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/x\\y",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/..//evil.example",
    "/.//evil.example",
    " /settings",
    "",
    undefined,
    ["/settings"],
  ])("goes nowhere else: %j", (wanted) => {
    const path = localPath(wanted, "/home");
    expect(new URL(path, "https://here.example").origin).toBe("https://here.example");
    expect(path).toMatch(/^\/(?!\/)/);
  });

  it("stays here whatever the text", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: "grapheme" }),
      fc.webUrl(),
      fc.string().map((end) => `/${end}`),
    );
    fc.assert(
      fc.property(text, (wanted) => {
        const path = localPath(wanted, "/home");
        expect(new URL(path, "https://here.example").origin).toBe("https://here.example");
        expect(path.startsWith("/") && !path.startsWith("//")).toBe(true);
      }),
    );
  });
});
