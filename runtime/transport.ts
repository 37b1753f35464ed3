import type { SignedIn } from "./auth/signed-in.ts";
import type { TokenStore } from "./auth/tokens.ts";
import type { Boundary } from "./boundary.ts";
import type { ToolError } from "./errors.ts";
import type { Guard } from "./guard.ts";
import type { LabelStore } from "./labels.ts";
import type { Limiter } from "./limit.ts";

/** What a client borrows from the outside for one call: the network, the clock, budgets and tokens of its connection. */
export interface Transport {
  /** Called as `fetch(url: string, init)`, always with `redirect: "manual"`. */
  readonly fetch: typeof globalThis.fetch;
  /** Stops reading, waiting and whatever was not sent yet; a change that is under way is waited for. */
  readonly signal?: AbortSignal;
  /** Stops even that. */
  readonly halt?: AbortSignal;
  /** Asked before each request; without one every request is sent. */
  readonly guard?: Guard;
  /** Shared by all calls of a connection; without one the client makes its own. */
  readonly limiter?: Limiter;
  /** For limits by database: the limiter of this one. */
  limiterOf?(database: string): Limiter;
  /** Where a person signed in at the vendor: what came of it. */
  readonly signedIn?: SignedIn;
  /** Shared by all calls of a connection; without one the client keeps tokens for itself. */
  readonly tokens?: TokenStore;
  /** The customers that the caller may see; without one, all. */
  readonly boundary?: Boundary;
  /** Shared by all calls of a connection, and by nothing else; without one the client asks anew. */
  readonly labels?: LabelStore;
  now?(): number;
  /** For one request, from sending it to having read its answer; 30 s unless given. */
  readonly timeoutMs?: number;
  /** For answers larger than this the call fails; 20 MB unless given. */
  readonly maxResponseBytes?: number;
  /** Hears of each request that changes something, before it is sent. */
  onChange?(): void;
  onRequest?(info: RequestInfo): void;
  /** Hears of each request that failed for good, whatever becomes of the call. */
  onFailure?(error: ToolError): void;
}

/** One HTTP exchange, safe to log: the path is the template, the status is missing when no answer came. */
export interface RequestInfo {
  readonly method: string;
  readonly template: string;
  readonly status?: number;
  readonly ms: number;
}
