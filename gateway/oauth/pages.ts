/** What the browser sees of the authorization server itself, apart from the interaction pages: whole HTML documents. */
export interface AuthorizationPages {
  error(data: { status: number; code: string; title: string; text: string }): string | Promise<string>;
  /** @param formHtml trusted; holds `<form id="op.logoutForm">`, which the two buttons submit */
  signOut(data: { formHtml: string; host: string }): string | Promise<string>;
  signedOut(): string | Promise<string>;
}

export const plainPages: AuthorizationPages = {
  error: ({ code, title, text }) =>
    document(title, `<p>${escapeHtml(text)}</p><p>Reference: <code>${escapeHtml(code)}</code></p>`),
  signOut: ({ formHtml, host }) =>
    document(
      "Sign out?",
      `<p>You are signed in at ${escapeHtml(host)}.</p>${formHtml}
    <p><button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
    <button type="submit" form="op.logoutForm">Stay signed in</button></p>`,
    ),
  signedOut: () => document("Signed out", "<p>You are signed out. You can close this page.</p>"),
};

/** Our words for what a person can see; the library's own go to the client that made the mistake, not to the reader. */
export function explain(code: string): { title: string; text: string } {
  return (
    EXPLANATIONS[code] ?? {
      title: "This did not work",
      text: "The application sent a request that cannot be answered. Go back to it and connect again.",
    }
  );
}

const EXPLANATIONS: Record<string, { title: string; text: string }> = {
  invalid_client: {
    title: "Unknown application",
    text: "The application that sent you here is not known, or its description could not be read. Connect again from the application.",
  },
  invalid_redirect_uri: {
    title: "Wrong return address",
    text: "The application asked to send you to an address it has not registered, so you were not sent there.",
  },
  access_denied: { title: "Not allowed", text: "Access was not given. Nothing was changed." },
  server_error: {
    title: "Something went wrong here",
    text: "This is our fault, and it has been logged. Try again in a moment.",
  },
  too_many_requests: { title: "Too many attempts", text: "Wait a minute, then try again." },
  session_not_found: {
    title: "This sign-in is over",
    text: "It has expired, was finished already, or belongs to another browser. Connect again from the application.",
  },
};

const document = (title: string, body: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(title)}</title>
  </head>
  <body>
    <main>
    <h1>${escapeHtml(title)}</h1>
    ${body}
    </main>
  </body>
</html>
`;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
