const IDENTIFIER = /^[A-Za-z][A-Za-z0-9_]*$/;

/**
 * Identifiers for schema names, which in real documents carry spaces, dots, brackets and generics.
 * A name that is an identifier already keeps it; a clash gets a number, in alphabetical order.
 */
export function identifiersFor(names: Iterable<string>, { short = false } = {}): ReadonlyMap<string, string> {
  const sorted = [...new Set(names)].sort();
  const result = new Map(sorted.filter((name) => IDENTIFIER.test(name)).map((name) => [name, name]));
  if (short) for (const [name, end] of lastParts(sorted)) result.set(name, end);
  const taken = new Set(result.values());
  for (const name of sorted) {
    if (!result.has(name)) result.set(name, claim(identifier(name), taken));
  }
  return result;
}

const depth = (name: string) => name.split(".").length;

/**
 * `Acme.Models.Device` as `Device`; of several that are called so, the one with the fewest parts, and the others as
 * `ContractsDevice`. What is not plainly dotted is left alone.
 */
function lastParts(names: readonly string[]): ReadonlyMap<string, string> {
  const dotted = names.filter((name) => /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)+$/.test(name));
  const result = new Map<string, string>();
  const taken = new Set(names);
  for (const parts of [1, 2, 3]) {
    const left = dotted.filter((name) => !result.has(name));
    const ends = Map.groupBy(left, (name) => identifier(name.split(".").slice(-parts).join(" ")));
    for (const [end, group] of ends) {
      const least = Math.min(...group.map(depth));
      const [name, ...others] = group.filter((each) => depth(each) === least);
      if (name === undefined || others.length > 0 || taken.has(end)) continue;
      result.set(name, end);
      taken.add(end);
    }
  }
  return result;
}

/** `wanted`, or `wanted2`, `wanted3`, … when it is taken; it is taken afterwards. */
export function claim(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted}${count}`;
  taken.add(name);
  return name;
}

/** `Variable Creation Request` → `VariableCreationRequest`, `List[Note]` → `ListNote`. */
export function identifier(text: string): string {
  const words = text.split(/[^A-Za-z0-9_]+/).filter(Boolean);
  const joined = words.map((word, index) => (index === 0 ? word : word[0]?.toUpperCase() + word.slice(1))).join("");
  return /^[A-Za-z]/.test(joined) ? joined : `Schema${joined.replace(/^_+/, "")}`;
}
