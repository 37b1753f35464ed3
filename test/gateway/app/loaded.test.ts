import { describe, expect, it } from "vitest";
import { freePort } from "../../setup/free-port.ts";
import { scratch } from "../support.ts";
import { gateway } from "./process.ts";

/** Has the process say each file when it is loaded. */
const SAYING = `--import=data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  registerHooks({ load(url, context, next) { process.stderr.write("loads " + url + "\\n"); return next(url, context); } });
`)}`;

describe("what a start loads", () => {
  it("is nothing of the authorization server and its pages, which the first two who come get at once", async () => {
    const port = await freePort();
    const running = gateway({ PORT: String(port), DATA_DIR: scratch() }, [SAYING]);
    const loaded = (name: string) =>
      running
        .output()
        .split("\n")
        .filter((line) => line.endsWith(name)).length;
    await running.says("Data: ");
    expect(loaded("gateway/oauth/plugin.ts")).toBe(1);
    for (const name of LATER) expect(loaded(name), name).toBe(0);
    const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual" });
    const answers = await Promise.all([...METADATA, ...METADATA].map(ask));
    for (const answer of answers)
      expect(await answer.json()).toMatchObject({ token_endpoint: `http://localhost:${port}/oauth/token` });
    expect((await ask("/oauth/jwks")).status).toBe(200);
    expect((await ask("/login")).status).toBe(200);
    for (const name of LATER) expect(loaded(name), name).toBe(1);
  });
});

const LATER = ["/gateway/oauth/provider.ts", "/oidc-provider/lib/index.js", "/handlebars/lib/index.js"];
const METADATA = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];
