import { type Authorized, authorize, refresh } from "../../../test/e2e/authorize.ts";
import type { Browser, Page } from "../../../test/e2e/browser.ts";
import { demoKeys } from "../../../test/fakes/keys.ts";
import type { Ledger } from "../ledger.ts";
import type { Seeded } from "../seed.ts";
import { type Part, steadily } from "./loop.ts";
import { signedIn } from "./writes.ts";

/** A client that goes the way every client goes, from the challenge to its tokens. */
export async function authorized({ url, ledger }: Pick<Part, "url" | "ledger">, person: Seeded): Promise<Authorized> {
  const granted = await authorize({ url }, signedIn(url, person), {
    vendor: "itglue",
    person: { id: person.user, email: person.email, password: "" },
    keys: demoKeys.itglue,
  });
  ledger.secrets.add(granted.accessToken).add(granted.refreshToken);
  return granted;
}

/** Renews its tokens all the time; each refresh token counts once. */
export const refreshes = (part: Part, granted: Authorized): Promise<void> => steadily(part, () => renew(part, granted));

/** @throws Error when no new tokens came */
export async function renew({ url, ledger }: Pick<Part, "url" | "ledger">, granted: Authorized): Promise<void> {
  const { status, body } = await refresh({ url }, granted);
  if (status === 400) ledger.problems.push(`a refresh token that was never used was refused: ${JSON.stringify(body)}`);
  if (status !== 200) throw new Error(`Refreshing answered ${status}: ${JSON.stringify(body)}`);
  Object.assign(granted, { accessToken: body.access_token, refreshToken: body.refresh_token });
  if (ledger.secrets.size < MOST_SECRETS) ledger.secrets.add(granted.accessToken).add(granted.refreshToken);
  ledger.refreshes++;
}

/** Looking for each in a dump takes its time. */
const MOST_SECRETS = 800;

/** Replaces the keys of a connection, each time under another name. */
export async function replacements(part: Part, person: Seeded): Promise<void> {
  const browser = signedIn(part.url, person);
  const path = `/connect/itglue?replace=${person.connections.get("itglue")}`;
  await steadily(part, async () => {
    const form = await browser.get(path);
    const credentials = Object.entries(demoKeys.itglue).map(([name, value]) => [`credential.${name}`, value] as const);
    await numbered(part.ledger, "label", async (number) => {
      const page = await browser.submit(form, { ...Object.fromEntries(credentials), label: `label-${number}` });
      return page.status === 200 && page.html.includes(`label-${number}`);
    });
  });
}

/** Changes the policy: the time zone of its windows, one after the other. */
export async function policyChanges(part: Part, person: Seeded): Promise<void> {
  const browser = signedIn(part.url, person);
  await steadily(part, async () => {
    const page = await browser.get("/admin/policy/times");
    await numbered(part.ledger, "zone", async (number) => {
      const zone = ZONES[number % ZONES.length]!;
      const after = await confirmed(browser, await browser.submit(page, { zone }, "/admin/policy/times/zone"));
      return after.status === 200 && after.html.includes(zone) && after.url.pathname === "/admin/policy/times";
    });
  });
}

const confirmed = async (browser: Browser, page: Page) =>
  page.html.includes('name="confirmed"') ? await browser.submit(page, {}) : page;

export const ZONES = ["UTC", "Europe/Berlin", "Europe/Paris", "America/New_York", "Asia/Tokyo", "Africa/Cairo", "America/Lima"]; // biome-ignore format: one thought

/** One change after the other, with the number of the newest that was tried and of the newest that was acknowledged. */
async function numbered({ values }: Ledger, what: string, change: (number: number) => Promise<boolean>) {
  const known = values.get(what) ?? { acknowledged: 0, tried: 0 };
  values.set(what, known);
  const number = ++known.tried;
  if (await change(number)) known.acknowledged = number;
}

/** Ends one token after the other; what the page acknowledged has to be refused from then on, everywhere. */
export async function revocations(part: Part, { person, spare }: { person: Seeded; spare: readonly Spare[] }) {
  const browser = signedIn(part.url, person);
  const left = [...spare];
  await steadily(part, async () => {
    const next = left.shift();
    if (!next) return;
    const page = await browser.get("/settings/tokens");
    const after = await browser.submit(page, { grant: next.id }, "/settings/tokens/revoke");
    if (after.status === 200 && after.html.includes("The token has ended")) part.ledger.ended.push(next.token);
  });
}

export interface Spare {
  readonly id: string;
  readonly token: string;
}
