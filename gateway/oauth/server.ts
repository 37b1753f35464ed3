import type { Provider } from "oidc-provider";
import type { Audit, Recorder } from "../audit/audit.ts";
import type { Config } from "../config.ts";
import type { Db } from "../database/index.ts";
import type { Allowance, Rate } from "../database/rate-counters.ts";
import type { Policies } from "../identity/policies.ts";
import type { Keys } from "../keys.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { SecretBox } from "../vault/secret-box.ts";
import type { Documents } from "./client-documents.ts";
import type { ForeignIssuer } from "./foreign-issuer.ts";
import type { AuthorizationPages } from "./pages.ts";
import type { Resources } from "./resources.ts";

/** Counts one use of a key. */
export type Limit = (key: string, rate: Rate) => Promise<Allowance>;

/** Who does something to a grant. */
export type Actor = Parameters<Recorder>[0]["actor"];

/** Loads the library and builds the server once, for the first who asks. */
export type LazyProvider = () => Promise<Provider>;

/** All that the authorization server needs of the house. */
export interface AuthorizationServer {
  readonly db: Db;
  readonly config: Pick<Config, "publicUrl" | "oauth">;
  readonly keys: Pick<Keys, "cookies" | "signing">;
  readonly audit: Pick<Audit, "record" | "atomically">;
  readonly policies: Policies;
  readonly resources: Resources;
  /** The other issuer whose tokens are accepted, if the operator named one. */
  readonly foreign: ForeignIssuer | undefined;
  readonly pages: AuthorizationPages;
  readonly box: SecretBox;
  readonly documents: Documents;
  readonly limit: Limit;
  readonly metrics: Pick<Metrics, "authorizeSeconds" | "oauthTokens">;
  readonly now: () => number;
  /** What went wrong inside, for the log: the browser never sees it. */
  fail(error: Error): void;
  /** What the operator should know though nothing is wrong inside. */
  warn(details: object, message: string): void;
}
