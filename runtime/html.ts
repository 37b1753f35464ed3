const wordsOf = (text: string) => new Set(text.split(" "));

/** Elements that begin a line of their own; after those of the second list comes an empty line. */
const LINE = wordsOf(
  "address article blockquote br div dd dl dt figure footer h1 h2 h3 h4 h5 h6 header hr main nav ol p pre section table tr ul",
);
const PARAGRAPH = wordsOf("blockquote h1 h2 h3 h4 h5 h6 ol p pre table ul");
const CELL = wordsOf("td th");
const HIDDEN = wordsOf("iframe math noscript object script style svg template");

/** HTML without its tags, comments and hidden elements; entities are still encoded. One pass, whatever the input. */
export function withoutTags(html: string): string {
  const next = tagReader(html);
  let text = "";
  let at = 0;
  for (let open = html.indexOf("<"); open !== -1; open = html.indexOf("<", at)) {
    const tag = next(open);
    if (tag === "end") break;
    if (!tag) {
      text += html.slice(at, open + 1);
      at = open + 1;
      continue;
    }
    text += html.slice(at, open) + spaceFor(tag);
    at = HIDDEN.has(tag.name) && !tag.closing ? endOf(html, tag.name, tag.end) : tag.end;
  }
  return text + html.slice(at);
}

interface Tag {
  readonly name: string;
  readonly closing: boolean;
  readonly end: number;
}

function spaceFor({ name, closing }: Tag): string {
  if (closing) return PARAGRAPH.has(name) ? "\n\n" : "";
  if (name === "li") return "\n- ";
  return LINE.has(name) ? "\n" : CELL.has(name) ? " " : "";
}

/** Reads the tag or comment at a `<`; undefined when it is only a sign, "end" when nothing behind it can be a tag. */
function tagReader(html: string) {
  let quotesHold = true; // after one quote that never ends, quotes no longer hide a `>`
  const NAME = /<(\/?)([a-z][a-z0-9]*)|<!--|<[!?]/iy;
  return (open: number): Tag | "end" | undefined => {
    NAME.lastIndex = open;
    const match = NAME.exec(html);
    if (!match) return undefined;
    const comment = match[0] === "<!--";
    let close = comment ? html.indexOf("-->", open + 4) : -1;
    if (close !== -1) close += 2;
    if (!comment && quotesHold) {
      close = closeOutsideQuotes(html, NAME.lastIndex);
      quotesHold = close !== -1;
    }
    if (close === -1) close = html.indexOf(">", open);
    if (close === -1) return "end";
    return { name: (match[2] ?? "").toLowerCase(), closing: match[1] === "/", end: close + 1 };
  };
}

function closeOutsideQuotes(html: string, from: number): number {
  const MARK = /[>"']/g;
  MARK.lastIndex = from;
  for (let mark = MARK.exec(html); mark; mark = MARK.exec(html)) {
    if (mark[0] === ">") return mark.index;
    const end = html.indexOf(mark[0], mark.index + 1);
    if (end === -1) return -1;
    MARK.lastIndex = end + 1;
  }
  return -1;
}

function endOf(html: string, name: string, from: number): number {
  const closing = new RegExp(`</${name}`, "gi");
  closing.lastIndex = from;
  const end = closing.exec(html) ? html.indexOf(">", closing.lastIndex) : -1;
  return end === -1 ? html.length : end + 1;
}

const NAMED = new Map(
  (
    "amp=& lt=< gt=> quot=\" apos=' nbsp=\u00a0 iexcl=¡ cent=¢ pound=£ yen=¥ sect=§ uml=¨ copy=© laquo=« not=¬ reg=® deg=° plusmn=± sup1=¹ sup2=² sup3=³ " +
    "acute=´ micro=µ para=¶ middot=· raquo=» frac14=¼ frac12=½ frac34=¾ iquest=¿ Auml=Ä Ouml=Ö Uuml=Ü auml=ä ouml=ö uuml=ü szlig=ß Aring=Å aring=å " +
    "AElig=Æ aelig=æ Oslash=Ø oslash=ø Ccedil=Ç ccedil=ç Ntilde=Ñ ntilde=ñ Agrave=À agrave=à Aacute=Á aacute=á Acirc=Â acirc=â Atilde=Ã atilde=ã " +
    "Egrave=È egrave=è Eacute=É eacute=é Ecirc=Ê ecirc=ê Euml=Ë euml=ë Igrave=Ì igrave=ì Iacute=Í iacute=í Icirc=Î icirc=î Iuml=Ï iuml=ï Ograve=Ò " +
    "ograve=ò Oacute=Ó oacute=ó Ocirc=Ô ocirc=ô Otilde=Õ otilde=õ Ugrave=Ù ugrave=ù Uacute=Ú uacute=ú Ucirc=Û ucirc=û times=× divide=÷ ndash=– mdash=— " +
    "lsquo=‘ rsquo=’ sbquo=‚ ldquo=“ rdquo=” bdquo=„ bull=• hellip=… euro=€ trade=™ larr=← uarr=↑ rarr=→ darr=↓ harr=↔ minus=− le=≤ ge=≥ ne=≠ asymp=≈ check=✓"
  )
    .split(" ")
    .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const),
);

/** Decodes entities once: `&amp;lt;` becomes `&lt;`. Unknown ones stay as they are. */
export const decodeEntities = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z][a-z0-9]{1,10}));/gi, (entity, decimal, hex, name) => {
    if (name) return NAMED.get(name) ?? entity;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? "\ufffd" : String.fromCodePoint(code);
  });
