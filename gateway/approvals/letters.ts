import type { Approval } from "../database/approvals.ts";

/** What a request is called in letters: never with a value that was asked for. */
export interface Named {
  readonly product: string;
  readonly organisation: string;
  /** What the tool is called. */
  readonly title: string;
  readonly vendor: string;
  readonly person: string;
  readonly url: string;
}

/** A letter to somebody who may decide: who asks for what, and where to look. */
export function mailAbout(
  { expires_at, needs }: Approval,
  { product, organisation, title, vendor, person, url }: Named,
) {
  const until = new Date(expires_at).toUTCString();
  const who = needs === "other" ? "It needs the yes of somebody other than the one who asks." : "It needs a yes.";
  const lines = [
    `An assistant of ${person} wants to use “${title}” (${vendor}) in ${organisation}. ${who}`,
    `Look at it and decide, until ${until}:`,
  ];
  return {
    subject: `${organisation}: “${title}” waits for approval`.replace(/[\r\n]+/g, " "),
    text: `${lines.join("\n\n")}\n\n${url}\n\nNothing is changed before somebody approves. You get this because you may approve in ${organisation}.\n\n${product}\n`,
    html: `<!doctype html><html lang="en"><body style="font-family:sans-serif;line-height:1.5;max-width:36rem">${lines
      .map((line) => `<p>${escaped(line)}</p>`)
      .join(
        "",
      )}<p><a href="${escaped(url)}">${escaped(url)}</a></p><p style="color:#666">Nothing is changed before somebody approves. You get this because you may approve in ${escaped(organisation)}.<br>${escaped(product)}</p></body></html>`,
  };
}

const SIGNS: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => SIGNS[sign]!);

/** The same for a program: ids and codes, and where a person can look. */
export function messageAbout(approval: Approval, { url }: Pick<Named, "url">): string {
  const { id, org_id, tool, vendor, access, needs, created_at, expires_at } = approval;
  return JSON.stringify({
    type: "approval.requested",
    timestamp: new Date(created_at).toISOString(),
    data: {
      organisation: org_id,
      approval_id: id,
      tool,
      vendor,
      access,
      needs,
      url,
      expires_at: new Date(expires_at).toISOString(),
    },
  });
}
