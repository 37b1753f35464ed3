import { newToken, tokenHash } from "../database/ids.ts";
import { addSetupToken, isUnused, useAll } from "../database/setup-tokens.ts";
import { usersExist } from "../database/users.ts";
import type { IdentityContext } from "./context.ts";
import { IdentityError } from "./errors.ts";
import { addPerson, type NewUser, prepareUser, type User } from "./users.ts";

/** A link from yesterday's log makes nobody owner. */
const VALID_MS = 24 * 3_600_000;

/** For the link that makes the first owner; undefined when there are people already. Only its hash is stored. */
export async function setupToken({ db, clock }: Pick<IdentityContext, "db" | "clock">): Promise<string | undefined> {
  if (await usersExist(db)) return undefined;
  const token = newToken();
  await addSetupToken(db, tokenHash(token), clock.now());
  return token;
}

/** Whether to show the set-up form for this token. */
export async function isSetupToken(
  { db, clock }: Pick<IdentityContext, "db" | "clock">,
  token: string,
): Promise<boolean> {
  return !(await usersExist(db)) && (await isUnused(db, tokenHash(token), clock.now() - VALID_MS));
}

/** Makes the first person. Works once, whoever comes first. @throws IdentityError SETUP_OVER, or as createUser */
export async function redeemSetup(
  context: IdentityContext,
  { token, ...given }: NewUser & { token: string },
): Promise<User> {
  const over = () => new IdentityError("SETUP_OVER", "This set-up link is not valid any more.");
  // Before the password is hashed, so that strangers cannot make the gateway work hard.
  if (!(await isSetupToken(context, token))) throw over();
  const person = await prepareUser(context, given);
  return await context.audit.atomically(async (trx, record) => {
    const unused = await useAll(trx, person.now);
    if (!unused.includes(tokenHash(token)) || (await usersExist(trx))) throw over();
    return await addPerson(trx, record, person);
  });
}
