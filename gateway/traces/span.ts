/**
 * What a part of a trace may say. All of it comes from sets that the code bounds, or is a number: no address, header, argument,
 * answer or name of anybody. What is not here cannot be said.
 */
export interface Facts {
  readonly route?: string;
  readonly method?: string;
  readonly status?: number;
  readonly vendor?: string;
  readonly tool?: string;
  readonly access?: string;
  readonly outcome?: string;
  readonly rule?: string;
  readonly code?: string;
  /** The template of a path at a vendor. */
  readonly template?: string;
  readonly bytes?: number;
}

/** One part of what happens to a request, from its begin to its end. */
export interface Span {
  /** 32 hexadecimal digits, the client's where it sent them. */
  readonly traceId: string;
  /**
   * A part of this part.
   * @param parent a W3C `traceparent` that the caller gave for it; when that is of another trace, the part belongs there
   */
  child(name: string, facts?: Facts, parent?: unknown): Span;
  /** A part that is over already, after so many milliseconds. */
  past(name: string, ms: number, facts: Facts, failed: boolean): void;
  end(facts?: Facts, failed?: boolean): void;
}

/** Does a piece of work as a part of a span, where there is one. */
export async function during<Result>(span: Span | undefined, name: string, work: () => Promise<Result>): Promise<Result> {
  if (!span) return await work();
  const part = span.child(name);
  try {
    const result = await work();
    part.end();
    return result;
  } catch (error) {
    part.end({}, true);
    throw error;
  }
} // biome-ignore format: one thought
