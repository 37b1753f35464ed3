import { listed } from "./needs.ts";

/** A JSON:API resource as specs describe it: everything optional, because vendors leave things out. */
interface Resource {
  readonly id?: string | number | null;
  readonly type?: string | null;
  readonly attributes?: object | null;
}

/** A resource's id and attributes side by side. */
export type Flat<R> = R extends { attributes?: infer Attributes }
  ? { id?: string } & Partial<NonNullable<Attributes>>
  : never;

/** `{ id, type, attributes }` → `{ id, …attributes }`. An attribute named id does not replace the id. */
export function flat<R extends Resource>(resource: R | null | undefined): Flat<R> {
  const id = resource?.id ?? undefined;
  return { ...resource?.attributes, ...(id !== undefined && { id: String(id) }) } as Flat<R>; // what Flat says, for an object
}

/** Null is an empty list; a list that is missing stays missing, for the reader to notice. Holes stay, because offsets count them. */
export function flatAll<R extends Resource>(resources: readonly R[] | null): Flat<R>[];
export function flatAll<R extends Resource>(resources: readonly R[] | null | undefined): Flat<R>[] | undefined;
export function flatAll<R extends Resource>(resources: readonly R[] | null | undefined): Flat<R>[] | undefined {
  if (resources === null) return [];
  // A hole is no resource whatever the type says, and whoever reads lists leaves it out.
  return Array.isArray(resources) ? resources.map((each) => (isHole(each) ? each : flat(each)) as Flat<R>) : undefined;
}

const isHole = (item: unknown) => item === null || item === undefined;

/** What an answer brought along with `include=`, flattened; of one type if named. */
export const included = <R extends Resource>(
  document: { included?: readonly R[] | null } | null | undefined,
  type?: string,
): Flat<R>[] =>
  flatAll((listed(document?.included) ?? []).filter((resource) => type === undefined || resource.type === type));

/** The body of a write: `{ data: { type, id, attributes } }`. Undefined attributes are not sent. */
export const jsonApi = <Type extends string, Attributes extends object>(
  type: Type,
  attributes: Attributes,
  id?: string,
) => ({
  data: { type, ...(id !== undefined && { id }), attributes },
});
