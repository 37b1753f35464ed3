/** Where this gateway stands, and where the others are reached. */
export interface Regions {
  /** Undefined for an installation that has one place only. */
  readonly own: string | undefined;
  /** Address by region, of those that the operator named. */
  readonly addresses: Readonly<Record<string, string>>;
}

/**
 * Why an organisation with this home is not served here, for people and models; undefined when it is. One without a home is
 * served everywhere; a gateway without a region serves nobody who has one.
 */
export function elsewhere(home: string | null | undefined, { own, addresses }: Regions): string | undefined {
  if (!home || home === own) return undefined;
  const here = own ? `this gateway is in ${own}` : "this gateway has no region";
  const address = Object.hasOwn(addresses, home) ? ` Use ${addresses[home]} in its place.` : " Ask the operator for the address there."; // biome-ignore format: one thought
  return `This organisation's home is the region ${home}, and ${here}: its credentials are not opened here.${address}`;
}
