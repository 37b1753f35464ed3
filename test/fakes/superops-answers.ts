import { GraphQLError } from "graphql";
import { HttpResponse } from "msw";
import type { Fake } from "./fake.ts";
import type { Misbehaviour } from "./trouble.ts";
import type { SuperopsWorld } from "./world-superops.ts";

/** What a field of Query or Mutation answers to its one argument. */
export type Resolve = (input: never, superops: SuperopsWorld, fake: Fake) => unknown;

// Node knows rawJSON; TypeScript's library does not yet.
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): unknown };

/** Under 200 whatever happened, big integers as bare numbers, as the vendor writes them. */
export const answered = (body: object) =>
  new HttpResponse(
    JSON.stringify(body, (_, value) => (typeof value === "bigint" ? rawJSON(String(value)) : value)),
    { headers: { "content-type": "application/json" } },
  );

/** A refusal as the vendor puts it: in the extensions of an error. */
export const clientError = (code: string, param: object = {}, message = "") =>
  new GraphQLError(message, { extensions: { clientError: [{ code, param }] } });

/** The same for a whole request, to hand to `trouble.next`. */
export const refusedWith =
  (code: string, message: string | null = null): Misbehaviour =>
  ({ exchange }) =>
    answered({
      data: { [exchange.template]: null },
      errors: [{ message, path: [exchange.template], extensions: { clientError: [{ code, param: {} }] } }],
    });
