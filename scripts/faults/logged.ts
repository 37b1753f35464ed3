/** What replicas logged as errors, each kind once with how often. */
export function loggedErrors(printed: string): string[] {
  const times = new Map<string, number>();
  for (const line of printed.split("\n")) {
    if (!/^\{"level":[56]0/.test(line)) continue;
    const { msg, err } = parsed(line);
    const text = [msg, err?.message].filter(Boolean).join(": ").slice(0, 160);
    times.set(text, (times.get(text) ?? 0) + 1);
  }
  return [...times].map(([text, count]) => `logged ${count} times: ${text}`);
}

function parsed(line: string): { msg?: string; err?: { message?: string } } {
  try {
    return JSON.parse(line) as ReturnType<typeof parsed>;
  } catch {
    return { msg: line.slice(0, 160) }; // cut by a kill
  }
}
