/** A browser as far as these tests need one: cookies, redirects and forms, without scripts. */
export interface Browser {
  get(url: string): Promise<Page>;
  /** Sends the first form to `action` that has all these fields, with what it already holds; `undefined` unticks. */
  submit(page: Page, values?: Record<string, string | readonly string[] | undefined>, action?: string): Promise<Page>;
  cookies: Map<string, string>;
  /** Everything that was shown, for tests that look for what must not be. */
  seen: string[];
}

export interface Page {
  url: URL;
  status: number;
  html: string;
  forms: Form[];
  /** Where the last answer points, when that is another site: the end of an authorization. */
  left?: URL;
  title: string;
}

export interface Form {
  action: string;
  fields: { name: string; value: string; on: boolean }[];
}

export function createBrowser(origin: string, fetch: typeof globalThis.fetch = globalThis.fetch): Browser {
  const cookies = new Map<string, string>();
  const seen: string[] = [];

  async function visit(address: string | URL, init: RequestInit = {}): Promise<Page> {
    let url = new URL(address, origin);
    let request = init;
    for (let hop = 0; hop < 12; hop++) {
      const headers = new Headers(request.headers);
      headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
      headers.set("accept", "text/html");
      const response = await fetch(url, { ...request, headers, redirect: "manual" });
      keep(response.headers.getSetCookie());
      const location = response.headers.get("location");
      seen.push(`${response.status} ${location ?? ""}`);
      if (!location || response.status < 300 || response.status > 399) {
        const html = await response.text();
        seen.push(html);
        return {
          url,
          status: response.status,
          html,
          forms: formsOf(html),
          title: /<h1[^>]*>([^<]*)/.exec(html)?.[1]?.trim() ?? "",
        };
      }
      await response.arrayBuffer();
      const next = new URL(location, url);
      if (next.origin !== origin) return { url, status: response.status, html: "", forms: [], left: next, title: "" };
      url = next;
      request = {};
    }
    throw new Error(`Too many redirects, last to ${url.pathname}`);
  }

  function keep(lines: string[]) {
    for (const line of lines) {
      const [pair = "", ...attributes] = line.split(";");
      const [name = "", ...value] = pair.split("=");
      const gone = attributes.some((attribute) => /max-age=0|expires=Thu, 01 Jan 1970/i.test(attribute.trim()));
      if (gone || value.join("=") === "") cookies.delete(name.trim());
      else cookies.set(name.trim(), value.join("="));
    }
  }

  return {
    cookies,
    seen,
    get: (url) => visit(url),
    submit(page, values = {}, action = "") {
      const form = page.forms.find(
        (each) =>
          each.action.includes(action) &&
          Object.keys(values).every((name) => each.fields.some((field) => field.name === name)),
      );
      if (!form)
        throw new Error(
          `No form with ${Object.keys(values).join(", ")} on "${page.title}" (${page.url.pathname}):\n${page.html}`,
        );
      const body = new URLSearchParams();
      for (const { name, value, on } of form.fields) if (on && !(name in values)) body.append(name, value);
      for (const [name, value] of Object.entries(values))
        for (const each of [value].flat()) if (each !== undefined) body.append(name, each as string);
      const target = new URL(form.action || page.url.href, page.url);
      return visit(target, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", origin },
        body: body.toString(),
      });
    },
  };
}

function formsOf(html: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, head = "", inside = ""]) => ({
    action: attribute(head, "action") ?? "",
    fields: [...inside.matchAll(/<input\b([^>]*)>|<select\b([^>]*)>([\s\S]*?)<\/select>|<button\b([^>]*)>/g)].flatMap(
      ([, input, select, options, button]) => {
        const tag = input ?? select ?? button ?? "";
        const name = attribute(tag, "name");
        if (name === undefined || button !== undefined) return [];
        if (select !== undefined)
          return [
            {
              name,
              value: attribute(/<option\b([^>]*selected[^>]*)>/.exec(options ?? "")?.[1] ?? "", "value") ?? "",
              on: true,
            },
          ];
        const choice = /type="(checkbox|radio)"/.test(tag);
        return [{ name, value: attribute(tag, "value") ?? "", on: !choice || /\schecked/.test(tag) }];
      },
    ),
  }));
}

const attribute = (tag: string, name: string) => {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
  return value
    ?.replaceAll("&amp;", "&")
    .replaceAll("&#x3D;", "=")
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
};
