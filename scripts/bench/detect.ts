import { apart, DETECTOR_NAMES, DETECTORS, type DetectorName } from "../../runtime/detect/detectors.ts";
import { type Suspicion, suspicionsIn } from "../../runtime/suspicion.ts";
import { corpus, type Score, scoreOf } from "../../test/corpus/corpus.ts";

/** How well detectors do on the texts they were written with, and on texts written afterwards. */
export function measureDetecting(): Record<string, Score> {
  const figures: Record<string, Score> = {};
  for (const name of ["redaction", "redaction-unseen"])
    for (const detector of DETECTOR_NAMES)
      figures[`${name} ${detector}`] = scoreOf(corpus<DetectorName>(name), detector, (text) =>
        DETECTORS[detector].mayHold(text) ? apart(DETECTORS[detector].find(text)) : [],
      );
  const arguments_ = corpus<Suspicion["kind"]>("suspicion");
  for (const kind of ["exfiltration", "injection"] as const)
    figures[`arguments ${kind}`] = scoreOf(arguments_, kind, (text) => {
      const known = { ownDomains: ["msp.example", "kb.example", "learn.example", "example.com"] };
      const found = suspicionsIn({ access: "write" }, { note: text }, known);
      return found.some((each) => each.kind === kind) ? [{ start: 0, end: text.length }] : [];
    });
  return figures;
}
