import { type DataClass, wordsOf } from "./data-class.ts";
import type { Detector, Finding } from "./detect/detector.ts";
import { apart, DETECTOR_NAMES, DETECTORS, type DetectorName, replaced } from "./detect/detectors.ts";
import { heldFinder } from "./detect/held.ts";
import { type Pattern, patternFinder } from "./detect/pattern.ts";
import { ToolError } from "./errors.ts";
import { type ClassedTool, type Hiding, hideFields, hidingFor, mapTexts } from "./hide.ts";

/** What an organisation does not want a model to see. */
export interface RedactionRules {
  /** Fields of these classes are hidden, and texts are searched for data of them. */
  readonly classes: readonly DataClass[];
  /** Further output paths (`contacts.note`; lists are stepped through) or names (`note`, at any depth). */
  readonly fields: readonly string[];
  readonly patterns: readonly Pattern[];
  /** What is searched for in texts; without a word here keys and passwords always are, the others with their class. */
  readonly detectors: Partial<Readonly<Record<DetectorName, boolean>>>;
}

/** What holds for an organisation that has said nothing. */
export const DEFAULT_RULES: RedactionRules = { classes: ["secret"], fields: [], patterns: [], detectors: {} };

/** How often something was hidden: by class, `field` and `pattern:<name>`. */
export type Removed = Readonly<Record<string, number>>;

export interface Redacted {
  readonly value: Record<string, unknown>;
  readonly removed: Removed;
}

/**
 * The answer of a tool without what the rules hide; it still is what the tool's output schema says. First whole fields go, and
 * what they held goes from all other texts; then texts lose what detectors and patterns find. Twice is as good as once.
 * A reveal tool keeps the secret that it is for: whether it may be called at all was decided before.
 * @throws ToolError HIDDEN when nothing may be left of the answer
 */
export function redactFor(rules: RedactionRules, tool: ClassedTool, value: object): Redacted {
  const removed = new Counts();
  const held = new Map<string, string>();
  const hiding = hidingOf(rules, tool);
  const left = hideFields(tool.output, value, hiding, (by, hidden) => {
    removed.add(by === "redact" ? "field" : by);
    hold(held, by, hidden);
  });
  if (!left)
    throw new ToolError("HIDDEN", `${tool.name} ran, and the rules of this organisation hide its whole answer.`);
  const rewrite = rewriter(rules, held);
  const rewritten = mapTexts(
    tool.output,
    left,
    (text, name) => {
      const { text: safe, by } = rewrite(text, name);
      for (const each of by) removed.add(each);
      return safe;
    },
    hiding.isRevealed,
  );
  return { value: rewritten as Record<string, unknown>, removed: removed.all };
}

/** An error whose words of the vendor have lost what the rules find in texts. */
export function redactError(rules: RedactionRules, error: ToolError): ToolError {
  const { vendorSaid, candidates } = error;
  if (!vendorSaid && !candidates?.length) return error;
  const rewrite = rewriter(rules, new Map());
  const { code, message, cause, ...rest } = error;
  return new ToolError(code, message, {
    ...rest,
    cause,
    ...(vendorSaid && { vendorSaid: rewrite(vendorSaid).text }),
    ...(candidates && { candidates: candidates.map((name) => rewrite(name).text) }),
  });
}

/** What rules come to: made once for each set of rules, not for each call. */
interface Ready {
  readonly on: readonly Detector[];
  readonly patterns: ReturnType<typeof patternFinder>;
  readonly leads: Map<string, Lead>;
  readonly hidings: WeakMap<ClassedTool, Hiding>;
}

const readied = new WeakMap<RedactionRules, Ready>();

function readyFor(rules: RedactionRules): Ready {
  const known = readied.get(rules);
  if (known) return known;
  const on = DETECTOR_NAMES.filter((name) => isOn(name, rules)).map((name) => DETECTORS[name]);
  const ready = { on, patterns: patternFinder(rules.patterns), leads: new Map(), hidings: new WeakMap() };
  readied.set(rules, ready);
  return ready;
}

function hidingOf(rules: RedactionRules, tool: ClassedTool): Hiding {
  const { hidings } = readyFor(rules);
  const hiding = hidings.get(tool) ?? hidingFor(rules, tool);
  hidings.set(tool, hiding);
  return hiding;
}

class Counts {
  readonly all: Record<string, number> = {};
  add(by: string) {
    this.all[by] = (this.all[by] ?? 0) + 1;
  }
}

/** The text as it may leave, and by what each part of it was hidden; `name` is what it stands under. */
type Rewrite = (text: string, name?: string) => { readonly text: string; readonly by: readonly string[] };

interface Found extends Finding {
  readonly by: string;
}

/** Again, as long as what was hidden leaves something behind that only now looks like a whole. */
const MOST_ROUNDS = 5;

/** What we put in the place of things; nothing in it is looked at again. */
const MARK =
  /\[(?:hidden(?:: [^\]\n]{1,80})?|redacted|secret|card|iban|email|phone|health|ssn|national insurance number|tax id|bsn|dni|nir|codice fiscale|sin|ahv|tfn|nhs number)\]/g;

/** Rewrites one text by detectors, patterns, and what hidden fields held. */
function rewriter(rules: RedactionRules, held: ReadonlyMap<string, string>): Rewrite {
  const { on, patterns, leads } = readyFor(rules);
  const own = held.size + rules.patterns.length > 0 ? [heldFinder(held), patterns] : [];

  return (text, name = "") => {
    const lead = name === "" || text.length > LONGEST_VALUE ? NO_LEAD : (leads.get(name) ?? leadOf(name, on, leads));
    const ableFor = (rest: string) => on.filter((each) => lead.detectors.has(each) || each.mayHold(rest));
    if (own.length === 0 && ableFor(text).length === 0) return { text, by: [] };
    // Asked anew each round: a mark is a word too, and what stands behind `[secret]` may be what `secret:` gives away.
    const find = (whole: string): Found[] => [
      ...own.flatMap((finder) => finder(whole)),
      ...ableFor(whole.startsWith(lead.text) ? whole.slice(lead.text.length) : whole).flatMap(({ dataClass, find }) =>
        find(whole).map((finding) => ({ ...finding, by: dataClass })),
      ),
    ];
    const rewritten = rewriteBy(find, lead.text + text);
    if (rewritten.by.length === 0) return { text, by: [] };
    return rewritten.text.startsWith(lead.text)
      ? { ...rewritten, text: rewritten.text.slice(lead.text.length) }
      : rewriteBy(find, text);
  };
}

/** Short values say little without the name they stand under: `serial: 4111111111111111`, `ssn: 123456789`. */
interface Lead {
  readonly text: string;
  /** Those that may find something because of it. */
  readonly detectors: ReadonlySet<Detector>;
}

const NO_LEAD: Lead = { text: "", detectors: new Set() };
const LONGEST_VALUE = 200;
const MOST_LEADS = 2000;

function leadOf(name: string, on: readonly Detector[], leads: Map<string, Lead>): Lead {
  const text = `${wordsOf(name)}: `;
  const lead = { text, detectors: new Set(on.filter(({ names }) => names?.test(text))) };
  if (leads.size >= MOST_LEADS) leads.clear(); // names in open objects are the vendor's own, and have no end
  leads.set(name, lead);
  return lead;
}

function rewriteBy(find: (text: string) => Found[], text: string): ReturnType<Rewrite> {
  let current = text;
  const by: string[] = [];
  for (let round = 0; round < MOST_ROUNDS && current.length > 2; round++) {
    const found = find(current);
    const findings = found.length === 0 ? found : apart(found).filter(outsideOf([...current.matchAll(MARK)]));
    if (findings.length === 0) break;
    by.push(...findings.map((finding) => finding.by));
    current = replaced(current, findings);
  }
  return { text: current, by };
}

/** Findings come in the order of the text, as marks do. */
function outsideOf(marks: readonly RegExpExecArray[]): (finding: Finding) => boolean {
  let next = 0;
  return ({ start, end }) => {
    while (next < marks.length && marks[next]!.index + marks[next]![0].length <= start) next++;
    return next === marks.length || marks[next]!.index >= end;
  };
}

const ALWAYS: readonly DetectorName[] = ["keys", "passwords"];

const isOn = (name: DetectorName, { detectors, classes }: RedactionRules): boolean =>
  detectors[name] ?? (ALWAYS.includes(name) || classes.includes(DETECTORS[name].dataClass));

/** Notes the texts in a hidden value that are somebody's and no common word, so that they can be found elsewhere. */
function hold(held: Map<string, string>, by: string, value: unknown): void {
  if (typeof value === "string") {
    const text = value.trim();
    const least = by === "financial" ? 10 : 6;
    if (text.length >= least && text.length <= 200 && /[\s@\d\\._-]/.test(text)) held.set(text, by);
  } else if (typeof value === "object" && value !== null) for (const part of Object.values(value)) hold(held, by, part);
}
