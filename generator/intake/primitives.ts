type Primitive = { readonly type?: string; readonly format?: string; readonly items?: Primitive };

const STANDARD = new Set(["string", "number", "integer", "boolean", "object", "array", "null"]);

/** What people write instead of JSON Schema's types, by its lower-case name. */
const MENDED: Readonly<Record<string, Primitive>> = {
  int: { type: "integer" },
  int16: { type: "integer" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  short: { type: "integer" },
  long: { type: "integer", format: "int64" },
  float: { type: "number" },
  double: { type: "number" },
  decimal: { type: "number" },
  bool: { type: "boolean" },
  str: { type: "string" },
  text: { type: "string" },
  char: { type: "string" },
  guid: { type: "string", format: "uuid" },
  uuid: { type: "string", format: "uuid" },
  date: { type: "string", format: "date" },
  datetime: { type: "string", format: "date-time" },
  "date-time": { type: "string", format: "date-time" },
  datetimeoffset: { type: "string", format: "date-time" },
  timespan: { type: "string" },
  file: { type: "string", format: "binary" },
  dict: { type: "object" },
  map: { type: "object" },
  list: { type: "array" },
  any: {},
  obj: {},
};

/** The JSON Schema for a type name, mended where it is a known slip; undefined when nobody could know what is meant. */
export function primitive(name: string): { readonly schema: Primitive; readonly mended: boolean } | undefined {
  if (STANDARD.has(name)) return { schema: { type: name }, mended: false };
  const list = /^(?:list|array|ienumerable|icollection)<(.+)>$/i.exec(name) ?? /^(.+)\[\]$/.exec(name);
  if (list?.[1]) {
    const items = primitive(list[1]);
    return items && { schema: { type: "array", items: items.schema }, mended: true };
  }
  const lower = name.toLowerCase().replace(/^system\./, "");
  if (STANDARD.has(lower)) return { schema: { type: lower }, mended: true };
  const schema = Object.hasOwn(MENDED, lower) ? MENDED[lower] : undefined;
  return schema && { schema, mended: true };
}
