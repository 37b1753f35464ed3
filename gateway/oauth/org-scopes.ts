import { mayLookAfter, type Right, type Role } from "../policy/roles.ts";

/** What a program may look after besides calling tools; no assistant is offered these. */
export const ORG_RIGHTS = ["audit", "usage", "alerts", "approve", "tools"] as const satisfies readonly Right[];

const PREFIX = "org:";

export const orgScope = (right: (typeof ORG_RIGHTS)[number]): string => `${PREFIX}${right}`;

export const ORG_SCOPES: readonly string[] = ORG_RIGHTS.map(orgScope);

/** The rights that both the token and the role have. */
export const rightsOf = (scopes: Iterable<string>, role: Role): ReadonlySet<Right> => {
  const named = new Set(scopes);
  return new Set(ORG_RIGHTS.filter((right) => named.has(orgScope(right)) && mayLookAfter(role, right)));
};
