/** More comes than can be answered: refused before it is read, so that what is under way can end. */
export class Overloaded extends Error {
  override readonly name = "Overloaded";
  readonly statusCode = 503;
  readonly code = "OVERLOADED";
  readonly retryAfterSeconds = 5;
  constructor() {
    super("The gateway has more to do than it can do at once. Try again in some seconds.");
  }
}
