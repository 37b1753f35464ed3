import type { Vendor } from "../../../runtime/index.ts";
import { acme, acmeWorld } from "../acme.ts";

/** Acme as seen from any process: its things are behind an address, and it knows which key each question came with. */
export function remoteAcme(address: string): Vendor {
  const vendor = acme(acmeWorld());
  const ask = async (key: string, method: string, body?: object) => {
    const answer = await fetch(address, {
      method,
      headers: { "x-key": key },
      ...(body && { body: JSON.stringify(body) }),
    });
    return (await answer.json()) as { things: { id: string; name: string }[] };
  };
  const tools = vendor.tools.map((tool) => {
    if (tool.name === "acme_list_things")
      return {
        ...tool,
        cache: true as const,
        run: async (_input: unknown, client: unknown) => ({
          ...(await ask(client as string, "GET")),
          truncated: false,
        }),
      };
    if (tool.name === "acme_rename_thing")
      return {
        ...tool,
        async run(input: unknown, client: unknown) {
          const { id, name } = input as { id: string; name: string };
          await ask(client as string, "POST", { id, name });
          return { name };
        },
      };
    return tool;
  });
  return { ...vendor, tools, connect: ({ apiKey }: never) => (apiKey as { reveal(): string }).reveal() } as Vendor;
}
