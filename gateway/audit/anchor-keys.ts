import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign, verify } from "node:crypto";
import { masterKey } from "./chain.ts";

/** The end of an organisation's chain at some time. */
export interface AnchorPoint {
  readonly org: string;
  readonly seq: number;
  readonly mac: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Signed, so that a copy outside the database proves what the chain was. */
export interface Anchor extends AnchorPoint {
  readonly key: string;
  /** Ed25519 over `signedText`, base64url. */
  readonly signature: string;
}

export interface AnchorKeys {
  sign(point: AnchorPoint): Anchor;
  /** Undefined when the key that the anchor names is not among these. */
  isGenuine(anchor: Anchor): boolean | undefined;
  /** To check anchors with, without any secret: PEM by key id. */
  readonly public: Readonly<Record<string, string>>;
}

/** A signing key of each audit master key. @param masters the first signs, all verify */
export function anchorKeys(masters: readonly Buffer[]): AnchorKeys {
  const all = masters.map((master) => ({ id: masterKey(master).id, key: signingKey(master) }));
  const byId = new Map(all.map(({ id, key }) => [id, createPublicKey(key)]));
  const { id, key } = all[0]!; // the configuration demands one
  return {
    sign: (point) => ({
      ...point,
      key: id,
      signature: sign(null, Buffer.from(signedText(point, id)), key).toString("base64url"),
    }),
    isGenuine(anchor) {
      const known = byId.get(anchor.key);
      const text = Buffer.from(signedText(anchor, anchor.key));
      return known && verify(null, text, known, Buffer.from(anchor.signature, "base64url"));
    },
    public: Object.fromEntries([...byId].map(([kid, known]) => [kid, pemOf(known)])),
  };
}

/** What an anchor's signature is over; documented, so that anybody can check one with openssl. */
export const signedText = ({ org, seq, mac, at }: AnchorPoint, key: string): string =>
  ["audit-anchor/v1", org, seq, mac, at, key].join("\n");

/** The 32 bytes of an Ed25519 key in the only form in which node takes them. */
function signingKey(master: Buffer): KeyObject {
  const seed = Buffer.from(hkdfSync("sha256", master, "", "audit/v1/anchor", 32));
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

const pemOf = (key: KeyObject) => key.export({ type: "spki", format: "pem" }).toString();
