import type { TestApp } from "../support.ts";

/** A browser without a window: it keeps cookies, says where it comes from, and follows nothing by itself. */
export function visitor(app: TestApp, session?: string) {
  const cookies = new Map<string, string>(session ? [["session", session]] : []);

  async function send(method: "GET" | "POST", url: string, form?: Record<string, string | string[]>, headers = {}) {
    const pairs = Object.entries(form ?? {}).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
    const answer = await app.inject({
      method,
      url,
      headers: {
        accept: "text/html",
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(method === "POST" && {
          origin: app.config.publicUrl,
          "content-type": "application/x-www-form-urlencoded",
        }),
        ...headers,
      },
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
    get: (url: string, headers = {}) => send("GET", url, undefined, headers),
    post: (url: string, form: Record<string, string | string[]> = {}, headers = {}) => send("POST", url, form, headers),
    /** Fills in the form token that the page printed for this action. */
    async submit(pageUrl: string, action: string, form: Record<string, string | string[]> = {}) {
      const { body } = await send("GET", pageUrl);
      return send("POST", action, { form_token: tokenFor(body, action), ...form });
    },
  };
}

export type Visitor = ReturnType<typeof visitor>;

/** The token inside the form with this action. */
export function tokenFor(html: string, action: string): string {
  const form = html.split("<form ").find((part) => part.includes(`action="${action.replaceAll("=", "&#x3D;")}"`));
  return /name="form_token" value="([^"]+)"/.exec(form ?? "")?.[1] ?? "";
}
