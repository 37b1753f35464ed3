import { createHmac } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { PolicyChange } from "../policy/changes.ts";
import { open, seal } from "../vault/box.ts";
import { PageProblem } from "./page-problem.ts";
import { localPath } from "./session.ts";

/** What a person is about to do, in the words of the page that asks for it once more. */
export interface GoOn {
  readonly heading: string;
  readonly consequences?: readonly string[];
  readonly changes?: readonly PolicyChange[];
  readonly button: string;
  /** Nothing is taken away or made looser. */
  readonly harmless?: boolean;
  /** The page to be on when they think better of it. */
  readonly back: string;
  /** Fields beside those that were sent. */
  readonly also?: Readonly<Record<string, string>>;
  /** The form to go on with where that is not the one that was sent; its token is for its action. */
  readonly instead?: { readonly action: string; readonly fields: Readonly<Record<string, string>> };
}

/** A form that waits in the address while its person shows who they are. */
export interface KeptForm extends Omit<GoOn, "also" | "instead"> {
  readonly action: string;
  /** What its token is for. */
  readonly tokenFor: string;
  readonly hidden: readonly { readonly name: string; readonly value: string }[];
}

interface Kept {
  readonly form: KeptForm;
  readonly until: number;
}

const PATH = "/login/again/go-on";
const PURPOSE = "kept-form/v1";
/** Long enough to find the phone with the second factor. */
const KEPT_MS = 15 * 60_000;
/** Proxies take 8 kB of address. The largest form of a policy is about half of this, compressed. */
const MOST_CHARACTERS = 6_000;

/**
 * A path of ours at which the form that was just sent stands again, for its sender in their organisation alone. Browsers and
 * proxies remember addresses, so it is sealed; a password has no place in it all the same.
 * @returns undefined for a form too long for an address
 */
export function keepForm(
  app: FastifyInstance,
  request: FastifyRequest,
  { also, instead, ...goOn }: GoOn,
): string | undefined {
  const sent = { action: request.url, tokenFor: request.formFor!, fields: sentFields(request, also) }; // checkFormToken
  const { action, tokenFor, fields } = instead ? { ...instead, tokenFor: instead.action } : sent;
  const hidden = Object.entries(fields).flatMap(([name, values]) => [values].flat().map((value) => ({ name, value })));
  const kept: Kept = { form: { ...goOn, action, tokenFor, hidden }, until: app.clock.now() + KEPT_MS };
  const [key] = sealingKeys(app);
  const sealed = seal(key!, deflateRawSync(JSON.stringify(kept)), ownerOf(request)).toString("base64url");
  return sealed.length <= MOST_CHARACTERS ? `${PATH}?form=${sealed}` : undefined;
}

function sentFields({ body }: FastifyRequest, also: GoOn["also"] = {}): Record<string, string | string[]> {
  const { form_token: _, ...sent } = body as Record<string, string | string[]>;
  return { ...sent, ...also };
}

/** The form at a path of ours; undefined where there is none. @throws PageProblem for one that is over, or another's */
export function keptForm(app: FastifyInstance, request: FastifyRequest, path: string): KeptForm | undefined {
  const url = new URL(localPath(path, "/"), app.config.publicUrl);
  if (url.pathname !== PATH) return undefined;
  const box = Buffer.from(url.searchParams.get("form") ?? "", "base64url");
  for (const key of sealingKeys(app)) {
    const kept = openWith(key, box, ownerOf(request));
    if (kept && kept.until > app.clock.now()) return kept.form;
  }
  throw new PageProblem(
    410,
    "This form is over",
    "It waited longer than a quarter of an hour, or another person or organisation is in this browser now. Nothing was changed: open the page again and repeat what you did.",
  );
}

/** Of the keys that also sign forms, so that both survive their rotation alike. */
const sealingKeys = ({ keys }: FastifyInstance) =>
  keys.cookies.map((key) => createHmac("sha256", key).update(PURPOSE).digest());

function ownerOf({ signedIn }: FastifyRequest): Buffer {
  const { user, session } = signedIn!; // requireSignIn
  return Buffer.from(`${PURPOSE}\0${user.id}\0${session.orgId}`);
}

function openWith(key: Buffer, box: Buffer, bound: Buffer): Kept | undefined {
  try {
    return JSON.parse(inflateRawSync(open(key, box, bound)).toString());
  } catch {
    return undefined; // another key, another person, or nothing of ours
  }
}
