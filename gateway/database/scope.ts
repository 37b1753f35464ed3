import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Whose rows the queries of a piece of work reach on PostgreSQL, where each row of an organisation is behind a policy on
 * this. The filters in the queries are the first wall; this is the second. SQLite has no such policies and asks nothing.
 */
interface Scope {
  org: string;
  /** Of one request: it may be narrowed, once the caller is known. */
  readonly request?: true;
}

/** Every organisation; no organisation has this id. */
export const EVERY_ORG = "*";

/** Follows the calls of a piece of work; it holds nothing itself. */
const scopes = new AsyncLocalStorage<Scope>();

/** For work above organisations: what begins at start, and what belongs to several or to none that is known yet. */
export const inSystemScope = <Result>(work: () => Result): Result => scopes.run({ org: EVERY_ORG }, work);

/** Rows of other organisations do not exist for this work. */
export const inOrgScope = <Result>(org: string, work: () => Result): Result => scopes.run({ org }, work);

export type RequestScope = Scope & { readonly request: true };

/** A request begins above organisations, because its token or cookie is looked up among those of all. */
export const newRequestScope = (): RequestScope => ({ org: EVERY_ORG, request: true });

export const inRequestScope = (scope: RequestScope, work: () => void): void => scopes.run(scope, work);

/** From here on this request reaches one organisation. Outside of a request it changes nothing. */
export function narrowScope(org: string): void {
  const scope = scopes.getStore();
  if (scope?.request) scope.org = org;
}

/** @returns undefined where nobody said whose rows are meant */
export const scopeNow = (): string | undefined => scopes.getStore()?.org;
