/** Who calls, as the access token and its grant say. Nothing in a request's body can change a word of it. */
export interface Caller {
  readonly userId: string;
  readonly orgId: string;
  readonly clientId: string;
  readonly grantId: string;
  readonly scopes: ReadonlySet<string>;
  /** The vendor the token was issued for. */
  readonly vendor: string;
  /** The connection chosen at consent. Missing when it is gone: then the person has to connect again. */
  readonly connectionId?: string;
  readonly writesEnabled: boolean;
}
