import { describe, expect, it } from "vitest";
import { conformanceServer } from "../../conformance/server.ts";
import { gate, legacy, modern, toolCallsOf } from "./gate.ts";

const READ = ["acme:read"];
const PATHS = ["/v1/acme", "/v1/acme/", "/acme/mcp", "/acme/mcp/"];

describe("the URLs of a vendor", () => {
  it.each(PATHS)("%s answers both revisions alike (MCP-01, MCP-04)", async (url) => {
    const { app, someone } = await gate();
    const authorization = `Bearer ${await (await someone()).token(READ)}`;
    const answers = [];
    for (const { headers, payload } of [modern("tools/list"), legacy("tools/list")]) {
      const answer = await app.inject({ method: "POST", url, headers: { ...headers, authorization }, payload });
      expect(answer.statusCode).toBe(200);
      expect(answer.headers["mcp-session-id"]).toBeUndefined();
      answers.push(messageOf(answer.body).result.tools.map(({ name }: { name: string }) => name));
    }
    expect(answers[0]).toEqual(["acme_fail", "acme_list_things", "acme_wait"]);
    expect(answers[1]).toEqual(answers[0]);
  });

  it.each(PATHS)("%s names its own metadata and the read scope to whoever has no token (MCP-03)", async (url) => {
    const { app } = await gate();
    for (const method of ["POST", "GET", "DELETE"] as const) {
      const answer = await app.inject({ method, url });
      expect(answer.statusCode).toBe(401);
      const challenge = answer.headers["www-authenticate"];
      expect(challenge).toMatch(/^Bearer error="invalid_token"/);
      expect(challenge).toContain('scope="acme:read"');
      const metadata = `${app.config.publicUrl}/.well-known/oauth-protected-resource${url}`;
      expect(challenge).toContain(`resource_metadata="${metadata}"`);
      expect(challenge).not.toContain("offline_access");
      expect((await app.inject({ url: new URL(metadata).pathname })).json()).toMatchObject({
        resource: app.config.publicUrl + url,
      });
    }
  });

  it("answers 405 to a GET with a token, because tools are called by POST (MCP-03)", async () => {
    const { app, someone } = await gate();
    const authorization = `Bearer ${await (await someone()).token(READ)}`;
    expect((await app.inject({ url: "/v1/acme", headers: { authorization } })).statusCode).toBe(405);
    expect((await app.inject({ method: "DELETE", url: "/acme/mcp", headers: { authorization } })).statusCode).toBe(405);
  });

  it.each(["/v1/nobody", "/nobody/mcp", "/v1/nobody/tools/list"])("answers 404 as JSON to %s", async (url) => {
    const { app } = await gate();
    const answer = await app.inject({ url });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: "UNKNOWN_VENDOR" });
  });

  it("looks at the token before it reads the body (MCP-03)", async () => {
    const { app, someone } = await gate();
    const bad = {
      method: "POST",
      url: "/v1/acme",
      payload: "{",
      headers: { "content-type": "application/json" },
    } as const;
    expect((await app.inject(bad)).statusCode).toBe(401);

    const authorization = `Bearer ${await (await someone()).token(READ)}`;
    const answer = await app.inject({ ...bad, headers: { ...bad.headers, authorization } });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: -32700 }, id: null });
  });

  it("refuses bodies that are too large or not JSON", async () => {
    const { app, someone } = await gate();
    const authorization = `Bearer ${await (await someone()).token(READ)}`;
    const send = (payload: string, type: string) =>
      app.inject({ method: "POST", url: "/v1/acme", payload, headers: { authorization, "content-type": type } });
    expect((await send(JSON.stringify({ text: "x".repeat(1_100_000) }), "application/json")).statusCode).toBe(413);
    expect((await send("<xml/>", "text/xml")).statusCode).toBe(415);
  });
});

describe("a token", () => {
  it("of another vendor is refused, here and at every form of the URL (OAU-09)", async () => {
    const { app, someone } = await gate();
    const ann = await someone();
    const authorization = `Bearer ${await ann.token(["other:read", "acme:read"], { vendor: "other" })}`;
    for (const url of [...PATHS, "/v1/acme/tools/list"]) {
      const { headers, payload } = modern("tools/list");
      const post = { method: "POST", url, headers: { ...headers, authorization }, payload } as const;
      const answer = await app.inject(url.endsWith("list") ? { url, headers: { authorization } } : post);
      expect(answer.statusCode).toBe(401);
      expect(answer.headers["www-authenticate"]).toContain("invalid_token");
    }
  });

  it("without the read scope gets 403 with the scopes needed (OAU-17)", async () => {
    const { app, someone } = await gate();
    const authorization = `Bearer ${await (await someone()).token(["acme:write"])}`;
    const { headers, payload } = modern("tools/list");
    const answer = await app.inject({
      method: "POST",
      url: "/v1/acme",
      headers: { ...headers, authorization },
      payload,
    });
    expect(answer.statusCode).toBe(403);
    expect(answer.headers["www-authenticate"]).toMatch(/insufficient_scope.*scope="acme:read"/);
  });

  it.each([["modern", modern] as const, ["legacy", legacy] as const])(
    "that may only read steps up when it calls a write tool, %s (OAU-17)",
    async (_era, speak) => {
      const { app, someone, worlds } = await gate();
      const ann = await someone();
      await ann.writes(true);
      const authorization = `Bearer ${await ann.token(READ)}`;
      const { headers, payload } = speak("tools/call", {
        name: "acme_rename_thing",
        arguments: { id: "t1", name: "N" },
      });
      const answer = await app.inject({
        method: "POST",
        url: "/acme/mcp",
        headers: { ...headers, authorization },
        payload,
      });
      expect(answer.statusCode).toBe(403);
      const challenge = answer.headers["www-authenticate"];
      expect(challenge).toContain('error="insufficient_scope"');
      expect(challenge).toContain('scope="acme:read acme:write"');
      expect(challenge).toContain("/.well-known/oauth-protected-resource/acme/mcp");
      expect(worlds.acme.renamed).toEqual([]);
      expect(await toolCallsOf(app, ann.org)).toMatchObject([{ status: "denied", rule: "scope-missing" }]);
    },
  );

  it.each(["Basic abc", "Bearer", "Bearer wrong", "bearer  "])("in the form %j is no token", async (authorization) => {
    const { app } = await gate();
    const answer = await app.inject({ method: "POST", url: "/v1/acme", headers: { authorization } });
    expect(answer.statusCode).toBe(401);
  });

  it("ends with its grant, on the next request (OAU-04)", async () => {
    const { app, someone } = await gate();
    const ann = await someone();
    const authorization = `Bearer ${await ann.token(READ)}`;
    const list = () => app.inject({ url: "/v1/acme/tools/list", headers: { authorization } });
    expect((await list()).statusCode).toBe(200);
    await app.db.updateTable("oauth_grants").set({ revoked_at: app.clock.now() }).execute();
    expect((await list()).statusCode).toBe(401);
  });

  it("is the only proof of identity: a session id changes nothing (MCP-10)", async () => {
    const { app, someone } = await gate();
    const authorization = `Bearer ${await (await someone()).token(READ)}`;
    const { headers, payload } = legacy("tools/list");
    const withSession = { ...headers, "mcp-session-id": "stolen" };
    const send = (more: object) =>
      app.inject({ method: "POST", url: "/v1/acme", headers: { ...withSession, ...more }, payload });
    expect((await send({})).statusCode).toBe(401);
    expect((await send({ authorization })).headers["mcp-session-id"]).toBeUndefined();
  });
});

describe("Host and Origin", () => {
  const hosts = [
    ["localhost:3100", undefined, 401],
    ["127.0.0.1:3100", undefined, 401],
    ["[::1]:3100", undefined, 401],
    ["localhost:3100", "http://localhost:6274", 401],
    ["evil.example", undefined, 403],
    ["localhost.evil.example", undefined, 403],
    ["localhost:3100", "https://evil.example", 403],
    ["localhost:3100", "null", 403],
    ["localhost:3100", "not a url", 403],
  ] as const;

  it.each(hosts)(
    "host %s with origin %s gets %i before any token is looked at (MCP-10)",
    async (host, origin, status) => {
      const { app } = await gate();
      const answer = await app.inject({
        method: "POST",
        url: "/v1/acme",
        headers: { host, ...(origin && { origin }) },
      });
      expect(answer.statusCode).toBe(status);
    },
  );

  it("takes the public name alone when there is one (MCP-10)", async () => {
    const { app } = await gate({ env: { PUBLIC_URL: "https://mcp.example.com" } });
    const status = async (host: string, origin?: string) =>
      (await app.inject({ url: "/v1/acme", headers: { host, ...(origin && { origin }) } })).statusCode;
    expect(await status("mcp.example.com")).toBe(401);
    expect(await status("mcp.example.com", "https://mcp.example.com")).toBe(401);
    expect(await status("localhost")).toBe(403);
    expect(await status("mcp.example.com", "http://localhost")).toBe(403);
  });
});

describe("the list as plain JSON", () => {
  it("is what MCP lists, for the same token by the same rules (MCP-06, MCP-07)", async () => {
    const { app, someone } = await gate();
    const ann = await someone();
    const authorization = `Bearer ${await ann.token(READ)}`;
    const lists = async () => {
      const rest = await app.inject({ url: "/v1/acme/tools/list", headers: { authorization } });
      const { headers, payload } = modern("tools/list");
      const mcp = await app.inject({
        method: "POST",
        url: "/v1/acme",
        headers: { ...headers, authorization },
        payload,
      });
      expect(rest.headers["cache-control"]).toBe("private, max-age=300");
      return { rest: rest.json().tools, mcp: mcp.json().result };
    };

    const before = await lists();
    expect(before.rest).toEqual(before.mcp.tools);
    expect(before.mcp).toMatchObject({ ttlMs: 300_000, cacheScope: "private" });
    expect(before.rest.map(({ name }: { name: string }) => name)).not.toContain("acme_rename_thing");

    await ann.writes(true);
    const after = await lists();
    expect(after.rest).toEqual(after.mcp.tools);
    expect(after.rest.map(({ name }: { name: string }) => name)).toContain("acme_rename_thing");
    expect(JSON.stringify(after.rest)).not.toMatch(/acme_wipe_thing|acme_reveal_key/);
  });

  it("needs a token (MCP-06)", async () => {
    const { app } = await gate();
    const answer = await app.inject({ url: "/v1/acme/tools/list" });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers["www-authenticate"]).toContain("/.well-known/oauth-protected-resource/v1/acme");
  });
});

describe("streams of news", () => {
  const listen = async ({ origin, someone }: Awaited<ReturnType<typeof gate>>) => {
    const authorization = `Bearer ${await (await someone()).token(READ)}`;
    const news = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
    const { headers, payload } = modern("subscriptions/listen", { notifications: news });
    const body = JSON.stringify(payload);
    return await fetch(`${origin}/v1/acme`, { method: "POST", headers: { ...headers, authorization }, body });
  };

  it("end at once, because lists change by deployment: nobody can hold one open", async () => {
    const stream = await listen(await gate());
    expect(stream.headers.get("content-type")).toContain("text/event-stream");
    const text = await stream.text();
    expect(text).toContain("notifications/subscriptions/acknowledged");
    expect(text).toContain('"resultType":"complete"');
  });

  it("would end with the gateway, where a server had them", async () => {
    const house = await gate({ servers: { acme: conformanceServer } });
    const parts = (await listen(house)).body!.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
    expect((await parts.next()).value).toContain("notifications/subscriptions/acknowledged");
    const rest = parts.next();
    expect(await Promise.race([rest, Promise.resolve("open")])).toBe("open");
    await house.app.close();
    expect((await rest).value).toContain('"resultType":"complete"');
  });
});

/** JSON, or the one event of a stream. */
const messageOf = (body: string) => JSON.parse(body.startsWith("{") ? body : body.split("data: ").at(-1)!);
