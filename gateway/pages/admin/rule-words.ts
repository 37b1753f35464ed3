/** Why a call was refused, in a few words: the codes are for filters and programs. */
const WORDS: Readonly<Record<string, string>> = {
  "approval-denied": "somebody said no",
  "approval-needed": "needs a yes",
  blocked: "blocked by a list",
  "client-blocked": "the app is kept out",
  customer: "another customer",
  "customer-unbounded": "cannot be kept to customers",
  "data-class": "hidden kind of data",
  "destroys-off": "deleting and running are off",
  "extended-off": "extended tools are off",
  other: "another person says yes",
  "other-tenant": "another organisation",
  "reveals-off": "showing secrets is off",
  role: "not for this role",
  "scope-missing": "not granted to the app",
  self: "a person says yes",
  "tool-off": "switched off",
  "tool-off-everywhere": "switched off for everybody",
  unlisted: "on no list",
  "version-held": "new version not accepted",
  window: "not the time for changes",
  "writes-off": "changes are off",
};

export const ruleWords = (rule: string): string => WORDS[rule] ?? rule.replaceAll("-", " ");
