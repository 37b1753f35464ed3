/** One line of the report: a scenario of a suite, or something a client did. */
export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  /** What was counted, or what went wrong. */
  readonly detail: string;
}
