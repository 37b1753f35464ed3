export type IdentityErrorCode =
  | "EMAIL_INVALID"
  | "EMAIL_TAKEN"
  | "NAME_INVALID"
  | "PASSWORD_TOO_SHORT"
  | "PASSWORD_TOO_LONG"
  /** Among the first that somebody would try. */
  | "PASSWORD_USUAL"
  /** The set-up link is unknown, used, older than a day, or there is an owner already. */
  | "SETUP_OVER"
  /** Only others may do this, or the person it is about stands above whoever asks. */
  | "NO_RIGHT"
  | "NOT_A_MEMBER"
  /** An organisation always has an owner. */
  | "LAST_OWNER"
  /** A personal organisation has one member, and ends with them. */
  | "PERSONAL"
  /** The invitation is unknown, used, revoked or too old, or whoever made it may not any more. */
  | "INVITATION_OVER"
  | "OTHER_ADDRESS"
  | "OFFER_OVER"
  | "CUSTOMER_UNKNOWN"
  /** A vendor's id that is none, is another customer's, or is not this one's any more. */
  | "CUSTOMER_LINK"
  /** Others change the same at the same moment. */
  | "BUSY";

/** A refusal with a message that may be shown to the person. */
export class IdentityError extends Error {
  override readonly name = "IdentityError";
  readonly code: IdentityErrorCode;
  constructor(code: IdentityErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
