/** Who calls, as the access token and its grant say. Nothing in a request's body can change a word of it. */
export interface Caller {
  readonly userId: string;
  readonly orgId: string;
  readonly clientId: string;
  readonly grantId: string;
  readonly scopes: ReadonlySet<string>;
  /**
   * The vendors the token reaches, each with the connection bound at consent. Without one the person has to connect, or to
   * allow what they connected since.
   */
  readonly reach: ReadonlyMap<string, string | undefined>;
  readonly writesEnabled: boolean;
  /** Vendors whose extended tools the organisation has switched on. */
  readonly extended: ReadonlySet<string>;
}
