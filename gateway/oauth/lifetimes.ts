const HOUR = 3600;
export const DAY = 24 * HOUR;

/** Seconds. Each one is set, because an unset one takes the library's default and prints a notice. */
export const LIFETIMES = {
  AccessToken: 600,
  AuthorizationCode: 60,
  ClientCredentials: 600,
  Grant: 90 * DAY,
  IdToken: HOUR,
  Interaction: 900,
  RefreshToken: 30 * DAY,
  Session: 8 * HOUR,
};
export const GRANT_MS = LIFETIMES.Grant * 1000;
