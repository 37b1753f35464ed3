import { type Detector, matches } from "./detector.ts";

const ADDRESS =
  /(?<![\p{L}\p{N}._%+'-])[\p{L}\p{N}_%+][\p{L}\p{N}._%+'-]{0,63}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}[\p{L}]{2,24}(?![\p{L}\p{N}_@]|-\w)/gu;

/** `logo@2x.png`, `getty@tty1.service`: files and units. */
const NO_DOMAIN = /\.(?:png|jpe?g|gif|svg|webp|ico|css|js|ts|json|service|socket|timer|target|mount|slice|scope)$/i;

/** Mailboxes of a role, behind which stands no one person. */
const ROLE =
  /^(?:no-?reply|do-?not-?reply|donotreply|mailer-daemon|postmaster|hostmaster|webmaster|abuse|bounces?|notifications?|alerts?|monitoring|support|help ?desk|service ?desk|helpdesk|servicedesk|info|contact|sales|billing|accounts|accounting|invoices?|office|admin|administrator|root|security|noc|it|kontakt|buchhaltung)(?:[+._-][^@]{0,40})?@/i;

export const email: Detector = {
  dataClass: "personal",
  mayHold: (text) => text.includes("@"),
  find: (text) =>
    text.includes("@")
      ? matches(text, ADDRESS, "[email]", (value, match) => {
          const next = text.slice(match.index + value.length, match.index + value.length + 2);
          const isShell = /^:[~/\w]/.test(next) && !next.startsWith(":\n"); // git@host:path, root@host:~
          return !isShell && !NO_DOMAIN.test(value) && !ROLE.test(value);
        })
      : [],
};
