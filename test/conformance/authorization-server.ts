import { freePort } from "../setup/free-port.ts";
import type { ConformanceHouse } from "./house.ts";
import type { Outcome } from "./outcome.ts";
import { CONFORMANCE, run } from "./run.ts";

/** The suite's scenarios for authorization servers. It prints an address and waits for the browser to come back. */
export async function authorizationServer(house: ConformanceHouse, out: string): Promise<Outcome[]> {
  const port = await freePort();
  const client = await house.register(`http://127.0.0.1:${port}/callback`);
  const resource = `${house.url}/v1/conformance`;
  let text = "";
  let visited: Promise<unknown> | undefined;

  const { code, stdout, stderr } = await run(
    [
      CONFORMANCE,
      "authorization",
      "--url",
      house.url,
      "--client-id",
      client,
      "--resource",
      resource,
      "-p",
      `${port}`,
      "-o",
      out,
    ],
    {
      limitMs: 60_000,
      onText: (more) => {
        text += more;
        const address = /(https?:\/\/\S+\/oauth\/authorize\?\S+)\s/.exec(text)?.[1];
        if (address) visited ??= house.signIn(address).then((back) => fetch(back));
      },
    },
  );
  await visited?.catch((error: unknown) => console.error(error));

  const scenarios = [...stdout.matchAll(/^([✓✗]) ([\w-]+): (\d+) passed, (\d+) failed/gm)];
  const outcomes = scenarios.map(([, mark, name, passed, failed]) => ({
    name: `authorization server ${name}`,
    passed: mark === "✓" && failed === "0",
    detail: `${passed} checks passed, ${failed} failed`,
  }));
  const whole = {
    name: "authorization server as a whole",
    passed: code === 0,
    detail: `${scenarios.length} scenarios`,
  };
  return [
    ...outcomes,
    code === 0 ? whole : { ...whole, detail: `exit code ${code}; ${(stderr || stdout).trim().slice(-800)}` },
  ];
}
