import { around, type Detector, type Finding, matches } from "./detector.ts";

/** Words of illness and treatment that are said of people; those that are also said of computers (virus, infection, recovery) are not here. */
const TERMS =
  "diabet(?:es|ic)|cancer|tumou?r|leuk(?:a?e)mia|lymphoma|chemo(?:therapy)?|radiotherapy|hiv|aids|hepatitis|tuberculosis|covid(?:-?19)?|epilep(?:sy|tic)|asthma|pneumonia|bronchitis|dementia|alzheimer'?s|parkinson'?s|multiple sclerosis|depression|depressive|anxiety disorder|bipolar|schizophreni[ac]|adhd|autism|autistic|burn-?out|ptsd|pregnan(?:t|cy)|miscarriage|abortion|ivf|heart attack|stroke|heart failure|hypertension|arthritis|migraines?|seizures?|crohn'?s|slipped disc|herniated disc|concussion|fracture|broken (?:leg|arm|hip|wrist|ankle)|appendicitis|surgery|dialysis|insulin|antidepressants?|sertraline|fluoxetine|metformin|methotrexate|oxycodone|rehab|alcoholi(?:sm|c)|krebs|diabetiker(?:in)?|schwanger|depressionen|kanker|zwanger|enceinte|embarazada";
const TERM = new RegExp(`(?<![\\w-])(?:${TERMS})(?![\\w-])`, "gi");

/** Somebody has it: a sign that the sentence is about a person's health. */
const SOMEBODY =
  /\b(?:diagnos\w*|patients?|suffer\w*|treat(?:ed|ment)|medication|prescri\w+|mg|doctor|dr\.?|physician|hospital|clinic|sick|ill|illness|leave|off work|he|she|his|her|him|wife|husband|son|daughter|mother|father|employee|colleague|user has|has been|tested positive|symptoms?|maternity|weeks|disabled|disability|krank\w*|arzt|ziekte|recovering from|due to|because of)\b/i;
/** `Epic`, `patient portal` and the like sell or run software for it. */
const ABOUT_WORK =
  /\b(?:software|portal|application|app|server|system|database|module|website|campaign|charity|research|institute|foundation|center|centre|department|ward|awareness|policy|training|webinar|company|client|vendor|folder|share|printer|mailbox|group|site)\b/i;

/** ICD-10 codes count only after a word that says what they are. */
const CODED =
  /\b(?:icd(?:-?10)?(?:-cm)?|diagnos[ei]s(?: code)?|dx)\s{0,2}[:#-]?\s{0,2}(?<value>[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?)(?![\w.])/gi;
const RECORD =
  /\b(?:mrn|medical record(?: number| no)?|patient (?:id|no|number)|health (?:card|insurance) (?:no|number|id)|versichertennummer|kvnr)\.?\s{0,2}[:#]?\s{0,2}(?<value>[A-Z]?\d[\d-]{4,14})(?![\w-])/gi;

/**
 * Weak by nature: it knows some words and some signs that a person is meant, in English mostly. It misses what is said in other
 * words, and hides the word, not the story. Fields marked as health in the YAML do not depend on it.
 */
export const health: Detector = {
  dataClass: "health",
  mayHold: (text) => /\s/.test(text),
  names: /icd|diagnos|dx|mrn|medical|patient|health|versicherten|kvnr/,
  find(text) {
    const findings: Finding[] = [
      ...matches(text, CODED, "[health]"),
      ...matches(text, RECORD, "[health]"),
      ...matches(text, TERM, "[health]", (_, match) => SOMEBODY.test(around(match)) && !ABOUT_WORK.test(around(match))),
    ];
    return findings;
  },
};
