/** The customers that a limited caller may see. Without one of them nothing is seen. */
export interface CallerCustomers {
  /** By name. */
  readonly names: readonly string[];
  /** Ours: the same customers have the same, whatever vendors call them. */
  readonly ids: readonly string[];
  /** A vendor's ids of them, in the account that a connection leads to. */
  idsFor(vendor: string, connectionId: string): ReadonlySet<string>;
  /** Whose id that is there. */
  customerOf(vendor: string, connectionId: string, vendorId: string): string | undefined;
}

/** One customer with one id that a vendor has for it, if any. */
export interface Admitted {
  readonly id: string;
  readonly name: string;
  readonly vendor: string | null;
  readonly vendor_id: string | null;
  /** The one connection in whose account the id means this; empty for every account of the vendor. */
  readonly connection_id: string | null;
}

export function customersOf(rows: readonly Admitted[]): CallerCustomers {
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  const links = Map.groupBy(rows, ({ vendor, connection_id }) => `${vendor} ${connection_id}`);
  const at = (vendor: string, connectionId: string) =>
    new Map([...linked(links, `${vendor} `), ...linked(links, `${vendor} ${connectionId}`)]);
  return {
    names: [...names.values()],
    ids: [...names.keys()],
    idsFor: (vendor, connectionId) => new Set(at(vendor, connectionId).keys()),
    customerOf: (vendor, connectionId, vendorId) => at(vendor, connectionId).get(vendorId),
  };
}

const linked = (links: ReadonlyMap<string, readonly Admitted[]>, key: string): [string, string][] =>
  (links.get(key) ?? []).map(({ vendor_id, id }) => [vendor_id!, id]); // a row with a vendor has its id
