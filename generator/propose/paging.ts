import { fieldNames, fieldOf, shapesOf, typeOf } from "../build/schemas.ts";
import type { OpenApi, Operation, Parameter, Schema } from "../model/openapi.ts";
import type { PagesYaml } from "../read/schema.ts";
import { scalarOf } from "./answers.ts";

const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z]/g, "");

const PAGE = new Set("page pageno pagenum pagenumber pageindex currentpage p".split(" "));
const SIZE = new Set(
  (
    "perpage pagesize limit maxresults maxitems maxrecords count size rows take top results resultsperpage itemsperpage " +
    "pagelimit pagecount rpp numresults perpagesize recordsperpage maxpagesize"
  ).split(" "),
);
const OFFSET = new Set(
  "offset skip start startat startindex from first firstresult pageoffset rowoffset skipcount".split(" "),
);
const CURSOR = new Set(
  (
    "cursor pagetoken nexttoken nextpagetoken continuationtoken continuation pagecursor marker nextcursor scrollid " +
    "after pageafter startcursor paginationtoken bookmark skiptoken"
  ).split(" "),
);
const AFTER = new Set(["startingafter", "sinceid", "afterid", "lastid", "startingafterid"]);

/** Parameters that are about pages, order or form, and nothing an assistant would give. */
export function isAboutPages(name: string): boolean {
  const key = plain(name);
  return [PAGE, SIZE, OFFSET, CURSOR, AFTER].some((names) => names.has(key)) || FORM.has(key);
}

const FORM = new Set(
  (
    "sort sortby sortorder sortdir sortdirection order orderby orderbydirection direction dir fields field expand include embed select " +
    "format callback pretty prettyprint alt fmt output locale lang language accept apikey key apitoken token accesstoken oauthtoken " +
    "userip quotauser uploadprotocol uploadtype xgafv before endingbefore previous prev includecount withcount totalcount"
  ).split(" "),
);

const NEXT_URL = new Set(
  "next nextpage nextpageurl nexturl nextlink nexthref odatanextlink nextpageuri nextpagelink".split(" "),
);
const NEXT_TOKEN = new Set(
  "nexttoken nextpagetoken nextcursor cursor continuationtoken continuation nextmarker marker endcursor after next paginationtoken scrollid bookmark nextpage".split(" "), // biome-ignore format: one thought
);
const MORE = new Set("hasmore hasnext hasnextpage morerecords moreavailable more nextpage next".split(" "));
const TOTAL = new Set(
  "total totalcount totalitems totalresults totalrecords totalsize count recordcount totalelements itemcount resultcount numfound".split(" "), // biome-ignore format: one thought
);
const PAGES = new Set("totalpages pagecount pages lastpage numpages numberofpages totalpage pagetotal".split(" "));
const CURRENT = new Set("page pagenumber currentpage pageno pageindex current pagenum".split(" "));

/** How a list goes on, guessed by the names of its parameters and of what stands beside its items. */
export function pagingOf(
  operation: Operation,
  answer: Schema,
  items: string,
  linked: boolean,
  document: OpenApi,
): PagesYaml | undefined {
  const queries = (operation.parameters ?? []).filter((each) => each.in === "query");
  const query = (names: ReadonlySet<string>, ...types: string[]) =>
    queries.find(
      ({ name, schema }) =>
        names.has(plain(name)) &&
        types.includes(typeIn(schema, document)) &&
        !shapesOf(schema, document).some((shape) => shape.enum),
    );
  const beside = items === "." ? [] : leavesBeside(answer, items, document);
  const leaf = (names: ReadonlySet<string>, type: string) =>
    beside.find((each) => each.type === type && names.has(plain(each.path.split(".").at(-1)!)))?.path;

  const limit = query(SIZE, "number");
  const size = limit && { size: { name: limit.name, value: sizeOf(limit, document) } };
  const count = leaf(TOTAL, "number");
  const total = count === undefined ? {} : { total: count };
  const cursor = query(CURSOR, "string");
  const token = leaf(NEXT_TOKEN, "string");
  if (cursor && token !== undefined) return { style: "cursor", page: cursor.name, ...size, more: token, ...total };
  const page = query(PAGE, "number");
  if (page) {
    const more = moreOf();
    const first = minimumOf(page, document) === 0 ? 0 : 1;
    return more === undefined ? undefined : { style: "number", first, page: page.name, ...size, more, ...total };
  }
  const skip = query(OFFSET, "number");
  if (skip && (size || count !== undefined)) return { style: "offset", page: skip.name, ...size, ...total };
  const after = query(AFTER, "string", "number");
  if (after && size) return { style: "idCursor", page: after.name, field: "id", ...size, more: "fullPage" };
  const link = leaf(NEXT_URL, "string");
  if (link !== undefined) return { style: "nextUrl", ...size, more: link, ...total };
  return linked ? { style: "nextUrl", ...size, more: "link" } : undefined;

  function moreOf(): PagesYaml["more"] {
    const flag = leaf(MORE, "boolean") ?? leaf(NEXT_URL, "string") ?? leaf(MORE, "number");
    const [current, last] = [leaf(CURRENT, "number"), leaf(PAGES, "number")];
    if (flag !== undefined) return flag;
    if (current !== undefined && last !== undefined) return { less: [current, last] };
    return size ? "fullPage" : linked ? "link" : undefined;
  }
}

const typeIn = (schema: Schema, document: OpenApi) => scalarOf(shapesOf(schema, document)) ?? "other";

function sizeOf({ schema }: Parameter, document: OpenApi): number {
  const { maximum } = shapesOf(schema, document)[0] ?? {};
  return typeof maximum === "number" && maximum >= 1 ? Math.min(Math.floor(maximum), 100) : 100;
}

const minimumOf = ({ schema }: Parameter, document: OpenApi) => shapesOf(schema, document)[0]?.minimum;

/** Plain values of the answer that are no part of its items, nearest to the items first. */
function leavesBeside(answer: Schema, items: string, document: OpenApi): { path: string; type: string }[] {
  const found: { path: string; type: string }[] = [];
  const visit = (schema: Schema, before: string, depth: number) => {
    const shapes = shapesOf(schema, document);
    for (const name of fieldNames(shapes)) {
      const path = before === "" ? name : `${before}.${name}`;
      const field = /\./.test(name) || path === items ? undefined : fieldOf(shapes, name, document);
      if (!field) continue;
      const type = scalarOf(field.shapes);
      if (type) found.push({ path, type });
      else if (depth < 2 && field.shapes.every((shape) => typeOf(shape) === "object"))
        visit(field.fields[0]!, path, depth + 1);
    }
  };
  visit(answer, "", 0);
  const depth = ({ path }: { path: string }) => path.split(".").length;
  return found.sort((a, b) => depth(a) - depth(b));
}
