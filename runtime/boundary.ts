import type { CustomerRule, CustomerRules, NamingRule, Rows, Through } from "./customers.ts";
import { ToolError } from "./errors.ts";
import { argumentAt } from "./places.ts";
import { cutRows, idsIn, rowsIn } from "./rows.ts";

/** The customers that a caller may see. Without one there is no limit; with one, what cannot be told is refused. */
export interface Boundary {
  /** The vendor's own ids of them, as text. */
  readonly ids: ReadonlySet<string>;
  /** Told of rows that were left out: for the record, never for the caller. */
  noteDropped?(rows: number): void;
  /** Told of each customer that a request named or a row belongs to: for the record as well. */
  noteSeen?(id: string): void;
}

/** One request, as far as a boundary looks at it. */
export interface Asked {
  /** `METHOD /path` or `query field`, as in the rules. */
  readonly title: string;
  readonly isWrite: boolean;
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** A query parameter that narrows a request to the one customer there is. */
export type Narrowing = readonly [name: string, id: string];

/** Does the work of a request that may be made, and gives what may be seen of its answer. */
export type Guard = (asked: Asked, send: (narrowing?: Narrowing) => Promise<unknown>) => Promise<unknown>;

interface GuardOptions {
  readonly rules: CustomerRules;
  readonly boundary: Boundary;
  /** Asks the vendor what a rule must know first; the answer is looked at here. */
  read(through: Through, values: Readonly<Record<string, unknown>>): { asked: Asked; send: () => Promise<unknown> };
}

/**
 * Holds one connection's requests to the customers of one caller: what a request names is checked before it is sent, and rows of
 * others are taken out of the answer. A tool made of several operations is bounded without knowing it.
 */
export function guardOf({ rules, boundary, read }: GuardOptions): Guard {
  const { ids, noteDropped, noteSeen } = boundary;
  const admits = (value: unknown) => {
    const isAdmitted = ids.has(String(value));
    if (isAdmitted) noteSeen?.(String(value));
    return isAdmitted;
  };
  const known = new Map<string, Promise<void>>();

  /** What is left of the answer, and whether that is all of it, and something. */
  async function run(asked: Asked, send: (narrowing?: Narrowing) => Promise<unknown>) {
    const rule = ruleFor(asked, rules);
    if (!rule) return { value: await send(), isWhole: true };
    const { isBound, narrowing } = await admit(rule, asked);
    const value = await send(narrowing).catch((error: unknown) => {
      const isMissing = error instanceof ToolError && error.code === "VENDOR_NOT_FOUND";
      throw isMissing && !isBound ? outside() : error; // whether there is such a thing is not for them to know
    });
    if (!rule.rows || asked.isWrite) return { value, isWhole: value !== undefined && value !== null };
    const { left, dropped, kept } = cutRows(value, rule.rows, {
      isInside: await insideOf(rule.rows, value),
      hidesTotal: !isBound,
    });
    if (dropped > 0) noteDropped?.(dropped);
    if (left === undefined && dropped > 0) throw outside();
    if (rule.rows.one && kept === 0 && !isBound) throw outside();
    return { value: left, isWhole: kept > 0 && dropped === 0 };
  }

  /** Which of an answer's rows are of an admitted customer: by a field of theirs, or by something that is read with one. */
  async function insideOf(
    { customer = [], through, ...rows }: Rows,
    answer: unknown,
  ): Promise<(row: unknown) => boolean> {
    if (!through) {
      return (row) => {
        const found = customer.flatMap((path) => idsIn(row, path));
        return found.length > 0 && found.every(admits);
      };
    }
    const readsOf = (row: unknown) =>
      through.flatMap((each) =>
        combined(Object.entries(each.with).map(([place, path]) => [place, idsIn(row, path)] as const)).map(
          (values) => ({ key: JSON.stringify([each.ask, values]), through: each, values }),
        ),
      );
    const all = rowsIn(answer, rows).map((row) => [row, readsOf(row)] as const);
    const asked = new Map(all.flatMap(([, reads]) => reads.map((read) => [read.key, read] as const)));
    if (asked.size > MOST_READ) throw tooMany(asked.size);
    const inside = new Set<string>();
    const ask = async (read: ReturnType<typeof readsOf>[number]) => {
      if (await isLeading(read.through, read.values)) inside.add(read.key);
    };
    await Promise.all([...asked.values()].map(ask));
    const admitted = new Set(
      all.filter(([, reads]) => reads.length > 0 && reads.every(({ key }) => inside.has(key))).map(([row]) => row),
    );
    return (row) => admitted.has(row);
  }

  /** @throws ToolError OUTSIDE_CUSTOMERS before anything is sent */
  async function admit({ named = [], through = [], rows }: NamingRule, asked: Asked) {
    const values = named.flatMap((place) => argumentAt(asked, place));
    if (!values.every(admits)) throw outside();
    let isBound = values.length > 0;
    for (const each of through) if (await leadsInside(each, asked)) isBound = true;
    if (isBound) return { isBound };
    if (asked.isWrite) throw unnamed();
    const parameter = named.find((place) => place.startsWith("query."))?.slice("query.".length);
    const [only, ...more] = ids;
    if (only !== undefined && more.length === 0 && parameter !== undefined)
      return { isBound: true, narrowing: [parameter, only] as const };
    if (!rows) throw unnamed();
    return { isBound: false };
  }

  /** Whether the request says what to read; what is read must be a customer's own. */
  async function leadsInside(through: Through, asked: Asked): Promise<boolean> {
    const given = Object.entries(through.with).map(([place, from]) => [place, argumentAt(asked, from)] as const);
    if (given.some(([, values]) => values.length === 0)) return false;
    for (const values of combined(given)) await readOnce(through, values);
    return true;
  }

  const isLeading = (through: Through, values: Readonly<Record<string, unknown>>): Promise<boolean> =>
    readOnce(through, values).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ToolError && error.code === "OUTSIDE_CUSTOMERS") return false;
        throw error;
      },
    );

  function readOnce(through: Through, values: Readonly<Record<string, unknown>>): Promise<void> {
    const key = JSON.stringify([through.ask, values]);
    const pending = known.get(key) ?? readInside(through, values);
    known.set(key, pending);
    return pending;
  }

  async function readInside(through: Through, values: Readonly<Record<string, unknown>>): Promise<void> {
    const { asked, send } = read(through, values);
    const { isWhole } = await run(asked, send);
    if (!isWhole) throw outside();
  }

  return async (asked, send) => (await run(asked, send)).value;
}

const MOST_READ = 100;

/** Each value of each place with each of the others: nearly always there is one of everything. */
function combined(given: readonly (readonly [string, readonly unknown[]])[]): Record<string, unknown>[] {
  let all: Record<string, unknown>[] = [{}];
  for (const [place, values] of given)
    all = all.flatMap((each) => values.map((value) => ({ ...each, [place]: value })));
  if (all.length <= MOST_READ) return all;
  throw tooMany(all.length);
}

const tooMany = (count: number) =>
  new ToolError("TOO_LARGE", `Whose ${count} things are would have to be asked, which is more than ${MOST_READ}.`);

/** The rule that a request is held to; undefined when it concerns no customer. */
function ruleFor({ title }: Asked, rules: CustomerRules): NamingRule | undefined {
  const rule: CustomerRule | undefined = Object.hasOwn(rules, title) ? rules[title] : undefined;
  if (rule && "shared" in rule) return;
  if (rule && !("refused" in rule)) return rule;
  const why = rule ? ` ${rule.refused}` : "";
  throw new ToolError("OUTSIDE_CUSTOMERS", `This cannot be limited to the customers you may see.${why}`, {
    advice: "Use another tool, or ask a person who may see all customers.",
  });
}

/** Of another customer or not there at all: the two are told alike. */
const outside = () => new ToolError("OUTSIDE_CUSTOMERS", "This is not among the customers you may see.");

const unnamed = () =>
  new ToolError("OUTSIDE_CUSTOMERS", "This can only be asked of one customer, and none is named.", {
    advice: "Name a customer that the person may see.",
  });
