import { oddCharacters, orders } from "../../fakes/nasty.ts";
import type { Random } from "./random.ts";

type Json = unknown;

/** Stands for text that JSON.stringify would not write. */
const RAW = "\u{F0000}raw:";
const raw = (text: string) => `${RAW}${text}\u{F0001}`;
const written = (value: Json): string =>
  JSON.stringify(value).replaceAll(/"\u{F0000}raw:(\w+)\u{F0001}"/gu, (_, name: string) => RAWS[name as "deep"]());

/** What no generator of JSON writes, but a parser may meet. */
const RAWS = {
  deep: () => `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  deepObject: () => `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
  infinite: () => "1e400",
  long: () => "12345678901234567890123456789",
  twice: () => '{"id":1,"id":2,"name":"a","name":null}',
  proto: () => '{"__proto__":{"id":1,"polluted":true},"constructor":{"prototype":{"polluted":true}},"id":"7"}',
} as const;

/** What stands where something else was expected. */
const strangers = (random: Random, secrets: readonly string[]): Json =>
  random.one<() => Json>([
    () => null,
    () => null,
    () => "",
    () => " ",
    () => "0",
    () => "null",
    () => 0,
    () => -1,
    () => 1.5,
    () => 1e21,
    () => Number.MAX_SAFE_INTEGER,
    () => true,
    () => false,
    () => [],
    () => ({}),
    () => [null],
    () => [[[]]],
    () => [{}],
    () => [0, "a", null, {}, []],
    () => ({ id: null, name: [], items: {}, data: "x" }),
    () => "x".repeat(1 + random.below(60_000)),
    () => "ü€😀 ".repeat(1 + random.below(9000)),
    () => "\ud800 lone",
    () => `${orders} ${oddCharacters}`,
    () => "<script>alert(1)</script>".repeat(1 + random.below(50)),
    () => `<p>${"<b>".repeat(3000)}`,
    () => "../../admin?x=1#y",
    () => "https://evil.example/next?page=2",
    () => "//evil.example/next",
    () => "0001-01-01T00:00:00",
    () => "2026-13-45T99:99:99Z",
    () => "+275760-09-13T00:00:00.001Z",
    () => "next tuesday",
    () => -62_135_596_800_000,
    () => 8.64e15 + 1,
    () => "NaN",
    () => "1e999",
    () => "__proto__",
    () => "toString",
    () => Array.from({ length: 2000 }, (_, index) => ({ id: index, name: "n".repeat(20) })),
    () => Array.from({ length: 200 }, () => "w".repeat(400)),
    () => (secrets.length > 0 ? `your key is ${random.one(secrets)}` : "no key"),
    ...Object.keys(RAWS).map((name) => () => raw(name)),
  ])();

/** A whole answer that is not even wrong. */
const answers: readonly ((random: Random) => string)[] = [
  () => "",
  () => " \n",
  () => "null",
  () => "[]",
  () => "{}",
  () => '""',
  () => "0",
  () => "true",
  () => "[null]",
  () => "[[]]",
  () => "<!doctype html><title>Sign in</title>",
  () => "\ufeff{}",
  () => ")]}',\n{}",
  () => RAWS.deep(),
  () => RAWS.deepObject(),
  (random) => "x".repeat(random.below(100_000)),
  () => '{"error":{"message":["no"]},"errors":{"a":[{"detail":{}}]},"message":7}',
  () => '{"errors":[null,1,{"detail":null},{"message":{}}],"data":null}',
  () => '{"data":[],"items":[],"Items":[],"records":null,"pageDetails":{"nextPageUrl":7}}',
];

interface Place {
  readonly holder: Record<string, Json> | Json[];
  readonly key: string | number;
}

/** Every place of a value that another may take. */
function placesIn(value: Json, places: Place[] = []): Place[] {
  if (Array.isArray(value))
    value.forEach((part, key) => {
      places.push({ holder: value, key });
      placesIn(part, places);
    });
  else if (typeof value === "object" && value !== null)
    for (const [key, part] of Object.entries(value)) {
      places.push({ holder: value as Record<string, Json>, key });
      placesIn(part, places);
    }
  return places;
}

const at = ({ holder, key }: Place): Json => (holder as Record<string, Json>)[key];
const put = ({ holder, key }: Place, value: Json) => {
  (holder as Record<string, Json>)[key] = value;
};

/** One change at one place: gone, of another type, wrapped, unwrapped, repeated, renamed. */
function change(place: Place, random: Random, secrets: readonly string[]) {
  const value = at(place);
  random.one<() => void>([
    () => put(place, strangers(random, secrets)),
    () => put(place, strangers(random, secrets)),
    () => put(place, strangers(random, secrets)),
    () => put(place, [value]),
    () => put(place, { value }),
    () => put(place, String(value)),
    () => put(place, Array.isArray(value) ? { ...value } : Number(value) || 0),
    () => put(place, Array.isArray(value) ? (value[0] ?? null) : [value, value]),
    () => {
      if (Array.isArray(place.holder)) place.holder.splice(place.key as number, 1);
      else delete place.holder[place.key];
    },
    () => {
      if (!Array.isArray(place.holder)) place.holder[String(place.key).toUpperCase()] = value;
    },
  ])();
}

/** The answer with something wrong in it: one place, some, the same field everywhere, or all of it. */
export function mutate(text: string, random: Random, secrets: readonly string[]): string {
  if (random.chance(0.08)) return random.one(answers)(random);
  if (random.chance(0.03)) return text.slice(0, random.below(text.length + 1));
  let answer: Json;
  try {
    answer = JSON.parse(text);
  } catch {
    return random.one(answers)(random);
  }
  const root = { answer };
  const places = placesIn(root).slice(1);
  if (places.length === 0 || random.chance(0.04)) return written(strangers(random, secrets));
  const shallow = places.slice(0, 40);
  const pick = () => random.one(random.chance(0.4) ? shallow : places);
  if (random.chance(0.35)) {
    const { key } = pick();
    const same = strangers(random, secrets);
    const all = random.chance(0.5);
    for (const place of places.filter((one) => one.key === key))
      if (random.chance(0.9)) put(place, all ? same : strangers(random, secrets));
  } else for (let times = random.one([1, 1, 1, 2, 3, 6, 20]); times > 0; times--) change(pick(), random, secrets);
  return written(root.answer);
}
