import type { Refusal } from "../identity/sso/admit.ts";
import type { SsoReason } from "../identity/sso/provider.ts";

/** What people read when signing in at their provider did not lead in. `name` is what they call the provider. */
interface Words {
  readonly status: number;
  readonly heading: string;
  readonly text: string;
}

const LINK = "If you have an account here, sign in with your password and link it under Settings → Account.";

export const REASONS: Readonly<Record<SsoReason, (name: string) => Words>> = {
  unreachable: (name) => ({
    status: 502,
    heading: "Single sign-on does not answer",
    text: `Signing in with ${name} does not work at the moment. Sign in with your password or a passkey, or try again in some minutes.`,
  }),
  unfit: (name) => ({
    status: 400,
    heading: "That answer does not fit",
    text: `What came back from ${name} does not belong to this sign-in, so nobody was signed in. Begin again.`,
  }),
  refused: (name) => ({
    status: 400,
    heading: "You are not signed in",
    text: `Signing in with ${name} was cancelled or refused there. You can try again.`,
  }),
  stale: (name) => ({
    status: 400,
    heading: "That sign-in was not fresh",
    text: `This needs somebody who signed in just now, and ${name} did not say that you did. Confirm with your password or a passkey instead.`,
  }),
};

export const REFUSALS: Readonly<Record<Refusal, (name: string) => Words>> = {
  "switched-off": () => ({
    status: 403,
    heading: "Your account is switched off",
    text: "Ask an administrator of your organisation to switch it on again.",
  }),
  deleted: () => ({
    status: 403,
    heading: "Your account was deleted",
    text: "It does not come back by signing in. Ask an administrator of your organisation if you need a new one.",
  }),
  domain: (name) => ({
    status: 403,
    heading: "Your address is not of this company",
    text: `Your account at ${name} has an e-mail address of a domain that may not sign in here. Use your company's account, or ask an administrator.`,
  }),
  unverified: (name) => ({
    status: 403,
    heading: "Your e-mail address is not verified",
    text: `Signing in with ${name} worked, but it does not say that your e-mail address is verified. Verify it there, then try again. ${LINK}`,
  }),
  taken: (name) => ({
    status: 409,
    heading: "You have an account here already",
    text: `There is an account here with your e-mail address, and it is not linked with ${name} yet. Sign in with your password, then link it under Settings → Account.`,
  }),
  unknown: (name) => ({
    status: 403,
    heading: "Nobody here knows this account",
    text: `Signing in with ${name} worked, but no account here is linked with it. ${LINK} Otherwise ask an administrator to invite you.`,
  }),
};
