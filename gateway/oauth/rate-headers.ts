/** What was used up: its name, how much of it there is in a window, and how long that is. */
export interface Quota {
  readonly name: string;
  readonly max: number;
  readonly windowMs: number;
}

/**
 * For an answer 429: when to come back, for clients that know `Retry-After` and for those that know the newer fields.
 * @see draft-ietf-httpapi-ratelimit-headers-10
 */
export const rateHeaders = ({ name, max, windowMs }: Quota, retryAfterSeconds: number) => ({
  "retry-after": retryAfterSeconds,
  "ratelimit-policy": `"${name}";q=${max};w=${Math.round(windowMs / 1000)}`,
  ratelimit: `"${name}";r=0;t=${retryAfterSeconds}`,
});
