import { isObject, type JsonObject, objectOf } from "../model/json.ts";
import { type Method, methods, titleOf } from "../model/openapi.ts";
import { nounOf, urgencyOf } from "./nouns.ts";

/** An operation of the vendor's document, as yet unread. */
export interface Route {
  readonly title: string;
  readonly method: Method;
  readonly path: string;
  readonly value: JsonObject;
  /** Parameters of its path and its own, as they stand there. */
  readonly item: JsonObject;
}

/** What a part of an API is about, with the operations that could become tools. */
export interface Resource {
  readonly noun: readonly string[];
  /** The noun before it in the path, for when two are called alike. */
  readonly parent: readonly string[];
  readonly list?: Route;
  readonly get?: Route;
  readonly create?: Route;
  readonly update?: Route;
  /** Nobody asks an assistant for it: a version, a session, a log. */
  readonly isDull: boolean;
  /** What its POST does, when that is not to create: the last part of the path says it. */
  readonly verb?: string;
  readonly weight: number;
}

/** Everything that could be called; what is deprecated is not proposed. */
export function routesIn(document: JsonObject): Route[] {
  return Object.entries(objectOf(document.paths)).flatMap(([given, item]) => {
    const path = given.startsWith("/") ? given : `/${given}`;
    return methods.flatMap((method) => {
      const value = isObject(item) ? item[method] : undefined;
      if (!isObject(value) || !isObject(item) || value.deprecated === true || /[?#]/.test(path)) return [];
      return [{ title: titleOf(method, path), method, path, value, item }];
    });
  });
}

const isParameter = (segment: string) => segment.includes("{");
const segmentsOf = (path: string) => path.split("/").filter(Boolean);

/** Routes by what they are about, the most promising first. */
export function resourcesOf(routes: readonly Route[]): Resource[] {
  const groups = Map.groupBy(routes, ({ path }) => placeOf(path).key);
  const popular = new Map<string, number>();
  for (const { path } of routes) {
    const { key } = placeOf(path);
    for (const known of prefixesOf(key)) popular.set(known, (popular.get(known) ?? 0) + 1);
  }
  return [...groups]
    .map(([key, group]) => resource(group, popular.get(key) ?? 0))
    .filter((each) => each.list ?? each.get ?? each.create ?? each.update)
    .sort((a, b) => b.weight - a.weight || (nameOf(a) < nameOf(b) ? -1 : 1));
}

const nameOf = ({ list, get, create, update }: Resource) => (list ?? get ?? create ?? update)!.title;

/** `/v1/customer/{id}` and `/v1/customers` are about the same. */
function placeOf(path: string): { key: string; isItem: boolean } {
  const segments = segmentsOf(path);
  const last = segments.at(-1) ?? "";
  const call = /^([A-Za-z][\w.]*)\(.*\{.*\)$/.exec(last);
  const isItem = call !== null || (isParameter(last) && segments.length > 1 && !isParameter(segments.at(-2)!));
  const collection = call ? [...segments.slice(0, -1), call[1]!] : isItem ? segments.slice(0, -1) : segments;
  const noun = isParameter(collection.at(-1) ?? "{") ? "{}" : nounOf(collection.at(-1)!).join(" ");
  const parents = collection.slice(0, -1).map((each) => (isParameter(each) ? "{}" : each.toLowerCase()));
  return { key: [...parents, noun].join("/"), isItem };
}

const prefixesOf = (key: string) => key.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));

const DULL = new Set(
  (
    "me health status ping version metrics webhook hook oauth auth login logout token session config configuration setting " +
    "schema swagger spec test debug callback subscription permission role scope locale timezone currency log usage quota"
  ).split(" "),
);

/** Ends of a path that say what is done. */
const ACTIONS = new Set(
  (
    "search query list find filter read get archive restore cancel start stop pause resume activate deactivate enable disable send " +
    "publish unpublish approve reject close open reopen merge move copy clone sync refresh reset verify validate check test detect " +
    "convert translate analyze analyse classify calculate estimate lookup count import export upload download batch bulk invite assign"
  ).split(" "),
);

function resource(group: readonly Route[], popular: number): Resource {
  const of = (method: Method, isItem: boolean) =>
    group.find((route) => route.method === method && placeOf(route.path).isItem === isItem);
  const [list, get, create] = [of("get", false), of("get", true), of("post", false)];
  const update = of("patch", true) ?? of("put", true);
  const { path } = list ?? get ?? create ?? update ?? group[0]!;
  const segments = segmentsOf(path).filter((each) => !isParameter(each) && !/^(v?\d[\d.]*|api|rest)$/i.test(each));
  const said = nounOf(segments.at(-1) ?? "item");
  const verb =
    !list && !get && said.length === 1 && ACTIONS.has(said[0]!) && segments.length > 1 ? said[0]! : undefined;
  const noun = verb === undefined ? said : nounOf(segments.at(-2)!);
  const parameters = [...path.matchAll(/\{/g)].length - (path === (get ?? update)?.path ? 1 : 0);
  const isDull = verb !== undefined || DULL.has(noun.at(-1)!);
  const weight =
    (list ? 3 : 0) +
    (get ? 3 : 0) +
    (create ? 1 : 0) +
    (update ? 1 : 0) +
    urgencyOf(noun) +
    Math.min(3, Math.log2(1 + popular)) -
    (isDull ? 4 : 0) -
    2 * parameters -
    0.25 * segments.length;
  const parent = segments.length > 1 ? nounOf(segments.at(-2)!) : [];
  return {
    noun,
    parent,
    weight,
    isDull,
    ...(verb !== undefined && { verb }),
    ...(list && { list }),
    ...(get && { get }),
    ...(create && { create }),
    ...(update && { update }),
  };
}
