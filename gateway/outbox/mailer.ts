export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Stays the same when it is sent again. */
  readonly id: string;
}

export interface Mailer {
  send(mail: Mail): Promise<void>;
  close(): void;
}

const PATIENCE_MS = 15_000;

/** Mail through one SMTP server, as `SMTP_URL` names it. */
export async function createMailer({ url, from }: { readonly url: string; readonly from: string }): Promise<Mailer> {
  const { createTransport } = await import("nodemailer"); // only where there is a server
  const patience = { connectionTimeout: PATIENCE_MS, greetingTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS };
  const transport = createTransport({ url, ...patience }, { from });
  return {
    async send({ id, ...mail }) {
      await transport.sendMail({ ...mail, messageId: `<${id}@${domainOf(from)}>`, headers: { "Auto-Submitted": "auto-generated" } }); // biome-ignore format: one thought
    },
    close: () => transport.close(),
  };
}

const domainOf = (from: string) => /@([^>\s]+)/.exec(from)?.[1] ?? "localhost";
