/** Something a maintainer must change. Problems are collected and printed together; nothing in the generator throws them. */
export interface Problem {
  /** `vendors.yaml:56:13 tools.resolve_alert.access`, or a spec and a JSON pointer. Never an absolute path of our own making. */
  readonly where: string;
  readonly message: string;
  readonly hint?: string;
}

/** `vendors.yaml:56:13 tools.resolve_alert.access: expected read, write, destroy or reveal; did you mean "write"?` */
export function problemText({ where, message, hint }: Problem): string {
  return `${where}: ${message}${hint ? `; ${hint}` : ""}`;
}

const naturally = new Intl.Collator("en", { numeric: true });

/** Sorts by file, line and column. */
export function byPlace(a: Problem, b: Problem): number {
  return naturally.compare(problemText(a), problemText(b));
}

/** `did you mean "hostname"?` for the closest of the known names, or nothing when none is close. */
export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(plain(name), plain(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best === undefined ? undefined : `did you mean "${best}"?`;
}

/** Case and separators do not count, so that `site_name` finds `siteName`. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/g, "");
}

/** Two neighbours in the wrong order count once. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + Number(a[i - 1] !== b[j - 1]);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1, isSwap ? before[j - 2]! + 1 : change));
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
