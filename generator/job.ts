/** What one run is asked to do. */
export interface Job {
  /** Absolute; the paths below are relative to it. */
  readonly root: string;
  /** YAML files. */
  readonly files: readonly string[];
  /** Where the code goes. */
  readonly out: string;
  /** Where the pages about vendors go. */
  readonly docs: string;
  readonly only: string | undefined;
}
