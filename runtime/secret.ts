import { inspect } from "node:util";

const HIDDEN = "[secret]";

/** A value that shows itself nowhere by accident: text, JSON and inspection all give `[secret]`. Unwrap it on the line that sends it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.toPrimitive](): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}

/** The text of a credential field, secret or not. */
export const reveal = (value: string | Secret): string => (value instanceof Secret ? value.reveal() : value);

/** Joins fields to one secret: secret`${companyId}+${publicKey}:${privateKey}`. */
export function secret(strings: TemplateStringsArray, ...values: (string | Secret)[]): Secret {
  return new Secret(String.raw({ raw: strings.map((part) => part) }, ...values.map(reveal)));
}
