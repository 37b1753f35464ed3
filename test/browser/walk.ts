import type { Page } from "playwright-core";
import { type House, OWNER } from "./house.ts";

export const KEYS = { apiKey: "AK-1", wrong: "wrong-secret", right: "right-secret" };

/** Fills in fields by their labels, as a person reads them, and presses the button with this text. */
export async function submit(page: Page, button: string, fields: Record<string, string> = {}) {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole("button", { name: button, exact: true }).click();
}

export async function setUp(page: Page, { setup }: House) {
  await page.goto(setup);
  const { name, email, password } = OWNER;
  const fields = { "Your name": name, "E-mail": email, Password: password, "Password again": password };
  await submit(page, "Create account", fields);
}

export async function signIn(page: Page, { email, password } = OWNER) {
  await submit(page, "Sign in", { "E-mail": email, Password: password });
}

/** From an app's request to its consent page, for somebody who is signed in and connected. */
export async function toConsent(page: Page, house: House, options?: { name?: string; scope?: string }) {
  const authorization = await house.authorizeUrl("monitor", options);
  await page.goto(authorization.url);
  return authorization;
}
