/** Check digits of numbers that people, cards and accounts have. Each takes the characters without separators. */

export function luhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]);
    const counted = place % 2 === 0 ? digit : digit * 2;
    sum += counted > 9 ? counted - 9 : counted;
  }
  return digits.length > 0 && sum % 10 === 0 && !/^(\d)\1*$/.test(digits);
}

const weighted = (digits: string, weights: readonly number[]) =>
  weights.reduce((sum, weight, place) => sum + weight * Number(digits[place]), 0);

/** Dutch BSN: the "eleven test". */
export const elevenTest = (digits: string): boolean =>
  /^\d{9}$/.test(digits) && Number(digits) > 0 && weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;

/** Australian tax file number. */
export const taxFileNumber = (digits: string): boolean =>
  /^\d{9}$/.test(digits) && weighted(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0;

/** British NHS number. */
export function nhsNumber(digits: string): boolean {
  if (!/^\d{10}$/.test(digits)) return false;
  const check = (11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  return check === Number(digits[9]);
}

/** Swiss AHV number, which is an EAN of 13 digits. */
export const ean13 = (digits: string): boolean =>
  /^\d{13}$/.test(digits) && weighted(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0;

/** German tax id: one digit is there two or three times, and the last one follows ISO 7064 (mod 11, 10). */
export function steuerId(digits: string): boolean {
  if (!/^[1-9]\d{10}$/.test(digits)) return false;
  const first = digits.slice(0, 10);
  const counts = [..."0123456789"].map((digit) => first.split(digit).length - 1);
  if (counts.filter((count) => count > 1).length !== 1 || Math.max(...counts) > 3) return false;
  let product = 10;
  for (const digit of first) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === Number(digits[10]);
}

/** Spanish DNI and NIE: the letter is the rest of a division by 23. */
export function dni(text: string): boolean {
  const [, lead = "", digits = "", letter = ""] = /^([XYZ]?)(\d{7,8})([A-Z])$/.exec(text) ?? [];
  if (lead.length + digits.length !== 8) return false;
  const number = Number(`${lead && "XYZ".indexOf(lead)}${digits}`);
  return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] === letter;
}

/** French social security number: 13 places and a key of two digits. */
export function nir(text: string): boolean {
  const [, body = "", key = ""] = /^([12]\d{4}(?:\d{2}|2[AB])\d{6})(\d{2})$/.exec(text) ?? [];
  const month = Number(body.slice(3, 5));
  if (!body || !((month >= 1 && month <= 12) || (month >= 20 && month <= 42))) return false;
  const number = BigInt(body.replace("2A", "19").replace("2B", "18"));
  return Number(97n - (number % 97n)) === Number(key);
}

const ODD_PLACES = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** Italian codice fiscale: the last letter sums up the fifteen places before it. */
export function codiceFiscale(text: string): boolean {
  const sum = [...text.slice(0, 15)].reduce((total, character, index) => {
    const value = /\d/.test(character) ? Number(character) : character.charCodeAt(0) - 65;
    return total + (index % 2 === 0 ? ODD_PLACES[value]! : value);
  }, 0);
  return text.length === 16 && text[15] === String.fromCharCode(65 + (sum % 26));
}

/** IBAN: the first four characters behind the rest, letters as numbers, rest 1 of a division by 97. */
export function mod97(text: string): boolean {
  let rest = 0;
  for (const character of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}
