import type { ChangeWindow } from "./document.ts";

/** Whether changes are possible at this time (ms). Without windows they always are. */
export function isOpen(windows: readonly ChangeWindow[], timeZone: string, at: number): boolean {
  if (windows.length === 0) return true;
  const { day, time } = localTime(timeZone, at);
  const before = day === 1 ? 7 : day - 1;
  return windows.some(({ days, from, to }) => {
    if (from < to) return days.includes(day) && time >= from && time < to;
    return (days.includes(day) && time >= from) || (days.includes(before) && time < to);
  });
}

/** `HH:MM` and the day of the week, 1 being Monday. */
function localTime(timeZone: string, at: number): { day: number; time: string } {
  const parts = Object.fromEntries(
    clockOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return { day: DAYS.indexOf(parts["weekday"] ?? "") + 1, time: `${parts["hour"]}:${parts["minute"]}` };
}

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const clocks = new Map<string, Intl.DateTimeFormat>();

/** Making one costs a hundred times what using it does. There are as many as time zones. */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  clocks.set(timeZone, clock);
  return clock;
}
