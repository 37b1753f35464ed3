import type { Call } from "./call-context.ts";
import { ToolError } from "./errors.ts";
import { isPassing } from "./optional.ts";
import type { Coverage, Taken } from "./take.ts";

/** One item and what was answered about it; nothing when that failed. */
export interface Row<Item, Answer> {
  readonly item: Item;
  readonly answer: Answer | undefined;
}

export interface Asked<Item, Answer> {
  readonly rows: readonly Row<Item, Answer>[];
  readonly coverage: Coverage;
}

interface Options {
  readonly atMost: number;
  readonly concurrency?: number;
  readonly call?: Call;
}

/**
 * The same question about each of several items, a few at a time, about at most `atMost` of them. Some may fail: their rows have
 * no answer, and `coverage` counts them; what is outside the caller's boundary has no row. When the keys are refused or the vendor's budget is used up, no more are asked.
 * @throws the first failure when none is answered
 */
export async function each<Item, Answer>(
  source: readonly Item[] | Taken<Item>,
  ask: (item: Item) => Promise<Answer>,
  { atMost, concurrency = 4, call }: Options,
): Promise<Asked<Item, Answer>> {
  const { items, truncated, of } = wholeOf(source);
  const chosen = items.slice(0, atMost);
  const rows: Row<Item, Answer>[] = [];
  const failures: ToolError[] = [];
  let asked = 0;

  async function askNext(): Promise<void> {
    const index = asked++;
    const item = chosen[index] as Item; // callers stay in range
    try {
      rows[index] = { item, answer: await ask(item) };
    } catch (error) {
      if (!(error instanceof ToolError) || error.code === "CANCELLED") throw error;
      failures.push(error);
      if (error.code !== "OUTSIDE_CUSTOMERS") rows[index] = { item, answer: undefined };
      if (!isPassing(error) || error.code === "VENDOR_RATE_LIMITED") chosen.length = Math.min(chosen.length, asked);
    }
    call?.progress?.(rows.filter(Boolean).length, chosen.length);
  }
  const worker = async () => {
    while (asked < chosen.length) await askNext();
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, chosen.length) }, worker));

  const count = Math.min(asked, chosen.length);
  if (failures[0] && failures.length === count) throw failures[0];
  const answered = count - failures.length;
  const complete = answered === items.length && !truncated;
  const coverage = { ...of, asked: count, answered, failed: failures.length, complete };
  return { rows: rows.filter(Boolean), coverage };
}

/** What was taken of a list knows how long the list is; items by themselves are all there is. */
function wholeOf<Item>(source: readonly Item[] | Taken<Item>) {
  const { items, truncated, total } = "items" in source ? source : { items: source, truncated: false };
  return { items, truncated, of: truncated ? total !== undefined && { of: total } : { of: items.length } };
}

/**
 * The same change for each of several items, one after the other. Stops at the first failure.
 * @throws that failure, saying how many changes were made before it; INVALID_INPUT before any when there are more than `atMost`
 */
export async function sendEach<Item, Answer>(
  items: readonly Item[],
  send: (item: Item) => Promise<Answer>,
  { atMost, call }: Options,
): Promise<Asked<Item, Answer>> {
  const of = items.length;
  if (of > atMost) throw new ToolError("INVALID_INPUT", `${of} at once are too many: give at most ${atMost}.`);
  const rows: Row<Item, Answer>[] = [];
  for (const item of items) {
    const answer = await send(item).catch((error: unknown) => {
      if (!(error instanceof ToolError)) throw error;
      throw new ToolError(error.code, `${error.message} ${rows.length} of ${of} were done before.`, {
        ...error,
        cause: error.cause,
      });
    });
    rows.push({ item, answer });
    call?.progress?.(rows.length, of);
  }
  return { rows, coverage: { of, asked: of, answered: of, failed: 0, complete: true } };
}

/** Rows whose answers are lists, as one row for each element: the first `limit`, and whether there are more. */
export function unfold<Item, Element>(
  rows: readonly Row<Item, readonly Element[]>[],
  limit: number,
): { readonly items: { readonly item: Item; readonly answer: Element }[]; readonly truncated: boolean } {
  const all = rows.flatMap(({ item, answer }) => (answer ?? []).map((element) => ({ item, answer: element })));
  return { items: all.slice(0, limit), truncated: all.length > limit };
}
