import type { CallerCustomers } from "../policy/customers.ts";
import type { CallerFacts } from "../policy/decide.ts";
import type { OrgPolicy } from "../policy/policy.ts";
import type { Right } from "../policy/roles.ts";

/** Who calls, as their token says. Nothing in a request can change a word of it. */
export interface Caller extends CallerFacts {
  /** A person, or a program of the organisation. */
  readonly userId: string;
  readonly actorType: "user" | "service";
  /** What it may look after through the API, besides calling tools. */
  readonly rights: ReadonlySet<Right>;
  readonly orgName: string;
  /** The region where its calls run; null for everywhere. */
  readonly home: string | null | undefined;
  readonly clientName: string;
  readonly grantId: string;
  /** Scopes of the vendors in reach; others a token may name admit to nothing. */
  readonly scopes: ReadonlySet<string>;
  /**
   * The vendors the token reaches, each with the connection bound at consent. Without one the person has to connect, or to
   * allow what they connected since.
   */
  readonly reach: ReadonlyMap<string, string | undefined>;
  /** The canonical address of what was asked for, whichever form of it the client asked for. */
  readonly audience: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** When the token was looked at, in epoch milliseconds: decisions are made for this moment. */
  readonly at: number;
  /** Of who is limited: what they may see. */
  readonly customers?: CallerCustomers;
  /** The version in force then. */
  readonly policy: OrgPolicy;
  /** Tools that the operator has switched off for everybody. */
  readonly toolsOff: ReadonlySet<string>;
}
