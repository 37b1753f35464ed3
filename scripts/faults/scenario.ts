import type { Ground } from "./ground.ts";

/** One fault test: a command of its own, with figures. */
export interface Scenario {
  /** One line, for whoever asks what there is. */
  readonly about: string;
  /** After which it is ended, however far it is; grows with the rounds. */
  limitMs(options: Options): number;
  run(ground: Ground, options: Options, progress: (line: string) => void): Promise<Outcome>;
}

export interface Options {
  readonly rounds: number;
  readonly replicas: number;
  readonly seconds: number;
}

export interface Outcome {
  /** Rows of figures, by name. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, number | string>>>>;
  /** Empty when everything that was promised was kept. */
  readonly problems: readonly string[];
}
