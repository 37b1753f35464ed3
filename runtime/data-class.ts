/** What kind of data a field, a text or the whole answer of a tool is. */
export const DATA_CLASSES = ["secret", "personal", "financial", "health"] as const;
export type DataClass = (typeof DATA_CLASSES)[number];

/** What the end of a name says of a single value below it. */
const BY_NAME: readonly (readonly [DataClass, RegExp])[] = [
  [
    "personal",
    /(?:^| )(?:e ?mails?|e ?mail ?address(?:es)?|phones?|phone ?numbers?|mobiles?|mobile (?:phone|number)|mobilenumber|cell(?: ?phone)?|telephone|fax(?: ?number)?|(?:first|last|middle|full|given|family|maiden|nick) ?name|surname|birth ?(?:day|date)|date of birth|dob|last (?:logged (?:on |in )?|login )?user(?: name)?|logged (?:on |in )?users?|(?:current|primary|assigned) user|user ?names?|login name|contact ?name|(?:primary|main|customer|site|ticket) contact|requester(?: name)?|(?:requested|reported|entered|created|updated|modified|resolved|submitted) by|caller(?: name)?|user principal name|upn|(?:home|personal|street|postal|mailing) address|street|postal ?code|zip(?: ?code)?|passport(?: number)?|national id(?: number)?|ssn|social security number|gender|nationality|marital status|sender|recipients?|author)$|^(?:address|address(?: line)? ?[123]|contact|user|who)$/,
  ],
  [
    "financial",
    /(?:^| )(?:iban|bic|bank account|account number|routing number|sort code|credit card|card number|credit limit|salary|(?:hourly|cost|bill|billing|labou?r) rate|(?:unit|base|list|retail|purchase|sale|selling)? ?(?:price|cost)|price (?:cost|retail)|amount(?: due| paid)?|balance|revenue|margin|profit|(?:sub|grand) ?total|total (?:price|cost|amount|due)|tax amount|vat number|tax (?:id|number)|opp(?:ortunity)? ?value)$/,
  ],
  [
    "health",
    /(?:^| )(?:diagnos[ie]s|medications?|allergies|blood type|medical (?:notes?|history|record)|disability|sick (?:leave|days|note)|patient(?: name| id)?|health (?:notes?|condition|insurance(?: number)?))$/,
  ],
];

/** What a name says only below another: `contacts.name`, `invoice.total`. */
const BELOW: readonly (readonly [DataClass, RegExp, RegExp])[] = [
  [
    "personal",
    /(?:^| )(?:contacts?|users?|requesters?|persons?|people|technicians?|members?|employees?|resources?|callers?|assignees?|authors?|patients?)$/,
    /^(?:name|display name|title name|login)$/,
  ],
  [
    "financial",
    /(?:^| )(?:invoices?|unpaid|overdue|payments?|quotes?|quote items|estimates?|purchase orders?|orders?|expenses?|expense reports?|expense items|line items|opportunities|contracts?)$/,
    /^(?:total|tax|paid|unpaid|cost|value|total incl|total excl)$/,
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

const LONGEST = 80;

/** The class of single values that have this name, below an object of that one, as far as names tell. */
export function classOfName(name: string, parent = ""): DataClass | undefined {
  if (name.length > LONGEST || parent.length > LONGEST) return undefined;
  const said = wordsOf(name);
  const own = BY_NAME.find(([, shape]) => shape.test(said))?.[0];
  return own ?? BELOW.find(([, above, shape]) => shape.test(said) && above.test(wordsOf(parent)))?.[0];
}
