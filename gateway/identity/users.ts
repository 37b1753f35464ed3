import type { Recorder } from "../audit/audit.ts";
import { newId } from "../database/ids.ts";
import type { Db } from "../database/index.ts";
import * as orgs from "../database/orgs.ts";
import type { User } from "../database/users.ts";
import * as users from "../database/users.ts";
import type { IdentityContext } from "./context.ts";
import { IdentityError } from "./errors.ts";
import { isEasyToGuess } from "./usual-passwords.ts";

export type { User } from "../database/users.ts";
export { findUser, hasPassword } from "../database/users.ts";

export interface NewUser {
  email: string;
  name: string;
  password: string;
}

/**
 * A person with an organisation of their own, which they own and which starts with reading tools only.
 * @throws IdentityError with a message for the person
 */
export async function createUser(context: IdentityContext, given: NewUser): Promise<User> {
  const person = await prepareUser(context, given);
  return await context.audit.atomically((trx, record) => addPerson(trx, record, person));
}

/** What is slow or can be refused, before a transaction begins. */
export async function prepareUser(context: IdentityContext, given: NewUser) {
  const email = emailOf(given.email);
  const name = nameOf(given.name);
  checkNewPassword(given.password, email);
  const password = await context.passwords.hash(given.password);
  return { email, name, password, region: context.config.regions.own ?? null, now: context.clock.now() };
}

/** For who signs in elsewhere: no password fits an empty one. */
export function prepareWithoutPassword(context: IdentityContext, { email, name }: Omit<NewUser, "password">) {
  const region = context.config.regions.own ?? null;
  return { email: emailOf(email), name: nameOf(name.slice(0, LONGEST_NAME)), password: "", region, now: context.clock.now() }; // biome-ignore format: one thought
}

/** The person, the organisation and the membership. @throws IdentityError EMAIL_TAKEN */
export async function addPerson(
  trx: Db,
  record: Recorder,
  { email, name, password, region, now }: Awaited<ReturnType<typeof prepareUser>>,
): Promise<User> {
  const user: User = { id: newId("usr"), email, name, created_at: now, disabled_at: null, erased_at: null };
  const org = newId("org");
  if (!(await users.addUser(trx, { ...user, password })))
    throw new IdentityError("EMAIL_TAKEN", "There is an account with this e-mail address already.");
  await orgs.addOrg(trx, {
    id: org,
    name,
    personal_of: user.id,
    policy_version: 1,
    region,
    created_at: now,
  });
  await orgs.addMember(trx, { org_id: org, user_id: user.id, role: "owner", active: 1, created_at: now });
  await record({ org, type: "account.create", actor: { id: user.id, type: "user" }, status: "success" });
  return user;
}

/** Addresses are compared as people mean them: without spaces around and without case. */
export const plainEmail = (text: string): string => text.normalize("NFKC").trim().toLowerCase();

/** @throws IdentityError EMAIL_INVALID */
export function emailOf(text: string): string {
  const email = plainEmail(text);
  if (email.length > 254 || !/^[^\s@\p{C}]+@[^\s@\p{C}]+\.[^\s@\p{C}]+$/u.test(email))
    throw new IdentityError("EMAIL_INVALID", "This does not look like an e-mail address.");
  return email;
}

const LONGEST_NAME = 100;

function nameOf(text: string): string {
  const name = text.normalize("NFC").replace(/\p{C}/gu, "").trim();
  if (name.length < 1 || name.length > LONGEST_NAME)
    throw new IdentityError("NAME_INVALID", `Please give a name of at most ${LONGEST_NAME} characters.`);
  return name;
}

export const SHORTEST_PASSWORD = 12;
export const LONGEST_PASSWORD = 200;

/** @param email the person's own, which is no password. @throws IdentityError */
export function checkNewPassword(password: string, email: string): void {
  if (password.length < SHORTEST_PASSWORD)
    throw new IdentityError("PASSWORD_TOO_SHORT", `A password needs at least ${SHORTEST_PASSWORD} characters.`);
  if (password.length > LONGEST_PASSWORD)
    throw new IdentityError("PASSWORD_TOO_LONG", `A password has at most ${LONGEST_PASSWORD} characters.`);
  if (isEasyToGuess(password, email))
    throw new IdentityError("PASSWORD_USUAL", "Many people would guess this password. Choose another, such as a few words that only you put together."); // biome-ignore format: one thought
}
