const reserved = new Set(
  (
    "abstract any as asserts async await boolean break case catch class const continue debugger declare default delete do else enum " +
    "export extends false finally for from function get if implements import in infer instanceof interface is keyof let module " +
    "namespace never new null number object of package private protected public readonly return set static string super switch " +
    "symbol this throw true try type typeof undefined unique unknown var void while with yield arguments eval NaN Infinity"
  ).split(" "),
);

/** Names of one scope, each handed out once. A name that is taken gets a word added, then a number. */
export class Names {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  take(wanted: string, otherwise = `${wanted}Value`): string {
    const choices = [wanted, otherwise];
    for (let count = 2; ; count++) {
      const name = choices.find((each) => !this.#taken.has(each) && !reserved.has(each));
      if (name !== undefined) {
        this.#taken.add(name);
        return name;
      }
      choices.splice(0, 2, `${otherwise}${count}`);
    }
  }

  /** For a scope inside this one: what it takes is free again outside. */
  inner(): Names {
    return new Names(this.#taken);
  }
}
