import { type Algorithm, hash, verify } from "@node-rs/argon2";

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Costs the same whether or not there is a hash to compare with. */
  verify(stored: string | undefined, password: string): Promise<boolean>;
}

/** argon2id with 19 MiB: slow to guess, 15–31 ms to check. */
const OPTIONS = { algorithm: 2 as Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Each check holds 19 MiB and a thread; more would wait for cores anyway. */
const AT_ONCE = 4;

export function createPasswords(): Passwords {
  const oneOfFour = turnstile(AT_ONCE);
  let dummy: Promise<string> | undefined;
  return {
    hash: (password) => oneOfFour(() => hash(password, OPTIONS)),
    async verify(stored, password) {
      dummy ??= hash("nobody has this password", OPTIONS);
      const against = stored || (await dummy);
      const right = await oneOfFour(() => verify(against, password));
      return right && Boolean(stored);
    },
  };
}

/** Lets `places` through at once; the others wait in line. */
export function turnstile(places: number) {
  const line: (() => void)[] = [];
  let free = places;
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (free > 0) free--;
    else await new Promise<void>((next) => line.push(next));
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next) next();
      else free++;
    }
  };
}
