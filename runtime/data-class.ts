/** What kind of data a field, a text or the whole answer of a tool is. */
export const DATA_CLASSES = ["secret", "personal", "financial", "health"] as const;
export type DataClass = (typeof DATA_CLASSES)[number];

/**
 * What names say of the values below them; the words of a name in lower case, joined by blanks, from its last word back.
 * A name of a thing with a person in it (`contactId`, `emailSent`) is none: `email sent` does not end in `email`.
 */
const BY_NAME: readonly (readonly [DataClass, RegExp])[] = [
  [
    "personal",
    /(?:^| )(?:e ?mails?|e ?mail address(?:es)?|phones?|phone number|mobile(?: phone| number)?|cell(?: phone)?|telephone|fax(?: number)?|(?:first|last|middle|full|given|family|sur|maiden|nick) ?names?|surname|birth ?(?:day|date)|date of birth|dob|last(?: logged(?: on| in)?)? user(?: name)?|logged(?: on| in)? users?|last login user|user name|username|login name|contact name|contact|requester(?: name)?|requested by|reported by|caller(?: name)?|customer contact|user principal name|upn|home address|personal address|street|street address|address(?: line)?(?: ?[0-9])?|postal address|zip(?: code)?|postal ?code|passport(?: number)?|national id|ssn|social security number|gender|nationality|marital status|emergency contact|from address|sender|recipients?|author(?: name)?)$/,
  ],
  [
    "financial",
    /(?:^| )(?:iban|bic|bank account|account number|routing number|sort code|credit card|card number|credit limit|salary|hourly (?:rate|cost)|cost rate|bill(?:ing)? rate|unit (?:price|cost)|price|amount(?: due| paid)?|balance|revenue|margin|profit|(?:sub ?|grand |invoice )?total (?:price|cost|amount|due|incl|excl|tax)|(?:invoice|sub|grand) ?total|tax amount|vat number|tax (?:id|number))$/,
  ],
  [
    "health",
    /(?:^| )(?:diagnos[ie]s|medications?|allergies|blood type|medical (?:notes?|history|record)|disability|sick(?: leave| days| note)|patient(?: name| id)?|health (?:notes?|condition|insurance(?: number)?))$/,
  ],
];

/** The words of a name in lower case, whichever way it is written: `lastLoggedInUser`, `last_user`, `LastUser`. */
export const wordsOf = (name: string) =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .replaceAll(/[^A-Za-z0-9]+/g, " ")
    .trim()
    .toLowerCase();

/** The class of values that have this name, as far as the name tells. */
export function classOfName(name: string): DataClass | undefined {
  if (name.length > 80) return undefined;
  const said = wordsOf(name);
  return BY_NAME.find(([, shape]) => shape.test(said))?.[0];
}
