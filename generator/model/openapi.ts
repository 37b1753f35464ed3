/** An OpenAPI 3 document as intake leaves it: facts only, every shared part but schemas written out where it is used. */
export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  /** The SDL that this was made from, when the API is GraphQL: paths are then `query tickets` and `mutation createTicket`. */
  readonly sdl?: string;
}

export const methods = ["get", "post", "put", "patch", "delete"] as const;
export type Method = (typeof methods)[number];
export type PathItem = Readonly<Partial<Record<Method, Operation>>>;

export interface Operation {
  readonly summary?: string;
  readonly deprecated?: true;
  /** The route is known from public clients, not from the vendor's own reference. */
  readonly "x-unverified"?: true;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: true; readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly description?: string;
  readonly required?: true;
  readonly style?: string;
  readonly explode?: boolean;
  readonly schema: Schema;
}

export interface Response {
  readonly description: string;
  readonly content?: Content;
}

export type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly nullable?: true;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  /** Any JSON, such as a scalar of GraphQL that nobody describes: every name may be read in it, and comes as text. */
  readonly "x-json"?: true;
  readonly discriminator?: { readonly propertyName: string; readonly mapping?: Readonly<Record<string, string>> };
  readonly [fact: string]: unknown;
}

export const SCHEMAS = "#/components/schemas/";

/** The name of the shared schema that `schema` stands for, if it is only a reference. */
export const referenced = (schema: Schema) => schema.$ref?.slice(SCHEMAS.length);

/** How people name an operation: `GET /path`; a field of a GraphQL API stands for itself, `query tickets`. */
export const titleOf = (method: Method, path: string): string =>
  path.startsWith("/") ? `${method.toUpperCase()} ${path}` : path;

/** The way back from a title to where the operation stands. */
export function placeOf(title: string): { method: Method; path: string } {
  const [word = "", ...rest] = title.split(" ");
  const method = word.toLowerCase() as Method;
  return methods.includes(method) ? { method, path: rest.join(" ") } : { method: "post", path: title };
}

/** Operations of a document as `["GET /path", operation]`, in document order. */
export function* operationsIn(document: OpenApi): Generator<readonly [string, Operation]> {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const operation = item[method];
      if (operation) yield [titleOf(method, path), operation];
    }
  }
}
