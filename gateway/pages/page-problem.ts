/** A failure that a person reads as a page: every word is ours. */
export class PageProblem extends Error {
  override readonly name = "PageProblem";
  readonly statusCode: number;
  readonly heading: string;
  constructor(statusCode: number, heading: string, text: string) {
    super(text);
    this.statusCode = statusCode;
    this.heading = heading;
  }
}
