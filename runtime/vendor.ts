import type { SignIn } from "./auth/signed-in.ts";
import type { JsonSchema } from "./contract.ts";
import type { VendorCredentials } from "./credentials.ts";
import type { Customer } from "./customers.ts";
import type { Limits } from "./limit.ts";
import type { Tool } from "./tool.ts";
import type { Transport } from "./transport.ts";

/** One vendor as generated: how to ask for its keys, how to reach it with them, and what can be done there. */
export interface Vendor<Credentials = unknown, Client = unknown> {
  readonly slug: string;
  readonly prefix: string;
  readonly title: string;
  readonly homepage?: string;
  readonly credentials: VendorCredentials<Credentials>;
  readonly limits: Limits;
  readonly tools: readonly Tool<Client>[];
  /** JSON Schemas of every tool by name, printed when generating. */
  readonly schemas: Readonly<Record<string, { readonly input: JsonSchema; readonly output: JsonSchema }>>;
  /** The only origins that these credentials are ever sent to. */
  origins(credentials: Credentials): readonly string[];
  /** Where a person signs in at the vendor, for vendors and keys that want it. */
  signIn?(credentials: Credentials): SignIn | undefined;
  /** Client companies as the vendor has them; absent where people cannot be limited to some. */
  readonly customer?: {
    /** What the vendor calls one: "Site". */
    readonly title: string;
    list(client: Client): AsyncIterable<Customer>;
  };
  connect(credentials: Credentials, transport: Transport): Client;
  /** The cheap call that says "these keys work". Rejects with ToolError. */
  verify(client: Client): Promise<unknown>;
}

/** The client type is known where a vendor is defined; the gateway handles all vendors alike. */
export const defineVendor = <Credentials, Client>(vendor: Vendor<Credentials, Client>): Vendor<Credentials, Client> =>
  vendor;
