import { parseArgs } from "node:util";
import { type Demo, startDemo } from "../test/fakes/demo.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "3100" },
    data: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) {
  console.log(`npm run demo [-- --port 3100] [-- --data ./data/demo]

Starts the gateway with simulated vendors on this computer: no accounts, no network, nothing to set up.
--data keeps accounts and connections in a folder; without it they are gone when the demo stops.`);
} else {
  await run(Number(values.port), values.data);
}

async function run(port: number, dataDir: string | undefined) {
  let demo: Demo;
  try {
    demo = await startDemo({ port, ...(dataDir && { dataDir }) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    console.error(`Port ${port} is taken. Try: npm run demo -- --port ${port + 1}`);
    process.exit(1);
  }
  let closing = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (closing) process.exit(1);
      closing = true;
      console.log("\nStopping the demo.");
      void demo.close().then(() => process.exit(0));
    });
  }
  // Last: who reads that Ctrl-C stops everything may press it at once.
  console.log(welcome(demo));
}

function welcome({ url, owner, all, connectors, halo }: Demo): string {
  const width = Math.max(...connectors.map(({ title }) => title.length));
  return `
  Demo: the vendors, their data and the keys below are simulated. Nothing leaves this computer.

  1  Open       ${url}
     Sign in    ${owner.email}
     Password   ${owner.password}

  2  Add a connector to your assistant
     ${"All your vendors".padEnd(width)}  ${all}
${connectors.map(({ title, url }) => `     ${title.padEnd(width)}  ${url}`).join("\n")}

     Claude Code, for example:
     claude mcp add --transport http vendorsmith ${all}
     then /mcp in Claude Code, choose the server, Authenticate.

  3  Enter these keys when the page asks for them
${connectors.map(({ title, keys }) => `     ${title.padEnd(width)}  ${keys.map((key) => `${key.title}: ${key.value}`).join("   ")}`).join("\n")}
     To sign in at HaloPSA instead, use Client ID: ${halo.clientId} and no Client secret;
     there, User name: ${halo.userName}   Password: ${halo.password}

  4  Ask, for example
     Which servers have been offline for more than a day, and what do we know about them?
     Free disk space is low somewhere. Where, and who is the main contact of that client?
     How is Contoso Dental doing: tickets, alerts, contracts, documentation?

  Tools that change things stay hidden until you switch them on: ${url}/settings
  Ctrl-C stops everything.
`;
}
