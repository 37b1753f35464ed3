import { createHmac, hkdfSync } from "node:crypto";
import { canonicalJson } from "../../runtime/index.ts";
import type { ResultKeys } from "./stores.ts";

/** Derived of the key that signs cookies, which every replica has and which never opens a credential. */
export function resultKeys({ cookies }: { readonly cookies: readonly string[] }): ResultKeys {
  const bytes = Buffer.from(hkdfSync("sha256", cookies[0]!, "", "vendorsmith results/v1", 64));
  const naming = bytes.subarray(32);
  return {
    seal: bytes.subarray(0, 32),
    name: (text) => createHmac("sha256", naming).update(text).digest("base64url"),
  };
}

/** All that an answer depends on. Two questions that agree in this may have one answer. */
export interface Question {
  readonly org: string;
  readonly vendor: string;
  /** One account of the vendor's: a person's own, or one that the organisation shares. */
  readonly connection: { readonly id: string; readonly version: number };
  /** Of the policy, which says what is hidden from models. */
  readonly policyVersion: number;
  readonly toolHash: string;
  /** Of this program: another one may read a vendor's answer in another way. */
  readonly release: string;
  /** As the tool's schema parsed it. */
  readonly input: unknown;
}

export const keyOf = ({ name }: ResultKeys, question: Question, generation: number): string =>
  name(canonicalJson({ ...question, generation }));
