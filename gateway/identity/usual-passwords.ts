import { readFileSync } from "node:fs";

/** Passwords that many people choose, and so those that are tried first; in small letters, one a line. */
const USUAL: ReadonlySet<string> = new Set(
  readFileSync(new URL("./usual-passwords.txt", import.meta.url), "utf8")
    .trim()
    .split("\n"),
);

/** Fewer different characters than this are a pattern, however long. */
const FEWEST_CHARACTERS = 5;

/** Whether somebody who guesses would try it early: a usual password, dressed up or not, or the person's own address. */
export function isEasyToGuess(password: string, email: string): boolean {
  const plain = password.toLowerCase();
  if (new Set(plain).size < FEWEST_CHARACTERS) return true;
  const [local = "", domain = ""] = email.toLowerCase().split("@");
  const own = new Set([email.toLowerCase(), local, domain, domain.split(".")[0]!].filter((part) => part.length > 2));
  return shapesOf(plain).some((shape) => USUAL.has(shape) || own.has(shape));
}

/** As typed, without what people put around and into it, and once where it is said twice. */
function shapesOf(plain: string): string[] {
  const bare = plain.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  const read = plain.replace(/[@430157$!]/g, (sign) => SPOKEN[sign]!);
  const readBare = bare.replace(/[@430157$!]/g, (sign) => SPOKEN[sign]!);
  const spaceless = plain.replace(/[\s._-]+/g, "");
  const shapes = [plain, bare, read, readBare, spaceless].filter((shape) => shape.length > 2);
  return [...shapes, ...shapes.map(half)];
}

const SPOKEN: Readonly<Record<string, string>> = { "@": "a", 4: "a", 3: "e", 0: "o", 1: "i", 5: "s", 7: "t", $: "s", "!": "i" }; // biome-ignore format: one thought

function half(text: string): string {
  const middle = text.length / 2;
  return text.slice(0, middle) === text.slice(middle) ? text.slice(0, middle) : text;
}
