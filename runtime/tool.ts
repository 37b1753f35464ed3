import type { z } from "zod";
import type { Call } from "./call-context.ts";
import type { Access } from "./contract.ts";
import type { DataClass } from "./data-class.ts";

/** One tool, whatever its vendor: what the gateway lists, admits and runs. */
export interface Tool<Client = unknown> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly access: Access;
  readonly idempotent: boolean;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  /** The areas of work it belongs to: `tickets`, `devices`. Clients may ask for one. */
  readonly tags?: readonly string[];
  /** One operation of the vendor's as it is: off until an organisation switches such tools on. */
  readonly extended?: boolean;
  /**
   * For people who may see some customers only: all it asks for is kept to these, it concerns no customer, or it cannot be
   * bounded. A tool that does not say is refused to them.
   */
  readonly customers?: "bounded" | "shared" | "refused";
  /** Why it cannot be bounded. */
  readonly whyRefused?: string;
  /** A read whose answer may be some minutes old: for as long as the house keeps answers, or for so many seconds at most. */
  readonly cache?: true | number;
  /** Output properties that are lists of whole items: the size cap shortens these first. */
  readonly lists: readonly string[];
  /** Input properties that hold secrets: never logged, and blotted out wherever an answer repeats them. */
  readonly secrets?: readonly string[];
  /** Output paths (`device.lastUser`; lists are stepped through) whose value is hidden. */
  readonly redact?: readonly string[];
  /** Output paths whose values are of a class that an organisation may hide; of a reveal tool `secret` is what it is for. */
  readonly classes?: Partial<Readonly<Record<DataClass, readonly string[]>>>;
  /** Set when the whole answer is of a class. */
  readonly dataClass?: DataClass;
  /** What a person is asked before the call, `{name}` being an input: always, or when `when` says so of what `input` parsed. */
  readonly confirm?: { readonly ask: string; when?(input: unknown): boolean | undefined };
  /** How it is now what this call would change, by the names of its inputs, and what it is about, by other names: for the person who is asked, never for a model. */
  before?(input: unknown, client: Client, call: Call): Promise<Readonly<Record<string, unknown>>>;
  run(input: unknown, client: Client, call: Call): Promise<object>;
}

/**
 * What a tool may return for its output: vendors leave things out and answer null, so every property may be missing.
 * `callTool` drops what does not fit.
 */
export type Draft<Output> = Output extends readonly (infer Item)[]
  ? readonly Draft<Item>[] | null | undefined
  : Output extends object
    ? { readonly [Key in keyof Output]?: Draft<Output[Key]> | null | undefined } | null | undefined
    : Output | null | undefined;

export interface Definition<Client, Input extends z.ZodObject, Output extends z.ZodObject>
  extends Omit<Tool<Client>, "input" | "output" | "lists" | "confirm" | "before" | "run"> {
  readonly lists?: readonly string[];
  readonly input: Input;
  readonly output: Output;
  readonly confirm?: { readonly ask: string; when?(input: z.output<Input>): boolean | undefined };
  before?(input: z.output<Input>, client: Client, call: Call): Promise<Readonly<Record<string, unknown>>>;
  run(input: z.output<Input>, client: Client, call: Call): Promise<NonNullable<Draft<z.input<Output>>>>;
}

/** `toolFor<Client>()({ … })`: two steps, so that the client is named and the schemas are inferred. */
export const toolFor =
  <Client>() =>
  <Input extends z.ZodObject, Output extends z.ZodObject>(
    definition: Definition<Client, Input, Output>,
  ): Tool<Client> =>
    ({ lists: [], ...definition }) as Tool<Client>; // run's input is what `input` parses to: callTool sees to it
