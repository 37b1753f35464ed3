import { buildApp } from "../../../gateway/app.ts";
import { readConfig } from "../../../gateway/config.ts";
import { lockOf } from "../acme.ts";
import { actions } from "./actions.ts";
import { remoteAcme } from "./vendor.ts";

// One gateway of several, in a process of its own. It says where it listens, does what it is told, and says when that is done.

const { env, vendor } = JSON.parse(process.argv[2]!);
const acme = remoteAcme(vendor);
const app = await buildApp({ config: readConfig(env), vendors: [acme], lock: lockOf(acme) });
const origin = await app.listen({ host: "127.0.0.1", port: 0 });
process.on("message", (asked: { action: keyof typeof actions; facts: never }) => {
  actions[asked.action](app, asked.facts).then(
    () => process.send!({ done: Date.now() }),
    (error) => process.send!({ failed: String(error?.stack ?? error) }),
  );
});
process.send!({ origin });
