import type { CustomerListModel } from "./customer.ts";
import type { LabelModel } from "./label.ts";
import type { OpenApi } from "./openapi.ts";
import type { OperationModel } from "./operation.ts";
import type { StepModel } from "./step.ts";
import type { ToolModel } from "./tool.ts";

/** Everything that is printed for one vendor: plain data, all names resolved. */
export interface VendorModel {
  readonly slug: string;
  readonly prefix: string;
  readonly title: string;
  readonly homepage?: string;
  readonly notes: readonly string[];
  /** As in the YAML, for the header of the client. */
  readonly spec: { readonly file: string; readonly title: string; readonly version: string };
  /** File and line of the document, for problems that no tool is to blame for. */
  readonly where: string;
  readonly baseUrl: Template;
  readonly origins: readonly Template[];
  readonly credentials: CredentialsModel;
  readonly auth: AuthModel;
  readonly discover?: DiscoverModel;
  /** `by: database`: what tells one from another, when it is not the base address. */
  readonly database?: Template;
  /** Absent when nothing can be asked that would test keys. */
  readonly verify?: OperationModel;
  /** How client companies are listed; absent where people cannot be limited to some. */
  readonly customers?: CustomerListModel;
  readonly limits: LimitsModel;
  /** A path, or the whole of what the runtime calls a refusal. */
  readonly refusal?: string | RefusalModel;
  readonly errors?: MeaningsModel;
  readonly accept?: string;
  readonly media?: string;
  readonly secrets: readonly string[];
  /** Only what tools or `verify` use, in the order of the YAML. */
  readonly operations: readonly OperationModel[];
  /** Only what tools use, in the order of the YAML. */
  readonly labels: readonly LabelModel[];
  readonly tools: readonly ToolModel[];
  /** Steps of tools across vendors that ask this one. */
  readonly lent: readonly StepModel[];
  /** The vendor's description, cut to `operations`. */
  readonly document: OpenApi;
}

/** The tools that everybody gets, and those that are off until somebody switches them on. */
export const coreOf = ({ tools }: Pick<VendorModel, "tools">) => tools.filter(({ extended }) => !extended);
export const extendedOf = ({ tools }: Pick<VendorModel, "tools">) => tools.filter(({ extended }) => extended);

/** Text with credentials in it: `https://{platform}-api.example.com` is two texts around a credential. */
export type Template = readonly (string | CredentialPart | { readonly discovered: string })[];

export interface CredentialPart {
  readonly credential: string;
  /** What `hosts` says for its value. */
  readonly host: boolean;
  /** A value that `hosts` does not list stands for itself. */
  readonly orItself?: boolean;
  /** It may be empty here; then the whole text is. */
  readonly optional?: boolean;
}

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
  /** Of what is typed, the first group is kept. */
  readonly match?: string;
  readonly kind?: "host";
  /** Of a host: the usual ones. */
  readonly suggestions?: readonly { readonly value: string; readonly label: string }[];
}

export type Named = readonly (readonly [name: string, value: Template])[];

export type SchemeModel =
  | { readonly kind: "headers"; readonly headers: Named }
  | { readonly kind: "query"; readonly params: Named; readonly headers: Named }
  | { readonly kind: "bearer"; readonly token: Template; readonly headers: Named }
  | { readonly kind: "basic"; readonly username: Template; readonly password: Template; readonly headers: Named }
  | {
      readonly kind: "passwordGrant";
      readonly tokenUrl: Template;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly username: Template;
      readonly password: Template;
      readonly lifetimeMs?: number;
    }
  | {
      readonly kind: "loginToken";
      /** Behind the base address. */
      readonly path: string;
      readonly body: Named;
      /** Paths in the answer. */
      readonly token: string;
      readonly expires?: string;
      readonly lifetimeMs?: number;
      readonly headers: Named;
      readonly refuse?: { readonly when: Readonly<Record<string, unknown>>; readonly say: string };
    }
  | {
      readonly kind: "clientCredentials";
      readonly tokenUrl: Template;
      readonly clientId: Template;
      readonly clientSecret: Template;
      readonly scopes: readonly string[];
      readonly params: Named;
      readonly lifetimeMs?: number;
      readonly headers: Named;
    }
  | OAuthCodeModel;

export interface OAuthCodeModel {
  readonly kind: "oauthCode";
  readonly authorizeUrl: Template;
  readonly tokenUrl: Template;
  readonly clientId: Template;
  readonly clientSecret?: Template;
  readonly scopes: readonly string[];
  readonly params: Named;
  readonly pkce: boolean;
  readonly headers: Named;
}

export type AuthModel =
  | SchemeModel
  | {
      readonly kind: "choose";
      readonly cases: readonly { readonly credential: string; readonly scheme: SchemeModel }[];
      readonly else: SchemeModel;
    };

/** What is asked once per connection to learn where the account lives. */
export interface DiscoverModel {
  readonly url: Template;
  readonly origin: Template;
  readonly take: readonly { readonly name: string; readonly path: string; readonly match: string }[];
}

export interface MeaningsModel {
  readonly code?: string;
  readonly means: Readonly<Record<string, number>>;
}

export interface RefusalModel {
  readonly paths: readonly string[];
  readonly under?: readonly number[];
}

export interface LimitsModel {
  readonly reads?: Budget;
  readonly writes?: Budget;
  readonly all?: Budget;
  readonly concurrency?: number;
  readonly concurrencyBy?: "entity";
  readonly by?: "account" | "address" | "database";
}

export interface Budget {
  readonly requests: number;
  readonly windowMs: number;
}
