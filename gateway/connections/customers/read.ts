import { ToolError } from "../../../runtime/index.ts";
import type { Connection } from "../../database/connections.ts";
import { addImport, noteImport } from "../../database/customer-imports.ts";
import { newId } from "../../database/ids.ts";
import type { Found } from "../../identity/customers/matching.ts";
import { clientFor, type House, vendorOf } from "../client.ts";

/** More than any MSP looks after; a vendor whose list never ends is stopped here. */
export const MOST_CUSTOMERS = 10_000;

const TOLD_EVERY = 200;
const PATIENCE_MS = 300_000;
const KEPT_MS = 3_600_000;

export interface ImportRequest {
  readonly org: string;
  readonly user: string;
  readonly requestId: string;
}

/**
 * Begins to read a vendor's list of customers and returns at once; what was read so far stands in the row of the import. Nothing is
 * changed by it.
 */
export async function beginImport(
  house: House & { readonly log: { error(facts: object, text: string): void } },
  connection: Connection,
  { org, user, requestId }: ImportRequest,
): Promise<{ id: string; done: Promise<void> }> {
  const id = newId("imp");
  const now = house.clock.now();
  await addImport(house.db, {
    id,
    org_id: org,
    user_id: user,
    vendor: connection.vendor,
    connection_id: connection.id,
    state: "reading",
    rows_read: 0,
    found: "[]",
    problem: null,
    updated_at: now,
    expires_at: now + KEPT_MS,
  });
  const row = { org_id: org, id };
  const note = (changes: Parameters<typeof noteImport>[2]) =>
    noteImport(house.db, row, { ...changes, updated_at: house.clock.now() });
  const done = readList(house, connection, { actor: user, requestId }, (rows) => note({ rows_read: rows }))
    .then((found) =>
      note({ state: "read", rows_read: found.length, found: JSON.stringify(found.map(({ id, name }) => [id, name])) }),
    )
    .catch(async (error: unknown) => {
      const problem = error instanceof ToolError ? error.code : "INTERNAL";
      if (problem === "INTERNAL") house.log.error({ err: error, import: id }, "customers could not be read");
      await note({ state: "failed", problem }).catch(() => {}); // the page says so when the row grows old
    });
  return { id, done };
}

async function readList(
  house: House,
  connection: Connection,
  who: { actor: string; requestId: string },
  tell: (rows: number) => Promise<void>,
): Promise<Found[]> {
  const { customer } = vendorOf(house, connection.vendor);
  if (!customer) throw new ToolError("INVALID_INPUT", "This vendor has no list of customers.");
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const client = await clientFor(house, connection, { ...who, signal });
  const found = new Map<string, Found>();
  for await (const { id, name } of customer.list(client)) {
    found.set(id, { id, name });
    if (found.size % TOLD_EVERY === 0) await tell(found.size);
    if (found.size >= MOST_CUSTOMERS) break;
  }
  return [...found.values()];
}
