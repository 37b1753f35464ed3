/** Bars per day, ready to be drawn: numbers and texts, no colours. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What a screen reader says of it; the numbers stand in a table beside it. */
  readonly about: string;
  readonly width: number;
  readonly height: number;
  readonly lines: readonly { readonly y: number; readonly textY: number; readonly label: string }[];
  readonly bars: readonly { readonly x: number; readonly y: number; readonly width: number; readonly height: number; readonly class: string }[]; // biome-ignore format: one thought
  readonly labels: readonly {
    readonly x: number;
    readonly text: string;
    readonly anchor: "start" | "middle" | "end";
  }[];
}

export interface DayCount {
  readonly day: number;
  readonly good: number;
  readonly bad: number;
}

const WIDTH = 760;
const HEIGHT = 200;
/** Room for the numbers at the left and the dates below. */
const LEFT = 44;
const BELOW = 24;
const ABOVE = 8;

/** One bar a day, what went wrong on top of what went well. */
export function dayChart(id: string, title: string, days: readonly DayCount[]): Chart {
  const total = days.reduce((sum, { good, bad }) => sum + good + bad, 0);
  const wrong = days.reduce((sum, { bad }) => sum + bad, 0);
  const top = roundUp(Math.max(2, ...days.map(({ good, bad }) => good + bad)));
  const room = HEIGHT - BELOW - ABOVE;
  const scale = (value: number) => round((value / top) * room);
  const step = (WIDTH - LEFT) / Math.max(1, days.length);
  const width = round(Math.min(28, step * 0.72));
  const floor = HEIGHT - BELOW;
  const bars = days.flatMap(({ good, bad }, place) => {
    const x = round(LEFT + step * place + (step - width) / 2);
    const [low, high] = [scale(good), scale(bad)];
    return [
      { x, y: round(floor - low), width, height: low, class: "bar" },
      { x, y: round(floor - low - high), width, height: high, class: "bar bad" },
    ].filter(({ height }) => height > 0);
  });
  return {
    id,
    title,
    about: `${total.toLocaleString("en")} calls in ${days.length} days, of which ${wrong.toLocaleString("en")} failed or were refused.`,
    width: WIDTH,
    height: HEIGHT,
    lines: [0, 0.5, 1].map((share) => {
      const y = round(floor - share * room);
      return { y, textY: round(y + 4), label: compact(share * top) };
    }),
    bars,
    labels: labelled(days, step),
  };
}

/** First, middle and last day. */
function labelled(days: readonly DayCount[], step: number): Chart["labels"] {
  const places = [0, Math.floor((days.length - 1) / 2), days.length - 1];
  const anchors = ["start", "middle", "end"] as const;
  return places.flatMap((place, index) => {
    const day = days[place];
    if (!day) return [];
    const edge = anchors[index] === "start" ? 0 : anchors[index] === "end" ? step : step / 2;
    return [{ x: round(LEFT + step * place + edge), text: dayText(day.day), anchor: anchors[index]! }];
  });
}

/** A row of small bars beside a figure. */
export function spark(values: readonly number[]) {
  const top = Math.max(1, ...values);
  const step = 100 / Math.max(1, values.length);
  return {
    bars: values.map((value, place) => {
      const height = value === 0 ? 0 : Math.max(1, round((value / top) * 24));
      return { x: round(place * step + step * 0.15), y: round(24 - height), width: round(step * 0.7), height };
    }),
  };
}

/** Every day from the first on, also those without a call. */
export function everyDay(from: number, to: number, counted: readonly DayCount[]): DayCount[] {
  const known = new Map(counted.map((one) => [one.day, one]));
  return Array.from({ length: to - from + 1 }, (_, place) => known.get(from + place) ?? { day: from + place, good: 0, bad: 0 });
} // biome-ignore format: one thought

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const dayText = (day: number) => DAY.format(day * 86_400_000);

const compact = (value: number) => new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(value); // biome-ignore format: one thought

/** To a number whose half is a whole one: nobody makes half a call. */
function roundUp(value: number): number {
  if (value <= 10) return value + (value % 2);
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * ([1, 2, 3, 4, 5, 6, 8, 10].find((times) => times * unit >= value) ?? 10);
}

const round = (value: number) => Math.round(value * 10) / 10;
