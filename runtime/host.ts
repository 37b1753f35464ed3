/** Names that lead nowhere public. The guard of outgoing calls has the last word; this is for the person who types. */
const PRIVATE = /\.(local|localhost|localdomain|internal|intranet|lan|home|corp|private|arpa|onion)$/;

/** Labels of letters, digits and dashes, at least two, the last of which is no number. */
const NAME = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Host and, if it is not the usual one, port of what a person typed; undefined when it is no public name. */
export function publicHost(text: string): string | undefined {
  const address = /^https?:\/\//i.test(text) ? text.replace(/^http:/i, "https:") : `https://${text}`;
  if (!URL.canParse(address)) return;
  const { username, password, hostname, port } = new URL(address);
  const name = hostname.replace(/\.$/, "");
  if (username || password || !NAME.test(name) || PRIVATE.test(name)) return;
  return port && port !== "80" ? `${name}:${port}` : name;
}
