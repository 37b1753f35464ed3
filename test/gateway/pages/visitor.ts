import type { TestApp } from "../support.ts";

type Form = Record<string, string | string[]>;
type Headers = Record<string, string | undefined>;

/** A browser without a window: it keeps cookies, says where it comes from, and follows nothing by itself. */
export function visitor(app: TestApp, session?: string) {
  const cookies = new Map<string, string>(session ? [["session", session]] : []);

  async function send(method: "GET" | "POST", url: string, form?: Form, headers: Headers = {}) {
    const pairs = Object.entries(form ?? {}).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
    const posting = { origin: app.config.publicUrl, "content-type": "application/x-www-form-urlencoded" };
    const sent = {
      accept: "text/html",
      cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      ...(method === "POST" && posting),
      ...headers,
    };
    const answer = await app.inject({
      method,
      url,
      headers: Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined)),
      ...(form && { payload: new URLSearchParams(pairs as [string, string][]).toString() }),
    });
    for (const { name, value } of answer.cookies) {
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  }

  return {
    cookies,
    get: (url: string, headers: Headers = {}) => send("GET", url, undefined, headers),
    post: (url: string, form: Form = {}, headers: Headers = {}) => send("POST", url, form, headers),
    /** Fills in the form token that the page printed for this action. */
    async submit(pageUrl: string, action: string, form: Form = {}) {
      const { body } = await send("GET", pageUrl);
      return send("POST", action, { form_token: tokenFor(body, action), ...form });
    },
  };
}

export type Visitor = ReturnType<typeof visitor>;

/** The token inside the form with this action. */
export function tokenFor(html: string, action: string): string {
  const isIt = (part: string) =>
    part.includes(`action="${action.replaceAll("=", "&#x3D;")}"`) && part.includes("form_token");
  const form = html.split("<form ").find(isIt);
  return /name="form_token" value="([^"]+)"/.exec(form ?? "")?.[1] ?? "";
}

/** Where somebody is sent who has to show who they are before their form is done: there, with the form. */
export const KEPT = /^\/login\/again\?next=%2Flogin%2Fagain%2Fgo-on%3Fform%3D/;
