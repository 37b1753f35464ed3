/** oidc-provider ships no types; these are the parts the gateway touches. */
declare module "oidc-provider" {
  import type { EventEmitter } from "node:events";
  import type { IncomingMessage, ServerResponse } from "node:http";

  export type Metadata = Record<string, unknown>;

  export interface Client {
    readonly clientId: string;
    readonly clientName?: string;
    readonly clientAuthMethod: string;
    readonly redirectUris: readonly string[];
    readonly gateway_kind?: string;
    readonly gateway_org?: string;
    grantTypeAllowed(type: string): boolean;
  }

  export interface Grant {
    jti: string;
    accountId: string;
    clientId: string;
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    rejectResourceScope(resource: string, scope: string): void;
    save(): Promise<string>;
  }

  export interface Token {
    readonly kind: string;
    readonly grantId?: string;
    readonly clientId: string;
    readonly accountId?: string;
  }

  /** What the pages have answered so far in one authorization. */
  export interface InteractionResult {
    login?: { accountId: string; ts?: number; remember?: boolean };
    context?: { userId: string; orgId: string };
    connect?: { done: true };
    consent?: { grantId?: string };
    /** When the first authorize request came, in ms; ours. */
    began?: number;
    error?: string;
    error_description?: string;
  }

  export interface Interaction {
    readonly uid: string;
    readonly iat: number;
    readonly prompt: { readonly name: string; readonly details: Record<string, unknown> };
    readonly params: Readonly<Record<string, unknown>>;
    readonly session?: { readonly accountId?: string };
    readonly returnTo: string;
    readonly result?: InteractionResult;
    readonly lastSubmission?: InteractionResult;
  }

  export interface OidcRequest {
    readonly route: string;
    readonly provider: Provider;
    readonly params: Record<string, unknown>;
    readonly client?: Client;
    readonly account?: { accountId: string };
    readonly session: { readonly accountId?: string };
    readonly result?: InteractionResult;
    readonly entities: { readonly AccessToken?: Token; readonly AuthorizationCode?: Token };
  }

  export interface Context {
    readonly req: IncomingMessage;
    readonly res: ServerResponse;
    readonly path: string;
    readonly method: string;
    readonly ip: string;
    readonly host: string;
    query: Record<string, string | string[] | undefined>;
    status: number;
    type: string;
    body: unknown;
    readonly oidc: OidcRequest;
    readonly response: { get(name: string): string };
    redirect(url: string): void;
    set(name: string, value: string): void;
    remove(name: string): void;
  }

  export interface Adapter {
    upsert(id: string, payload: Metadata, expiresIn?: number): Promise<void>;
    find(id: string): Promise<Metadata | undefined>;
    findByUid(uid: string): Promise<Metadata | undefined>;
    findByUserCode(code: string): Promise<undefined>;
    consume(id: string): Promise<void>;
    destroy(id: string): Promise<void>;
    revokeByGrantId(grantId: string): Promise<void>;
  }

  export class Provider extends EventEmitter {
    constructor(issuer: string, configuration: Record<string, unknown>);
    /** The request that is being answered, wherever in the call it is asked. */
    static readonly ctx: Context | undefined;
    readonly issuer: string;
    proxy: boolean;
    readonly Grant: {
      new (values: { accountId: string; clientId: string }): Grant;
      find(id: string): Promise<Grant | undefined>;
    };
    readonly Client: { find(id: string): Promise<Client | undefined> };
    use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): this;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    on(event: string, listener: (...values: never[]) => void): this;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
    interactionResult(
      request: IncomingMessage,
      response: ServerResponse,
      result: InteractionResult,
      options?: { mergeWithLastSubmission?: boolean },
    ): Promise<string>;
  }

  export namespace interactionPolicy {
    class Check {
      constructor(
        reason: string,
        description: string,
        error: string,
        check: (context: Context) => boolean | Promise<boolean>,
      );
    }
    class Prompt {
      constructor(info: { name: string; requestable?: boolean }, ...checks: Check[]);
      readonly name: string;
      readonly checks: Check[] & { add(check: Check, index?: number): void };
    }
    function base(): Prompt[] & { get(name: string): Prompt; add(prompt: Prompt, index?: number): void };
  }

  class ProviderError extends Error {
    constructor(description?: string, detail?: string);
    readonly error: string;
    error_description?: string;
    error_detail?: string;
    readonly statusCode: number;
  }
  export const errors: Record<
    "AccessDenied" | "InvalidClient" | "InvalidGrant" | "InvalidScope" | "InvalidTarget" | "SessionNotFound",
    typeof ProviderError
  > & { InvalidClientMetadata: typeof ProviderError };

  export default Provider;
}
