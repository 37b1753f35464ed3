import type { CustomerModel } from "./customer.ts";
import type { FilterModel } from "./filter.ts";
import type { Method, Schema } from "./openapi.ts";

/** One method of the client. */
export interface OperationModel {
  readonly name: string;
  /** In a tool across vendors: whose it is. */
  readonly vendor?: string;
  readonly method: Method;
  readonly path: string;
  /** One sentence of ours for its docstring. */
  readonly about?: string;
  readonly where: string;
  readonly unverified: boolean;
  /** GET, a POST that was declared to only read, or a query. */
  readonly reads: boolean;
  /** Its answers may be kept: for so many seconds at most, when it says. */
  readonly cache?: true | number;
  readonly graphql?: GraphqlModel;
  readonly parameters: readonly ParameterModel[];
  readonly body?: BodyModel;
  readonly answer: AnswerModel;
  /** How it names the customer. */
  readonly customer?: CustomerModel;
  /** How it is told which items are wanted. */
  readonly filter?: FilterModel;
  /** Present when the answer holds items. */
  readonly list?: ListModel;
}

/** A field of Query or Mutation; the document that asks for it is built once it is known what is read of the answer. */
export interface GraphqlModel {
  readonly kind: "query" | "mutation";
  readonly field: string;
  readonly document?: string;
}

export interface ParameterModel {
  /** The name in code; `wire` is the vendor's. */
  readonly name: string;
  readonly wire: string;
  readonly in: "path" | "query";
  readonly required: boolean;
  readonly schema: Schema;
  readonly about?: string;
  /** Sent as one text, its values joined by this. */
  readonly join?: string;
  /** Sent with every call; not an argument. A tool may still pass its own value. */
  readonly constant?: string | number | boolean;
}

export interface BodyModel {
  readonly kind: "json" | "array" | "jsonapi" | "jsonPatch" | "value";
  /** JSON:API: the resource type. */
  readonly type?: string;
  /** JSON Patch: what stands in front of each path. */
  readonly before?: string;
  /** Fields that must be filled in, and fields that must not, whatever the description says. */
  readonly needs: readonly string[];
  readonly without: readonly string[];
  /** Of those, the ones that its type demands all the same. */
  readonly demanded?: readonly string[];
  /** What `with` fills in: the object itself, the element of the array, the attributes, or the thing that is patched. */
  readonly schema: Schema;
  readonly media: string;
  readonly alias: TypeAlias;
}

export interface AnswerModel {
  /** Undefined for an operation that answers nothing. */
  readonly schema?: Schema;
  /** `flat` when a JSON:API resource is flattened: `schema` is the flattened form. */
  readonly flat: boolean;
  /** Property path inside the body that holds it: `data` of JSON:API. */
  readonly inside?: string;
  readonly first: boolean;
  /** `first`: the answer is now the thing itself, now an array with it. */
  readonly either?: true;
  readonly alias: TypeAlias;
}

export interface ListModel {
  /** Path of the array in the body; empty when the body is the array. */
  readonly items: readonly string[];
  /** Where else the array may be, as paths of the YAML: the first that holds one counts. */
  readonly places?: readonly string[];
  /** One item; flattened when it is a JSON:API resource. */
  readonly item: Schema;
  readonly flat: boolean;
  readonly alias: TypeAlias;
  readonly pages?: PagesModel;
}

export type PagesModel = {
  readonly size?: { readonly name: string; readonly value: number };
  readonly total?: readonly string[];
  /** Of the names here, those that are fields of the body; the others are query parameters. */
  readonly inBody?: readonly string[];
} & (
  | { readonly kind: "number"; readonly first: 0 | 1; readonly page: string; readonly more: MoreModel }
  /** By how many items to leave out; without `more` the vendor's own count says whether there are more. */
  | { readonly kind: "offset"; readonly first: 0 | 1; readonly page: string; readonly more?: MoreModel }
  /** The answer names what the next page is asked for with. */
  | { readonly kind: "cursor"; readonly parameter: string; readonly schema: Schema; readonly more: readonly string[] }
  | { readonly kind: "nextUrl"; readonly more: readonly string[] | "link" }
  | {
      readonly kind: "searchAfter" | "idCursor";
      /** Absent when `filter` says what comes next. */
      readonly parameter?: string;
      /** The body's tree filter, which asks for greater values of `field`. */
      readonly filter?: string;
      readonly schema: Schema;
      readonly field: readonly string[];
      /** Without it, reading goes on until a page is empty. */
      readonly more?: MoreModel;
    }
);

export type MoreModel =
  | { readonly kind: "path"; readonly path: readonly string[] }
  | { readonly kind: "fullPage" }
  | { readonly kind: "link" }
  | { readonly kind: "less"; readonly page: readonly string[]; readonly pages: readonly string[] };

/** A type that client.ts exports: its name, and the TypeScript that names it in types.ts. */
export interface TypeAlias {
  readonly name: string;
  readonly type: string;
}
