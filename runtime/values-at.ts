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
