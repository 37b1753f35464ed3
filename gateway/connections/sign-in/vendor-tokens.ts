import { z } from "zod";

/** What a vendor gave for a person's sign-in. Lives in the vault, beside what the person typed. */
export const VendorTokens = z.object({
  accessToken: z.string(),
  /** Absent when the vendor gave none: then the sign-in ends with the access token. */
  refreshToken: z.string().optional(),
  /** Milliseconds since 1970. */
  expiresAt: z.number(),
});

export type VendorTokens = z.output<typeof VendorTokens>;

/** No credential field can be called so. */
const PLACE = "$tokens";

export const withTokens = (fields: Record<string, unknown>, tokens: VendorTokens | undefined) =>
  tokens ? { ...fields, [PLACE]: tokens } : fields;

/** Of a stored secret; undefined where there are keys and nobody signed in. */
export const tokensIn = (secret: Record<string, unknown>): VendorTokens | undefined =>
  VendorTokens.safeParse(secret[PLACE]).data;
