type Rgb = readonly [number, number, number];

/** One accent in two tones: legible as text and as a filled button on a light and on a dark page. */
export interface Accent {
  light: { accent: string; on: string };
  dark: { accent: string; on: string };
}

/** The surfaces an accent must stand out from; the stylesheet's palest and darkest ones. */
const LIGHT: Rgb = [243, 243, 240];
const DARK: Rgb = [30, 34, 38];
const WHITE: Rgb = [255, 255, 255];
const INK: Rgb = [16, 20, 24];

/** WCAG AA for text, with a little to spare for rounding. */
const ENOUGH = 4.6;

/**
 * Any configured product colour becomes usable: it is darkened for the light theme and lightened for the dark one
 * until text in it reaches contrast AA.
 */
export function accentOf(hex: string): Accent {
  const colour = parse(hex);
  const light = shift(colour, LIGHT, INK);
  const dark = shift(colour, DARK, WHITE);
  return {
    light: { accent: format(light), on: format(readableOn(light)) },
    dark: { accent: format(dark), on: format(readableOn(dark)) },
  };
}

export function contrast(first: string, second: string): number {
  return ratio(parse(first), parse(second));
}

/** Moves the lightness, and only that: a dark green becomes a light green, not a grey one. */
function shift(colour: Rgb, surface: Rgb, towards: Rgb): Rgb {
  const [hue, saturation, lightness] = toHsl(colour);
  const end = toHsl(towards)[2];
  for (let step = 0; step <= 50; step++) {
    const moved = fromHsl(hue, saturation, lightness + ((end - lightness) * step) / 50);
    if (ratio(moved, surface) >= ENOUGH) return moved;
  }
  return towards;
}

const readableOn = (colour: Rgb) => (ratio(colour, WHITE) >= ratio(colour, INK) ? WHITE : INK);

function ratio(first: Rgb, second: Rgb): number {
  const [low, high] = [luminance(first), luminance(second)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance([red, green, blue]: Rgb): number {
  const linear = (part: number) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function toHsl([red, green, blue]: Rgb): [hue: number, saturation: number, lightness: number] {
  const [r, g, b] = [red / 255, green / 255, blue / 255];
  const [high, low] = [Math.max(r, g, b), Math.min(r, g, b)];
  const [range, lightness] = [high - low, (high + low) / 2];
  if (range === 0) return [0, 0, lightness];
  const sector = high === r ? ((g - b) / range + 6) % 6 : high === g ? (b - r) / range + 2 : (r - g) / range + 4;
  return [sector * 60, range / (1 - Math.abs(2 * lightness - 1)), lightness];
}

function fromHsl(hue: number, saturation: number, lightness: number): Rgb {
  const span = saturation * Math.min(lightness, 1 - lightness);
  const part = (offset: number) => {
    const place = (offset + hue / 30) % 12;
    return Math.round(255 * (lightness - span * Math.max(-1, Math.min(place - 3, 9 - place, 1))));
  };
  return [part(0), part(8), part(4)];
}

function parse(hex: string): Rgb {
  const digits = hex.replace("#", "");
  const full = digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits;
  const value = Number.parseInt(full, 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

const format = (colour: Rgb) => `#${colour.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
