import { saveConnection } from "../../../gateway/connections/connections.ts";
import { addCustomer, linkCustomer } from "../../../gateway/identity/customers/changes.ts";
import { limitMember } from "../../../gateway/identity/customers/limits.ts";
import { setExtendedTools } from "../../../gateway/identity/orgs.ts";
import contract from "../../../generated/contract.json" with { type: "json" };
import { vendors } from "../../e2e/vendor.ts";
import type { VendorSlug } from "../../fakes/keys.ts";
import { connectClient, gate } from "../mcp/gate.ts";

/** A gateway with every vendor as generated, answered by the fakes of the file's `useFakes`. */
export async function msp() {
  const { across } = await import("../../../generated/index.ts");
  const room = await gate({
    vendors,
    across,
    lock: contract,
    fetch: (input, init) => globalThis.fetch(input, init), // looked up at the time of the call: msw replaces it
    env: { CALLS_PER_MINUTE: "100000", ORG_CALLS_PER_MINUTE: "100000", WRITES_PER_MINUTE: "100000" },
  });
  return { ...room, technician: (email?: string) => technician(room, email) };
}

/** Somebody who may be limited, with connections, customers and a real client. They own their organisation: owners are no exception. */
async function technician({ app, origin, someone }: Awaited<ReturnType<typeof gate>>, email = "ann@bluepeak.example") {
  const { org, user, token, writes } = await someone(email);
  const change = { org, actor: user };

  async function connect(vendor: VendorSlug, keys: Readonly<Record<string, string>>) {
    const parsed = app.vendors.get(vendor)!.credentials.parse(keys);
    if (!parsed.ok) throw new Error("the test's keys do not parse");
    return await saveConnection(app, { org, user, vendor, credentials: parsed.value as object });
  }

  /** A customer with its ids at vendors; in every account, unless a connection is named. */
  async function customer(name: string, ids: Partial<Record<VendorSlug, string | number>>, connection = "") {
    const { id } = await addCustomer(app, { ...change, name });
    for (const [vendor, vendorId] of Object.entries(ids))
      await linkCustomer(app, { ...change, id, vendor, vendorId: String(vendorId), connection, vendorName: name });
    return id;
  }

  const scopesOf = (slug: string) => [`${slug}:read`, `${slug}:write`, `${slug}:reveal`];

  return {
    org,
    user,
    writes,
    connect,
    customer,
    limit: (give: readonly string[] = [], take: readonly string[] = []) =>
      limitMember(app, { ...change, user, limited: true, give, take }),
    unlimit: () => limitMember(app, { ...change, user, limited: false }),
    extended: (vendor: VendorSlug) => setExtendedTools(app, { ...change, vendor, on: true }),
    tokenFor: (vendor: VendorSlug, connection: string) => token(scopesOf(vendor), { vendor, connection }),
    /** A real client at one vendor's address. */
    async client(vendor: VendorSlug, connection: string, query = "") {
      const bearer = await token(scopesOf(vendor), { vendor, connection });
      return await connectClient(`${origin}/v1/${vendor}${query}`, bearer, "modern");
    },
    /** A real client at the address of all vendors. */
    async clientOfAll(bound: Partial<Record<VendorSlug, string>>) {
      const scopes = Object.keys(bound).flatMap(scopesOf);
      const bearer = await token(scopes, { vendor: "*", bound: bound as Record<string, string> });
      return await connectClient(`${origin}/mcp`, bearer, "modern");
    },
  };
}

export type Technician = Awaited<ReturnType<typeof technician>>;

interface Answer {
  readonly isError?: boolean;
  readonly content?: unknown;
  readonly structuredContent?: unknown;
}

/** Everything of an answer that a model or a program reads. */
export const told = (answer: Answer): string => JSON.stringify(answer);

export const textsOf = ({ content }: Answer): string[] =>
  ((content ?? []) as { type: string; text: string }[]).map(({ text }) => text);
