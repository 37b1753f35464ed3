import type { OpenApi } from "../model/openapi.ts";
import type { ListModel, MoreModel, OperationModel, PagesModel } from "../model/operation.ts";
import { printAsk } from "./graphql.ts";
import { access, literal } from "./literal.ts";
import { printRequest, typeText } from "./method.ts";

type Named = readonly (readonly [name: string, text: string])[];

/** A list of the client: `pages(1, async (page) => …)`, one function that reads one page. */
export function printList(
  operation: OperationModel,
  list: ListModel,
  document: OpenApi,
  use: (name: string) => string,
): string {
  const { pages } = list;
  const size = pages?.size;
  const isLinked = pages !== undefined && "more" in pages && isLink(pages.more);
  const answer = isLinked ? "{ answer, link }" : "answer";

  const ask = (paging: Named, options: Named = []) => {
    const all = [...paging, ...(size ? ([[size.name, "size"]] as const) : [])];
    if (operation.graphql) return `const answer = await ${printAsk(operation, all)};`;
    const post: Named = operation.reads && operation.method === "post" ? [["reads", "true"]] : [];
    const request = printRequest(operation, all, [...post, ...options]);
    return `const ${answer} = await ${use(isLinked ? "linked" : "body")}(${request});`;
  };
  const read = list.places
    ? `${use("listIn")}<${list.alias.name}>(${["answer", ...list.places.map(literal)].join(", ")})`
    : at("answer", list.items);
  const items = list.flat ? `${use("flatAll")}(${read})` : read;
  const total = pages?.total ? `, total: ${at("answer", pages.total)}` : "";
  const reader = (argument: string, text: string) =>
    `async (${[argument, ...(size ? ["size"] : [])].filter(Boolean).join(", ")}) => { ${text} }${size ? `, { size: ${literal(size.value)} }` : ""}`;
  use("pagesFor"); // the client has a `pages` of its own
  const pagesOf = "pages";
  const cursored = (type: string) => `${pagesOf}<${list.alias.name}, ${type} | undefined>`;

  if (!pages) return `${pagesOf}(0, ${reader("", `${ask([])} return { items: ${items} };`)})`;
  switch (pages.kind) {
    case "number": {
      const first = `${pages.first}`;
      // The items are counted where they stand, unless that may be several places.
      const counted = list.places && pages.more.kind === "fullPage";
      const next = `${holds(pages.more, counted ? "items" : at("answer", list.items))} ? page + 1 : undefined`;
      const asked = ask([[pages.page, "page"]]);
      const text = counted
        ? `${asked} const items = ${items}; return { items, next: ${next}${total} };`
        : `${asked} return { items: ${items}, next: ${next}${total} };`;
      return `${pagesOf}(${first}, ${reader("page", text)})`;
    }
    case "offset": {
      const read = pages.first === 0 ? "skip" : `skip - ${pages.first}`;
      const more = pages.more
        ? holds(pages.more, "items")
        : `${read} + items.length < (${at("answer", pages.total!)} ?? 0)`;
      const asked = ask([[pages.page, "skip"]]);
      const next = `items?.length && ${more} ? skip + items.length : undefined`;
      const text = `${asked} const items = ${items}; return { items, next: ${next}${total} };`;
      return `${pagesOf}(${pages.first}, ${reader("skip", text)})`;
    }
    case "cursor": {
      const asked = ask([[pages.parameter, "after"]]);
      const text = `${asked} return { items: ${items}, next: ${at("answer", pages.more)} || undefined${total} };`;
      return `${cursored(typeText(pages.schema, document))}(undefined, ${reader("after", text)})`;
    }
    case "nextUrl": {
      const next = pages.more === "link" ? "link" : at("answer", pages.more);
      const text = `${ask([], [["nextUrl", "nextUrl"]])} return { items: ${items}, next: ${next}${total} };`;
      return `${cursored("string")}(undefined, ${reader("nextUrl", text)})`;
    }
    default: {
      const last = pages.field.reduce((before, name) => before + access(name, true), `${use("listed")}(items)?.at(-1)`);
      const next = pages.more ? `${holds(pages.more, "items")} ? ${last} : undefined` : last;
      const asked = ask(continued(pages, use));
      const text = `${asked} const items = ${items}; return { items, next: ${next}${total} };`;
      return `${cursored(typeText(pages.schema, document))}(undefined, ${reader("after", text)})`;
    }
  }
}

const isLink = (more: MoreModel | readonly string[] | "link" | undefined) =>
  more === "link" || (typeof more === "object" && "kind" in more && more.kind === "link");

/** What asks for the items behind the last one. */
function continued(pages: PagesModel & { kind: "searchAfter" | "idCursor" }, use: (name: string) => string): Named {
  if (pages.parameter !== undefined) return [[pages.parameter, "after"]];
  const filter = at("fields", pages.filter!.split("."));
  return [[pages.filter!, `${use("behind")}(${filter}, ${literal(pages.field.join("."))}, after)`]];
}

/** The condition under which there is a next page. */
function holds(more: MoreModel, items: string): string {
  switch (more.kind) {
    case "link":
      return "link";
    case "path":
      return at("answer", more.path);
    case "less":
      return `(${at("answer", more.page)} ?? 0) < (${at("answer", more.pages)} ?? 0)`;
    case "fullPage":
      return `(${items}?.length ?? 0) >= size`;
  }
}

const at = (answer: string, path: readonly string[]) =>
  path.reduce((before, name, index) => before + access(name, index > 0), answer);
