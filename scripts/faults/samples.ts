import { median } from "../bench/load.ts";

/** One value over time. */
export type Series = readonly { readonly at: number; readonly value: number }[];

/** What one hour adds, by the straight line that fits best. */
function perHour(series: Series): number {
  const n = series.length;
  const meanAt = series.reduce((sum, { at }) => sum + at, 0) / n;
  const meanValue = series.reduce((sum, { value }) => sum + value, 0) / n;
  const above = series.reduce((sum, { at, value }) => sum + (at - meanAt) * (value - meanValue), 0);
  const below = series.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
  return below === 0 ? 0 : (above / below) * 3_600_000;
}

/** Medians of the first and of the last quarter, and the highest of all. */
export function course(series: Series): { first: number; last: number; max: number; per_hour: number } {
  const values = series.map(({ value }) => value);
  const quarter = Math.max(1, Math.floor(values.length / 4));
  return {
    first: round(median(values.slice(0, quarter))),
    last: round(median(values.slice(-quarter))),
    max: round(Math.max(...values)),
    per_hour: round(perHour(series)),
  };
}

const round = (value: number) => Math.round(value * 10) / 10;
