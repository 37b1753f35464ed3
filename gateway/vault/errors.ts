export type VaultErrorCode =
  /** No credential is stored for this connection. */
  | "NOTHING_STORED"
  /** The owner's key is gone: erased, or never made. */
  | "NO_USER_KEY"
  /** The organisation is at home in another region, where its credentials are opened. */
  | "OTHER_REGION"
  | "UNKNOWN_KID"
  /** Does not open: another row's box, changed bytes or another key. Which of them is not told. */
  | "WRONG_KEY"
  | "BOX_TOO_SHORT"
  /** The service that holds the master key does not answer, is too slow or asks to wait; later it may. */
  | "KEYS_UNAVAILABLE"
  /** The service answers and says no: a missing right, or a key that is switched off. */
  | "KEYS_REFUSED";

export class VaultError extends Error {
  override readonly name = "VaultError";
  readonly code: VaultErrorCode;
  constructor(code: VaultErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
