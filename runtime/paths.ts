/** What stands at a dotted path of a foreign value; undefined when there is nothing. */
export function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inside, key) => {
    if (typeof inside !== "object" || inside === null || !Object.hasOwn(inside, key)) return undefined;
    return (inside as Record<string, unknown>)[key];
  }, value);
}

/** What stands at a dotted path of a foreign value, where `*` is every item or field. */
export function valuesAt(value: unknown, path: string): unknown[] {
  let found: unknown[] = [value];
  for (const key of path.split("."))
    found = found.flatMap((each) => {
      if (typeof each !== "object" || each === null) return [];
      if (key === "*") return Object.values(each);
      return Object.hasOwn(each, key) ? [(each as Record<string, unknown>)[key]] : [];
    });
  return found;
}
