/** A time for a `<time>` element: what it is called and what it is. */
export interface Moment {
  readonly iso: string;
  readonly text: string;
}

export const moment = (at: number): Moment => ({ iso: new Date(at).toISOString(), text: `${FORM.format(at)} UTC` });

const FORM = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});
