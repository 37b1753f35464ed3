import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { VaultError } from "./errors.ts";

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Nonce, ciphertext and tag in one: what `open` needs besides the key and the bound data. */
export function seal(key: Uint8Array, plain: Uint8Array, bound: Uint8Array): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(bound);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws VaultError unless exactly this key and this bound data sealed the box */
export function open(key: Uint8Array, box: Uint8Array, bound: Uint8Array): Buffer {
  if (box.length < IV_BYTES + TAG_BYTES) throw new VaultError("BOX_TOO_SHORT", "A sealed box is cut short.");
  const iv = box.subarray(0, IV_BYTES);
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES })
    .setAAD(bound)
    .setAuthTag(box.subarray(-TAG_BYTES));
  const plain = decipher.update(box.subarray(IV_BYTES, -TAG_BYTES));
  try {
    // In counter mode `final` adds no bytes; it checks the tag.
    decipher.final();
    return plain;
  } catch (cause) {
    plain.fill(0);
    throw new VaultError("WRONG_KEY", "A sealed box does not open with this key for this row.", { cause });
  }
}

/** Each field with its length in front, so that ("a", "bc") and ("ab", "c") differ. */
export const bind = (...fields: readonly (string | number)[]): Buffer =>
  Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(String(field));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
