import type { Boundary } from "../../runtime/index.ts";
import type { CallerCustomers } from "../policy/customers.ts";

/** What the boundary of a call saw, for the record alone. */
export interface Seen {
  /** Rows of others that were taken out. */
  readonly dropped: number;
  /** The one customer that the call was about, where it was one. */
  readonly customer?: string;
}

export interface Watched {
  boundary(vendor: string, connectionId: string): Boundary;
  seen(): Seen;
}

/** The boundaries of one call, which may ask several vendors, and what they came to. */
export function watched(customers: CallerCustomers): Watched {
  let dropped = 0;
  const concerned = new Set<string>();
  return {
    boundary: (vendor, connectionId) => ({
      ids: customers.idsFor(vendor, connectionId),
      noteDropped(rows) {
        dropped += rows;
      },
      noteSeen(vendorId) {
        const customer = customers.customerOf(vendor, connectionId, vendorId);
        if (customer !== undefined) concerned.add(customer);
      },
    }),
    seen() {
      const [only, ...others] = concerned.size > 0 ? concerned : customers.ids;
      return { dropped, ...(only !== undefined && others.length === 0 && { customer: only }) };
    },
  };
}

const SHOWN = 20;

/** Who an answer is limited to, in one sentence. */
export function limitedWords(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return `Limited to: ${names.slice(0, SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}.`;
}
