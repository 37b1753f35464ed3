import type { OpenApi } from "./openapi.ts";
import type { OperationModel } from "./operation.ts";
import type { ToolModel } from "./tool.ts";

/** Everything that is printed for one vendor: plain data, all names resolved. */
export interface VendorModel {
  readonly slug: string;
  readonly prefix: string;
  readonly title: string;
  readonly homepage?: string;
  /** As in the YAML, for the header of the client. */
  readonly spec: { readonly file: string; readonly title: string; readonly version: string };
  /** File and line of the document, for problems that no tool is to blame for. */
  readonly where: string;
  readonly baseUrl: Template;
  readonly origins: readonly Template[];
  readonly credentials: CredentialsModel;
  readonly auth: AuthModel;
  readonly verify: OperationModel;
  readonly limits: LimitsModel;
  readonly refusal?: string;
  readonly accept?: string;
  readonly media?: string;
  readonly secrets: readonly string[];
  /** Only what tools or `verify` use, in the order of the YAML. */
  readonly operations: readonly OperationModel[];
  readonly tools: readonly ToolModel[];
  /** The vendor's description, cut to `operations`. */
  readonly document: OpenApi;
}

/** Text with credentials in it: `https://{platform}-api.example.com` is two texts around a credential. */
export type Template = readonly (string | { readonly credential: string; readonly host: boolean })[];

export interface CredentialsModel {
  readonly fields: readonly CredentialModel[];
  readonly help: string;
  readonly rights?: string;
  /** `{region.host}` in a template: what each value of the field stands for. */
  readonly hosts: readonly { readonly field: string; readonly byValue: Readonly<Record<string, string>> }[];
}

export interface CredentialModel {
  readonly name: string;
  readonly title: string;
  readonly about?: string;
  readonly secret: boolean;
  readonly optional: boolean;
  readonly enum?: readonly { readonly value: string; readonly label: string }[];
  readonly default?: string;
  readonly pattern?: string;
}

export type AuthModel =
  | {
      readonly kind: "passwordGrant";
      readonly tokenUrl: Template;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly username: Template;
      readonly password: Template;
      readonly lifetimeMs?: number;
    }
  | { readonly kind: "headers"; readonly headers: readonly (readonly [name: string, value: Template])[] };

export interface LimitsModel {
  readonly reads?: Budget;
  readonly writes?: Budget;
  readonly all?: Budget;
  readonly concurrency?: number;
}

export interface Budget {
  readonly requests: number;
  readonly windowMs: number;
}
