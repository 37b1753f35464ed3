import { pascal } from "../model/names.ts";
import { referenced, type Schema } from "../model/openapi.ts";
import type { TypeAlias } from "../model/operation.ts";
import type { Context } from "./context.ts";
import { fieldOf, shapesOf, typeOf } from "./schemas.ts";

/** A schema with the TypeScript that reaches it, from types.ts. */
export interface Place {
  readonly schema: Schema;
  readonly type: string;
  readonly maybe: boolean;
}

export const placed = (schema: Schema, type: string, maybe = false): Place => ({ schema, type, maybe });

const sure = ({ type, maybe }: Place) => (maybe ? `NonNullable<${type}>` : type);

/** The field of that name, if there is one. */
export function stepInto(place: Place, key: string, { document }: Context): Place | undefined {
  const field = fieldOf(shapesOf(place.schema, document), key, document);
  return field && placed(field.fields[0]!, `${sure(place)}[${JSON.stringify(key)}]`, field.maybe);
}

/** An element, if it is an array. */
export function itemOf(place: Place, { document }: Context): Place | undefined {
  const array = shapesOf(place.schema, document).find((shape) => typeOf(shape) === "array");
  return array?.items && placed(array.items, `${sure(place)}[number]`);
}

/** A shared schema keeps its name; what is written out in place is named after its operation. */
export function aliasOf(place: Place, fallback: string, flat: boolean): TypeAlias {
  const name = referenced(place.schema);
  const type = name === undefined ? sure(place) : `components["schemas"][${JSON.stringify(name)}]`;
  return { name: name === undefined ? fallback : pascal(name), type: flat ? `Flat<${type}>` : type };
}
