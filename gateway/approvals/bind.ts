import type { Audit } from "../audit/audit.ts";

/** A connection as it was when somebody said yes: replaced keys are another version. */
export interface BoundConnection {
  readonly id: string;
  readonly version: number;
  readonly vendor: string;
  /** What its person calls it. */
  readonly label: string;
}

/** Everything that a yes is for. */
export interface BoundCall {
  readonly org: string;
  readonly user: string;
  readonly client: string;
  readonly tool: string;
  readonly toolHash: string;
  readonly policyVersion: number;
  readonly connections: readonly BoundConnection[];
  /** As the tool's own schema parsed them, defaults filled in. */
  readonly input: Readonly<Record<string, unknown>>;
}

type Hashes = Pick<Audit, "hash">;

/** Keyed, because what arguments name can be guessed: whoever reads the table must not be able to try. */
export function callHash({ hash }: Hashes, call: BoundCall): string {
  const { org, user, client, tool, toolHash, policyVersion, connections, input } = call;
  return hash(org, ["approval/v1", org, user, client, connectionsText(connections), tool, toolHash, policyVersion, input]); // biome-ignore format: one thought
}

/** The same wish, whatever has become of policy, tool and connections. */
export const wishHash = ({ hash }: Hashes, { org, user, client, tool, input }: BoundCall): string =>
  hash(org, ["approval-wish/v1", org, user, client, tool, input]);

/** Ids and versions, in one order. */
export const connectionsText = (connections: readonly Pick<BoundConnection, "id" | "version">[]): string =>
  connections
    .map(({ id, version }) => `${id}@${version}`)
    .sort()
    .join(" ");
